CREATE TABLE named (a int CONSTRAINT mine NOT NULL, b int NOT NULL NO INHERIT, c int, d int CONSTRAINT named_too NOT NULL NO INHERIT,
  e int PRIMARY KEY, g int GENERATED ALWAYS AS (a * 2) STORED);
ALTER TABLE named ADD CONSTRAINT later NOT NULL c NOT VALID;
CREATE PUBLICATION of_all_columns FOR TABLE named WITH (publish_generated_columns = stored);
