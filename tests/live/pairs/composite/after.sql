DO $$ BEGIN ASSERT (SELECT (a).road || (a).city FROM things) IS NOT DISTINCT FROM 'sc'; END $$;
