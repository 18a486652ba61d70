INSERT INTO things(id,n) VALUES (1,7);
