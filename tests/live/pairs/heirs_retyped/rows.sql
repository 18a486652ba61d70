INSERT INTO t (id, size) VALUES (1, 'open');
INSERT INTO h (id, size, b) VALUES (2, 'new', 3);
