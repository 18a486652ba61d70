INSERT INTO things(owner,old) VALUES (1,'a'); INSERT INTO others VALUES (1,1);
