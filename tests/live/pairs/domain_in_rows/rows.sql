INSERT INTO t VALUES (1, 'x');
INSERT INTO t SELECT oid::int, relname FROM pg_class WHERE relname IN ('stays', 'by_plain');
REFRESH MATERIALIZED VIEW of_view_call;
