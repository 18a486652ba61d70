DO $$ BEGIN ASSERT (SELECT array_agg(size ORDER BY id) FROM t) = '{open,new}'; END $$;
TRUNCATE t;
