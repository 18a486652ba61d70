INSERT INTO marks (id, mark) VALUES (2, 8);
DO $$ BEGIN ASSERT (SELECT sum(grade) FROM marks) = 4 AND (SELECT sum(level) FROM marks) = 17; END $$;
