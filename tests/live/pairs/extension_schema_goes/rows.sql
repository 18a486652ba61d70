INSERT INTO notes VALUES (1, 'A@b');
