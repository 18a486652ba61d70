DO $$ BEGIN
  ASSERT (SELECT count(*) FROM t WHERE b IS NULL AND c = 1 AND d = a * 4) = 2;
END $$;
