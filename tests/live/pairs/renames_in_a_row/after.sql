DO $$ BEGIN
 ASSERT (SELECT array_agg(y || z || m ORDER BY y) FROM second) = '{one1c,two2b}';
 ASSERT (SELECT id FROM three.plain) = 2 AND NOT EXISTS (SELECT FROM two.plain);
 ASSERT (SELECT f FROM third) = 'x';
END $$;
