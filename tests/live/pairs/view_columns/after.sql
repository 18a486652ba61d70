DO $$ BEGIN ASSERT (SELECT id FROM one()) = '1'; END $$;
