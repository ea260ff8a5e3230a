-- Files of exports that took long, in parts, for a day; and a request's bookings by an index.
--
-- Expand only; the running release bears it. Writing waits for the second or two in which a million
-- bookings are looked through.
-- squawk-ignore-file require-concurrent-index-creation

SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

-- `content` is sealed: a part of the file, compressed. Each run of an operation writes its own; the
-- operation's result says which run made the file.
CREATE TABLE export_parts (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    operation_id uuid NOT NULL,
    run_id uuid NOT NULL,
    part integer NOT NULL,
    content bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT export_parts_key PRIMARY KEY (network_id, id),
    CONSTRAINT export_parts_part_is_one UNIQUE (network_id, run_id, part),
    CONSTRAINT export_parts_part_is_sane CHECK (part >= 0),
    CONSTRAINT export_parts_operation_exists FOREIGN KEY (network_id, operation_id)
        REFERENCES operations (network_id, id) ON DELETE CASCADE
);
CREATE INDEX export_parts_of_operation ON export_parts (network_id, operation_id);

-- What became of a request, in reports; and the few whose interpreter did not come.
CREATE INDEX bookings_of_request ON bookings (network_id, request_id);
CREATE INDEX bookings_missed ON bookings (network_id, starts_at)
    WHERE state = 'interpreter_no_show';

ALTER TABLE export_parts ENABLE ROW LEVEL SECURITY;
CREATE POLICY export_parts_of_one_network ON export_parts
    USING (network_id = nullif(current_setting('app.network_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON export_parts TO interpreters_app;
