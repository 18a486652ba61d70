ALTER TABLE above DROP COLUMN twice;
ALTER TABLE goes ADD COLUMN twice bigint GENERATED ALWAYS AS ((price * 2)::bigint) STORED;
ALTER TABLE stays ADD COLUMN twice bigint GENERATED ALWAYS AS ((price * 2)::bigint) STORED;
ALTER TABLE above ADD COLUMN twice bigint GENERATED ALWAYS AS ((price * 2)::bigint) STORED;
INSERT INTO goes VALUES (1, 1.5);
INSERT INTO stays VALUES (2, 2.5);
