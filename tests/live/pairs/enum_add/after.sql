DO $$ BEGIN ASSERT (SELECT m > 'great' FROM things) IS NOT DISTINCT FROM true; END $$;
