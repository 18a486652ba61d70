DO $$
BEGIN
  ASSERT (SELECT count(*) FROM events_1) = 1;
  ASSERT (SELECT array_agg(id ORDER BY id) FROM events) = '{2,3}';
  DELETE FROM events WHERE more = 1;
END
$$;
