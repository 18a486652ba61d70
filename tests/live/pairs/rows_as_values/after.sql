DO $$ BEGIN ASSERT (SELECT kept = 'x' AND two IS NULL FROM b); END $$;
DO $$ BEGIN ASSERT (SELECT (held).id = 7 AND (held).y IS NULL FROM e); END $$;
