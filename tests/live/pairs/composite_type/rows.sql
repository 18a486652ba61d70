INSERT INTO things(id,a) VALUES (1, ROW('s',1));
