INSERT INTO things VALUES (1, 2.6, 'abcd');
