INSERT INTO refs SELECT generate_series(1, 20);
INSERT INTO events SELECT i, date '2025-01-01' + 30 * i, CASE WHEN i % 2 = 0 THEN 'k' || i END, i FROM generate_series(1, 20) i;
INSERT INTO parent SELECT i, NULL FROM generate_series(1, 10) i;
INSERT INTO child SELECT i, 'b', i FROM generate_series(1, 10) i;
