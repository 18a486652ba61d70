INSERT INTO l VALUES (1, 'a'), (2, NULL);
INSERT INTO l_rest VALUES (3, 'c');
INSERT INTO r VALUES (1, '2021-01-01'), (100, '2020-01-01'), (300, '2020-01-01'), (8, '2022-01-01');
INSERT INTO h1 SELECT n, md5(n::text)::uuid FROM generate_series(1, 20) n;
DELETE FROM h1 WHERE NOT satisfies_hash_partition('h'::regclass, 2, 1, b, a);
