INSERT INTO users VALUES (1,2,'c'); INSERT INTO posts VALUES (1,1,'c');
