INSERT INTO users(name) VALUES ('a'); INSERT INTO posts(user_id) VALUES (1);
