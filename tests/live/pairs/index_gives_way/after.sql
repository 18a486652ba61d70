DO $$ BEGIN ASSERT (SELECT mood = $q$fine$q$ FROM people); END $$;
