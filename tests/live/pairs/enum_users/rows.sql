INSERT INTO days VALUES (1, 'good', 'fine', '{good,bad}', row(now(), 'bad'));
