-- What an interpreter is owed for a month is found without reading the whole ledger.
--
-- Expand only; the running release bears it. Writing waits for the second or two in which a million
-- entries are looked through.
-- squawk-ignore-file require-concurrent-index-creation

SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

CREATE INDEX usage_entries_of_interpreter ON usage_entries (network_id, interpreter_id, booked_on);
