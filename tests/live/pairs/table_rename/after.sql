DO $$ BEGIN ASSERT (SELECT count(*) FROM app.notes JOIN people ON people.id = user_id) IS NOT DISTINCT FROM 1; END $$;
