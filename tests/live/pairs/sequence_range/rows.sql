SELECT setval('late', 2000);
SELECT nextval('early');
