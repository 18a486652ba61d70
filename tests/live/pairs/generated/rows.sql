INSERT INTO things(id,a,d) VALUES (1,5,6);
