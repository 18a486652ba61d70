DO $$ BEGIN ASSERT (SELECT title = 2 FROM t), 'its row is not what it was'; END $$;
