INSERT INTO things(id,d,p) VALUES (1,'good',ROW('bad',2));
