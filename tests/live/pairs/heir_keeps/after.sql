DO $$ BEGIN ASSERT (SELECT string_agg(kept, ',' ORDER BY id) = 'keeps,below' FROM keeps) AND (SELECT kept = 'last' FROM last), 'values are gone'; END $$;
