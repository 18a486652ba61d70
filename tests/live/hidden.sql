-- what pg_catalog has too: types, collations, relations, functions, operators and classes, and who speaks of which
CREATE SCHEMA app;
CREATE DOMAIN public.text AS pg_catalog.varchar CHECK (value <> 'x');
CREATE DOMAIN public.int4 AS pg_catalog.int8;
CREATE TYPE public.date AS ENUM ('a', 'b');
CREATE TYPE public."char" AS (a pg_catalog.int4);
CREATE TYPE public.timestamptz AS (a pg_catalog.int4);
CREATE TYPE public.uuid AS ENUM ('u');
CREATE TYPE public.bool AS ENUM ('t','f','x');
CREATE COLLATION public."C" (locale = 'POSIX');
CREATE COLLATION public."default" (locale = 'C');
CREATE COLLATION app."C" (locale = 'POSIX');
CREATE TABLE public.pg_class (oid pg_catalog.int4 PRIMARY KEY, relname pg_catalog.text);
CREATE TABLE public.pg_roles (rolname pg_catalog.text PRIMARY KEY);
CREATE VIEW public.pg_attribute AS SELECT 1 AS attrelid;
CREATE TABLE app.pg_type (id pg_catalog.int4 PRIMARY KEY);
CREATE FUNCTION public.now() RETURNS pg_catalog.timestamptz LANGUAGE sql AS 'SELECT NULL::pg_catalog.timestamptz';
CREATE FUNCTION public.lower(pg_catalog.text) RETURNS pg_catalog.text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION public.count(pg_catalog.int4) RETURNS pg_catalog.int4 LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION public.format_type(pg_catalog.oid, pg_catalog.int4) RETURNS pg_catalog.text LANGUAGE sql IMMUTABLE AS 'SELECT NULL::pg_catalog.text';
CREATE FUNCTION public.pg_get_expr(pg_node_tree, pg_catalog.oid) RETURNS pg_catalog.text LANGUAGE sql IMMUTABLE AS 'SELECT NULL::pg_catalog.text';
CREATE FUNCTION public.quote_ident(pg_catalog.text) RETURNS pg_catalog.text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION public.nextval(pg_catalog.regclass) RETURNS pg_catalog.int8 LANGUAGE sql AS 'SELECT 1::pg_catalog.int8';
CREATE FUNCTION public.eq(pg_catalog.int4, pg_catalog.int4) RETURNS pg_catalog.bool LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE OPERATOR public.= (LEFTARG = pg_catalog.int4, RIGHTARG = pg_catalog.int4, FUNCTION = public.eq);
CREATE OPERATOR public.> (LEFTARG = pg_catalog.int4, RIGHTARG = pg_catalog.int4, FUNCTION = public.eq);
CREATE AGGREGATE public.max (pg_catalog.int4) (SFUNC = pg_catalog.int4larger, STYPE = pg_catalog.int4);
CREATE OPERATOR CLASS public.int4_ops FOR TYPE pg_catalog.int4 USING btree AS
  OPERATOR 1 pg_catalog.<, OPERATOR 2 pg_catalog.<=, OPERATOR 3 pg_catalog.=, OPERATOR 4 pg_catalog.>=, OPERATOR 5 pg_catalog.>, FUNCTION 1 pg_catalog.btint4cmp(pg_catalog.int4, pg_catalog.int4);
CREATE TEXT SEARCH CONFIGURATION public.english (COPY = pg_catalog.english);
CREATE SEQUENCE public.s;
CREATE TABLE public.t (
  id pg_catalog.int4 PRIMARY KEY CHECK (id OPERATOR(pg_catalog.>) 0),
  mine public.int4 CHECK (mine OPERATOR(pg_catalog.>) 0),
  a pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT pg_catalog.lower('X'),
  b public.text COLLATE public."C" DEFAULT public.lower('X'),
  c pg_catalog.date DEFAULT '2020-01-01'::pg_catalog.date,
  d public.date DEFAULT 'a'::public.date,
  e pg_catalog.timestamptz DEFAULT pg_catalog.now(),
  f pg_catalog.timestamptz DEFAULT public.now(),
  g public.timestamptz,
  h pg_catalog.uuid DEFAULT pg_catalog.gen_random_uuid(),
  i public.uuid[],
  j pg_catalog."char" DEFAULT 'x',
  k public."char",
  l pg_catalog.bool DEFAULT true,
  m public.bool DEFAULT 't',
  n pg_catalog.text COLLATE "default",
  o pg_catalog.text COLLATE public."default",
  p pg_catalog.text COLLATE app."C",
  q pg_catalog.int8 DEFAULT pg_catalog.nextval('public.s'::pg_catalog.regclass),
  CHECK (id OPERATOR(public.>) 5), CHECK (pg_catalog.lower(a) OPERATOR(pg_catalog.<>) public.lower(a)),
  EXCLUDE USING btree (id WITH OPERATOR(pg_catalog.=))
);
CREATE INDEX t_ops ON public.t (id public.int4_ops, (pg_catalog.lower(a)) COLLATE public."C", (public.lower(a)) COLLATE pg_catalog."C") WHERE id OPERATOR(public.=) 1;
CREATE INDEX t_ops2 ON public.t (id pg_catalog.int4_ops, a COLLATE public."C") WHERE id OPERATOR(pg_catalog.=) 1;
CREATE INDEX t_ts ON public.t USING gin (pg_catalog.to_tsvector('public.english'::pg_catalog.regconfig, a), pg_catalog.to_tsvector('pg_catalog.english'::pg_catalog.regconfig, a));
CREATE VIEW public.v AS SELECT id, id::pg_catalog.text AS x, id::public.text AS y, pg_catalog.now() AS n1, public.now() AS n2, pg_catalog.max(id) AS m1, public.max(id) AS m2
  FROM public.t WHERE id OPERATOR(public.=) 1 AND id OPERATOR(pg_catalog.=) 2 AND c OPERATOR(pg_catalog.=) '2020-01-01'::pg_catalog.date AND d OPERATOR(pg_catalog.=) 'a'::public.date GROUP BY id;
