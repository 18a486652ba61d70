DO $$ BEGIN
  ASSERT (SELECT string_agg(relname, ' ') FROM pg_class WHERE relkind = 'm' AND relispopulated) = 'filled';
END $$;
