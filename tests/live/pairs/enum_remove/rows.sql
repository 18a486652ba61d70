INSERT INTO things(id,d,l,p) VALUES (1,'good','good',ROW('bad',2));
