INSERT INTO things VALUES (1,'x',2,'abc',3.25,'2020-01-01 00:00','11');
