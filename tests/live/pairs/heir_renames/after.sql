DO $$ BEGIN
ASSERT (SELECT array_agg(x::text) FROM (SELECT id, price, note FROM "left") x) = '{"(1,2.50,left)"}';
ASSERT (SELECT array_agg(x::text ORDER BY id) FROM (SELECT id, cost, remark FROM a) x) = '{"(2,3.50,kept)","(3,4.50,below)"}';
END $$;
