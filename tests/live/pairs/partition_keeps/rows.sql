INSERT INTO whole VALUES (1, 'kept');
