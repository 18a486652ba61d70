INSERT INTO app.things (kind) VALUES ('a');
