INSERT INTO t DEFAULT VALUES;
DO $$ BEGIN ASSERT nextval('early') = 1000 AND nextval('late') = 2001 AND nextval('down') = -50 AND (SELECT id FROM t) = 70; END $$;
