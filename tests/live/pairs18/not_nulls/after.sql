DO $$ BEGIN
  ASSERT (SELECT (c, d, i) = (0, 4, 1) FROM t);
END $$;
