DO $$ BEGIN ASSERT (SELECT a = 1 AND b = 1 AND c = 3 AND d = 'x' FROM low), 'its row is not what it was'; END $$;
