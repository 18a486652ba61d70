INSERT INTO notes VALUES (1, 'A@b', 'a=>1', '{x}', 'some');