CREATE VIEW app.catalogs AS SELECT c.relname, p.relname AS p FROM pg_catalog.pg_class c, public.pg_class p, public.pg_attribute;
CREATE FUNCTION public.f(pg_catalog.text, public.text, pg_catalog.int4, public.int4, pg_catalog.date DEFAULT pg_catalog.now()::pg_catalog.date) RETURNS public.timestamptz LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION public.f(public.text, pg_catalog.text) RETURNS TABLE (a pg_catalog.int4, b public.int4) LANGUAGE sql AS 'SELECT 1, 1::public.int4';
CREATE FUNCTION app.trg() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER tr BEFORE UPDATE ON public.t FOR EACH ROW WHEN (NEW.id OPERATOR(public.=) OLD.id AND NEW.a OPERATOR(pg_catalog.=) OLD.a) EXECUTE FUNCTION app.trg();
ALTER TABLE public.t ENABLE ROW LEVEL SECURITY;
CREATE POLICY po ON public.t USING (id OPERATOR(public.=) 1 AND pg_catalog.lower(a) OPERATOR(pg_catalog.=) public.lower(a)) WITH CHECK (id OPERATOR(pg_catalog.=) 1);
CREATE CAST (public.text AS public.date) WITH INOUT;
CREATE TABLE public.parted (id pg_catalog.int4, a pg_catalog.text) PARTITION BY RANGE (id public.int4_ops, pg_catalog.lower(a));
CREATE TABLE public.part1 PARTITION OF public.parted FOR VALUES FROM (1, 'a') TO (2, 'b');
CREATE STATISTICS public.st ON id, (pg_catalog.lower(a)), (public.lower(a)) FROM public.t;
CREATE TYPE public.comp AS (a pg_catalog.text COLLATE public."C", b public.text[], c pg_catalog.int4);
CREATE TYPE app.rng AS RANGE (SUBTYPE = pg_catalog.int4, SUBTYPE_OPCLASS = public.int4_ops);
CREATE DOMAIN public.dom AS pg_catalog.int4 CHECK (value OPERATOR(public.>) 0) CHECK (value OPERATOR(pg_catalog.>) 0);
CREATE MATERIALIZED VIEW public.mv AS SELECT pg_catalog.lower(a) AS a, public.lower(a) AS b FROM public.t;
GRANT SELECT ON public.pg_class TO public;
CREATE DOMAIN public.dom2 AS pg_catalog.text COLLATE pg_catalog."C" CHECK (pg_catalog.lower(value) OPERATOR(pg_catalog.<>) 'x');
CREATE VIEW public.dv AS SELECT id, e FROM public.t;
ALTER VIEW public.dv ALTER COLUMN e SET DEFAULT pg_catalog.now();
CREATE OPERATOR CLASS public.text_pattern_ops FOR TYPE pg_catalog.text USING btree AS
  OPERATOR 1 pg_catalog.~<~, OPERATOR 3 pg_catalog.=, FUNCTION 1 pg_catalog.bttext_pattern_cmp(pg_catalog.text, pg_catalog.text);
CREATE INDEX t_pat ON public.t (a public.text_pattern_ops);
CREATE INDEX t_pat2 ON public.t (a pg_catalog.text_pattern_ops);
CREATE TABLE public.rel (id pg_catalog.int4 PRIMARY KEY, c pg_catalog.oid DEFAULT 'pg_catalog.pg_class'::pg_catalog.regclass, d pg_catalog.oid DEFAULT 'public.pg_class'::pg_catalog.regclass);
CREATE VIEW public.cte AS WITH pg_class AS (SELECT 1 AS one) SELECT one FROM pg_class;
