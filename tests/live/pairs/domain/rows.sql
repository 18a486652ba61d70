INSERT INTO things VALUES (1,'xy@zz',4);
