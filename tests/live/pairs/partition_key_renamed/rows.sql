INSERT INTO parted VALUES (1, 'a', 'b');
INSERT INTO plain VALUES (1, 'a');
