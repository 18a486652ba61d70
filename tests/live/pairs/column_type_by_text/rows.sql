INSERT INTO things (id, g, h) VALUES (1, 7, '{2020-01-02,2021-01-01}'), (2, NULL, NULL);
