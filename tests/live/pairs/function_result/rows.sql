INSERT INTO marks (id, mark) VALUES (1, 7);
