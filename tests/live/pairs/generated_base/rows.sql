INSERT INTO things(id,a) VALUES (1,5);
