DO $$ BEGIN ASSERT (SELECT mail = 'a@B' FROM notes); END $$;
