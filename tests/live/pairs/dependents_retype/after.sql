DO $$ BEGIN ASSERT (SELECT sum(more) FROM notes) = 66 AND (SELECT count(*) FROM large) = 1; END $$;
