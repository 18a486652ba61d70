INSERT INTO things VALUES (1, ROW('s',1,'c'));
