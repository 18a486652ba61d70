INSERT INTO things(id,b) VALUES (1,'b');
