INSERT INTO t SELECT g, g, g::text, gen_random_uuid(), now(), 'sad', 1, '{1}', '{}' FROM generate_series(1, 3) g;
