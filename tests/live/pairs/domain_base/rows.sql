INSERT INTO things VALUES (1, 5.25, 2, '{1,2}');
