INSERT INTO t VALUES (1, 'lost', 'one'), (2, 'new', 'two');
