INSERT INTO "left" VALUES (1, 2.5, 'left');
INSERT INTO kept VALUES (2, 3.5, 'kept', 4);
INSERT INTO below VALUES (3, 4.5, 'below');
