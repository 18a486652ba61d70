INSERT INTO things VALUES (1, 'good', '{good,bad}');
