DO $$ BEGIN ASSERT (SELECT kept = 'x' AND two IS NULL FROM b); END $$;
