-- An offer may be about another time than the request's: one to which the request may be moved.
--
-- Expand only; the running release bears it (null: the request's own time).

SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

ALTER TABLE offers ADD COLUMN session tstzrange;
