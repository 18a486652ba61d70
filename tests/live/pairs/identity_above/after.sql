DO $$ BEGIN
  ASSERT (SELECT array_agg(id ORDER BY z) FROM p) = '{10,15,20,25}' AND (SELECT array_agg(qid ORDER BY z) FROM q) = '{1,2}';
  ASSERT nextval('p_id_seq') = 30 AND nextval('q_numbers') = 3;
END $$;
