INSERT INTO two.plain VALUES (2);
INSERT INTO below (id, x, y, m) VALUES (1, 'one', 1, 'c'); INSERT INTO first VALUES (1, 'two', 2, 'b'); INSERT INTO second VALUES (1, 1, 'x');
