INSERT INTO events SELECT i, date '2025-01-01' + i, NULL FROM generate_series(1, 3) i;
INSERT INTO events SELECT i, date '2026-01-01' + i, 'k' FROM generate_series(1, 3) i;
