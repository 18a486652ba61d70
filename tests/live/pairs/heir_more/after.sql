DO $$ BEGIN
  ASSERT (SELECT a = 1 AND d = 2 AND b IS NULL FROM heir), 'the heir lost its row';
END $$;
