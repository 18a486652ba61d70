DO $$ BEGIN ASSERT (SELECT count(*) FROM notes WHERE known('A@b'::b.citext) AND tags OPERATOR(b.->) 'a' = '1') IS NOT DISTINCT FROM 1; END $$;
