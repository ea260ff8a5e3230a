-- An offer keeps which version of the ladder it was made by: the institution's own, where it had
-- one, else the network's.
--
-- Expand only; the running release bears it (null: from before that was kept).

SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

ALTER TABLE offers ADD COLUMN ladder_version integer;
