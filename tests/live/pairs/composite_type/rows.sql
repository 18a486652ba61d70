INSERT INTO things(id,a) VALUES (1, ROW('s',1)); INSERT INTO things(id,a) VALUES (2, ROW(NULL,NULL));
