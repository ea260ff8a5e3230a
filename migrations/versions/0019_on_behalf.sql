-- Requests are found by whom they were made for, by their channel, and by their parties. All of it
-- stands sealed in `details`; these columns are what a statement may ask for.
--
-- Expand only; the running release bears it. Writing waits for the moment in which the indexes,
-- over few rows, are made.
-- squawk-ignore-file require-concurrent-index-creation

SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

-- `receiving_id`: the institution it was asked on behalf of. `party_ids`: those who must not meet,
-- as clients; null is not known, of requests that were stored before.
ALTER TABLE requests ADD COLUMN receiving_id uuid;
ALTER TABLE requests ADD COLUMN channel text;
ALTER TABLE requests ADD COLUMN party_ids uuid[];
CREATE INDEX requests_received ON requests (network_id, receiving_id, id)
    WHERE receiving_id IS NOT NULL;
CREATE INDEX requests_with_parties ON requests (network_id, institution_id, id)
    WHERE party_ids IS NULL OR party_ids <> '{}';

-- Whom an event of a request or booking concerns besides.
ALTER TABLE events ADD COLUMN receiving_id uuid;
CREATE INDEX events_received ON events (network_id, receiving_id, place)
    WHERE receiving_id IS NOT NULL;
