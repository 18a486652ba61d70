DO $$ BEGIN ASSERT (SELECT mood = 'good' AND felt::text = 'fine' AND all_ = '{good,bad}' AND (day).mood = 'bad' FROM days); END $$;
