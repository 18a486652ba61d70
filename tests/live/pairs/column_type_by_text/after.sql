DO $$ BEGIN
  ASSERT (SELECT g = '{7}' AND h = '2020-01-02' FROM things WHERE id = 1);
  ASSERT (SELECT g IS NULL AND h IS NULL FROM things WHERE id = 2);
END $$;
