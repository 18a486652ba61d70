DO $$ BEGIN ASSERT (SELECT name FROM t) = 'b' AND (SELECT w FROM words) = 'c'; END $$;
