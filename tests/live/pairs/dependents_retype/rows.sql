INSERT INTO notes (id, size, text) VALUES (1, 3, 'a'), (2, 30, 'b');
