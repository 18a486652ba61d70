DO $$ BEGIN ASSERT (SELECT kept = 'kept' FROM leaves), 'its value is gone'; END $$;
