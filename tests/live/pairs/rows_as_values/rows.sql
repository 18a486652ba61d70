INSERT INTO b VALUES (1, row(1, 2), row(ARRAY[row(1, 2)::a]), 'x'); INSERT INTO c VALUES (1, row(1, 2));
INSERT INTO e VALUES (1, row(7));
