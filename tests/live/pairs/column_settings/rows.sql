INSERT INTO things VALUES (1,'a','b','c',2,3,'f');
