CREATE SCHEMA app;
CREATE DOMAIN app.whole int CONSTRAINT pos CHECK (value > 0);
COMMENT ON CONSTRAINT pos ON DOMAIN app.whole IS 'posi''tive';
CREATE FOREIGN DATA WRAPPER files;
CREATE SERVER far FOREIGN DATA WRAPPER files OPTIONS (host 'h', password 'secret');
CREATE USER MAPPING FOR public SERVER far OPTIONS ("user" 'ann', password 'secret');
CREATE TABLE notes (id int PRIMARY KEY, body text);
CREATE VIEW shown AS SELECT id, body FROM notes;
COMMENT ON COLUMN shown.body IS E'the\nbody';
ALTER VIEW shown ALTER COLUMN id SET DEFAULT 3;
CREATE MATERIALIZED VIEW shown_columns AS SELECT id FROM notes;
COMMENT ON COLUMN shown_columns.id IS 'its id';
ALTER MATERIALIZED VIEW shown_columns ALTER COLUMN id SET STATISTICS 50, ALTER COLUMN id SET (n_distinct = -0.5);
CREATE FOREIGN TABLE app.films (
  id int NOT NULL,
  "Title" text OPTIONS (column_name 'it''s') COLLATE "C" DEFAULT 'none',
  CHECK (id > 0)
) SERVER far OPTIONS (path '/x');
COMMENT ON COLUMN app.films.id IS 'a number';
COMMENT ON FOREIGN TABLE app.films IS 'Films.';
CREATE ROLE "Film reader";
GRANT SELECT ON app.films TO "Film reader" WITH GRANT OPTION;
GRANT INSERT ON app.films TO public;
GRANT UPDATE ("Title") ON app.films TO "Film reader";
CREATE VIEW films AS SELECT * FROM app.films;

CREATE TABLE keyed (id int PRIMARY KEY);
COMMENT ON INDEX keyed_pkey IS 'Said of the index alone.';
CREATE SEQUENCE granted;
CREATE TABLE granting (id int DEFAULT nextval('granted'));
ALTER SEQUENCE granted OWNED BY granting.id;
GRANT USAGE ON SEQUENCE granted TO public;
CREATE TABLE standard (n information_schema.cardinal_number, s information_schema.sql_identifier[]);

-- a base type, and classes whose members are their family's
CREATE TYPE pair;
CREATE FUNCTION pair_in(cstring) RETURNS pair LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION pair_out(pair) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE pair (INPUT = pair_in, OUTPUT = pair_out, STORAGE = extended, CATEGORY = 'S', DEFAULT = 'a''b', DELIMITER = ';', COLLATABLE = true);
COMMENT ON TYPE pair IS 'two of them';
CREATE TYPE never_defined;
CREATE FUNCTION pair(text) RETURNS pair LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION pair_cmp(pair, pair) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS 'bttextcmp';
CREATE FUNCTION pair_same(pair, pair) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'texteq';
CREATE OPERATOR ==== (LEFTARG = pair, RIGHTARG = pair, FUNCTION = pair_same);
CREATE OPERATOR CLASS pair_ops DEFAULT FOR TYPE pair USING gin AS
  OPERATOR 1 ====, FUNCTION 1 pair_cmp(pair, pair), FUNCTION 2 pg_catalog.gin_extract_tsvector(tsvector, internal, internal),
  FUNCTION 3 pg_catalog.gin_extract_tsquery(tsvector, internal, int2, internal, internal, internal, internal),
  FUNCTION 4 pg_catalog.gin_tsquery_consistent(internal, int2, tsvector, int4, internal, internal, internal, internal);
CREATE TABLE pairs (id int PRIMARY KEY, one pair, more pair[]);

-- what stands on tables, and no item says
CREATE TYPE app.person AS (id int, name text);
CREATE TABLE app.persons OF app.person (PRIMARY KEY (id));
CREATE TABLE parted (id int, b int) PARTITION BY RANGE (id);
CREATE TABLE part1 PARTITION OF parted FOR VALUES FROM (1) TO (10);
CREATE TABLE part2 PARTITION OF parted FOR VALUES FROM (10) TO (20);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
CREATE TRIGGER noted AFTER INSERT ON parted FOR EACH ROW EXECUTE FUNCTION noted();
ALTER TABLE part1 DISABLE TRIGGER noted;
ALTER TABLE part2 ENABLE ALWAYS TRIGGER noted;
CREATE TABLE said (id int CHECK (id > 0), n int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE INDEX said_n ON said (n);
CREATE TRIGGER noted AFTER INSERT ON said FOR EACH ROW EXECUTE FUNCTION noted();
CREATE TABLE said1 PARTITION OF said FOR VALUES FROM (1) TO (10);
COMMENT ON COLUMN said1.n IS 'n'' here';
CREATE TABLE numbered (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
COMMENT ON SEQUENCE numbered_id_seq IS 'numbers';
COMMENT ON TYPE numbered IS 'its rows';
COMMENT ON CONSTRAINT said_id_check ON said1 IS 'the check here';
COMMENT ON CONSTRAINT said1_pkey ON said1 IS 'the key here';
COMMENT ON INDEX said1_pkey IS 'its index here';
COMMENT ON INDEX said1_n_idx IS 'the index here';
COMMENT ON TRIGGER noted ON said1 IS 'the trigger here';
CREATE TABLE forced (id int PRIMARY KEY, n int, m int);
ALTER TABLE forced FORCE ROW LEVEL SECURITY;
CREATE INDEX measured ON forced (id, (n + 1), (m * 2));
ALTER INDEX measured ALTER COLUMN 2 SET STATISTICS 300;
CREATE STATISTICS app.of_forced ON n, m FROM forced;
ALTER STATISTICS app.of_forced SET STATISTICS 77;
-- names that pg_catalog has too
CREATE FUNCTION now() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz';
CREATE FUNCTION lower(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE TABLE hidden (id int PRIMARY KEY, made timestamptz NOT NULL DEFAULT pg_catalog.now(), mine timestamptz NOT NULL DEFAULT public.now(),
  name text CHECK (pg_catalog.lower(name) <> public.lower('x')));
CREATE VIEW hiding AS SELECT pg_catalog.now() AS a, public.now() AS b, pg_catalog.lower(name) AS c FROM hidden;
