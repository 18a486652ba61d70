DO $$ BEGIN
  ASSERT (SELECT count(*) FROM t JOIN pg_class k ON k.oid::int = t.id AND k.relname = t.c::text) = 2, 'made anew without need';
  ASSERT (SELECT (p).c = 'x' FROM by_call);
END $$;
