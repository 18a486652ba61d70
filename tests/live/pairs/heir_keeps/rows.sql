INSERT INTO keeps VALUES (1, 'keeps', 1);
INSERT INTO below VALUES (2, 'below', 1, 1);
INSERT INTO last VALUES (3, 'last', 1, 1);
INSERT INTO loses VALUES (4, 'loses', 1);
