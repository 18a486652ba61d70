INSERT INTO p VALUES (1, 1);
INSERT INTO h SELECT n, 1, 1 FROM generate_series(2, 4) n;
INSERT INTO q VALUES (1, 1), (2, 1);
