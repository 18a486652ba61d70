INSERT INTO things(id) VALUES (41);
