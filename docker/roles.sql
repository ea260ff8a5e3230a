-- The two roles and what only a superuser may prepare; run by psql, may run again.
--
-- interpreters_owner owns the database and migrates; interpreters_app is who the processes connect
-- as: it owns nothing and may not pass row-level security. The passwords come from the environment.

\set ON_ERROR_STOP on
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD

SELECT 'CREATE ROLE interpreters_owner'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'interpreters_owner') \gexec
SELECT 'CREATE ROLE interpreters_app'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'interpreters_app') \gexec

ALTER ROLE interpreters_owner LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'owner_password';
ALTER ROLE interpreters_app LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'app_password';

ALTER DATABASE :"DBNAME" OWNER TO interpreters_owner;
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO interpreters_app;

CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
