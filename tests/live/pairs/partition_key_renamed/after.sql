DO $$ BEGIN
  ASSERT (SELECT number = 1 AND title = 'a' AND "of it" = 'b' FROM parted);
  ASSERT (SELECT number = 1 AND title = 'a' FROM plain);
END $$;
