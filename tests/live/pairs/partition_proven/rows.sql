INSERT INTO kinds_rest VALUES ('z', 1);
INSERT INTO kinds_a VALUES ('a', 1), ('aa', 1), (NULL, 1);
INSERT INTO kinds_b VALUES ('b', 1);
INSERT INTO pairs_2 VALUES (1, 1, '2026-02-01'), (1, 6, now());
INSERT INTO pairs_3 VALUES (1, 7, '2026-02-01'), (9, 6, now());
