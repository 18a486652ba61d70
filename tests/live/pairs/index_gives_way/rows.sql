INSERT INTO people VALUES (1, 'fine', 'ann', 'bob');
