DO $$ BEGIN ASSERT (SELECT twice = 4 OR twice = 6 FROM stays), 'not computed'; END $$;
