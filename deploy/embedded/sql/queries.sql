-- Asked of the database `postgres` of a cluster of our own.

-- name: database_exists
select exists (select from pg_database where datname = 'lagesbild')

-- name: create_database
create database lagesbild
