DO $$ BEGIN ASSERT (SELECT count(*) = 0 FROM parted); END $$;
