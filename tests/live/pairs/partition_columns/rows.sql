INSERT INTO events VALUES (1, 'a', NULL, 5), (3, 'b', NULL, 6);
INSERT INTO parent VALUES (1, 'b');
INSERT INTO child VALUES (2, 'c', 3);
