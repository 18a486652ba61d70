CREATE TABLE named (a int CONSTRAINT mine NOT NULL, b int NOT NULL NO INHERIT, c int, d int CONSTRAINT named_too NOT NULL NO INHERIT,
  e int PRIMARY KEY, g int GENERATED ALWAYS AS (a * 2) STORED);
ALTER TABLE named ADD CONSTRAINT later NOT NULL c NOT VALID;
CREATE PUBLICATION of_all_columns FOR TABLE named WITH (publish_generated_columns = stored);
-- of one name, which Postgres numbers; of one that it cuts
CREATE TABLE a (b_c int NOT NULL, "long name that leaves no room for what comes behind it" int NOT NULL);
CREATE TABLE a_b (c int NOT NULL);
CREATE TABLE heir (own int CONSTRAINT owned NOT NULL) INHERITS (named);
