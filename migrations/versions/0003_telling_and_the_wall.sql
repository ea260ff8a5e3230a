-- What must be told (outbox, due, events), what was answered (idempotency keys), who did what
-- (audit), and the second wall: row-level security and the grants of the application's role.
--
-- Expand only. The role `interpreters_app` owns nothing and cannot pass the wall.

SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

-- The order of writing: whoever waited for another's row writes after it, whatever their clocks
-- say. Not the order of the feed (a slow transaction took its number early): `events.place` is.
CREATE SEQUENCE outbox_written AS bigint;

-- Rows written by a use-case in its own transaction; a batch is one transaction's rows. Vacuumed
-- early: what waits is looked for at the old end of an index, over whatever is dead there.
CREATE TABLE outbox (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    batch_id uuid NOT NULL,
    position smallint NOT NULL,
    type text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    request_id uuid,
    booking_id uuid,
    offer_id uuid,
    institution_id uuid,
    interpreter_id uuid,
    state text,
    recorded_at timestamptz NOT NULL,
    written bigint NOT NULL DEFAULT nextval('outbox_written'),
    placed boolean NOT NULL,
    event_id uuid,
    done_at timestamptz,
    CONSTRAINT outbox_key PRIMARY KEY (network_id, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX outbox_not_placed ON outbox (network_id, written) WHERE NOT placed;
CREATE INDEX outbox_of_batch ON outbox (network_id, batch_id);

-- The clock: what is to be looked at, and when. Without content and without row-level security,
-- so that one read lists the work of all networks; the work itself enters its network.
CREATE TABLE due (
    network_id uuid NOT NULL,
    kind text NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT due_key PRIMARY KEY (network_id, kind, id),
    CONSTRAINT due_kind_is_known CHECK (kind IN ('outbox', 'ladder', 'offers', 'retention'))
);
CREATE INDEX due_by_time ON due (at);

-- The sequencer's counter: one row per network, locked while events get their places, so that
-- places rise strictly and a slow transaction is placed after what was already read.
CREATE TABLE event_places (
    network_id uuid NOT NULL,
    place bigint NOT NULL,
    placed_at timestamptz NOT NULL,
    CONSTRAINT event_places_key PRIMARY KEY (network_id),
    CONSTRAINT event_places_network_exists FOREIGN KEY (network_id) REFERENCES networks (network_id)
);

CREATE TABLE events (
    network_id uuid NOT NULL,
    place bigint NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    request_id uuid,
    booking_id uuid,
    offer_id uuid,
    institution_id uuid,
    interpreter_id uuid,
    state text,
    recorded_at timestamptz NOT NULL,
    placed_at timestamptz NOT NULL,
    CONSTRAINT events_key PRIMARY KEY (network_id, place),
    CONSTRAINT events_id_is_unique UNIQUE (network_id, id)
);
CREATE INDEX events_of_subject ON events (network_id, subject_kind, subject_id, place);
CREATE INDEX events_by_kind ON events (network_id, subject_kind, place);
CREATE INDEX events_by_time ON events (network_id, placed_at, place);
CREATE INDEX events_of_institution ON events (network_id, institution_id, place);
CREATE INDEX events_of_interpreter ON events (network_id, interpreter_id, place);

CREATE TABLE idempotency_keys (
    network_id uuid NOT NULL,
    key_id uuid NOT NULL,
    idempotency_key text NOT NULL,
    request_hash bytea NOT NULL,
    status smallint,
    answer bytea,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_key PRIMARY KEY (network_id, key_id, idempotency_key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (network_id, created_at);

CREATE TABLE audit (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    key_id uuid,
    role text,
    action text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid,
    CONSTRAINT audit_key PRIMARY KEY (network_id, id)
);
CREATE INDEX audit_of_subject ON audit (network_id, subject_id);

-- The wall. No sub-select in the policy, so that it can be distributed; statements name the
-- network as well, and the planner then checks this once.
DO $$
DECLARE
    tenant text;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'interpreters_app') THEN
        CREATE ROLE interpreters_app NOLOGIN;
    END IF;
    FOREACH tenant IN ARRAY ARRAY[
        'networks', 'institutions', 'sites', 'rooms', 'clients', 'interpreters',
        'interpreter_languages', 'credentials', 'availability', 'absences', 'supply', 'users',
        'keys', 'requests', 'request_seats', 'request_clients', 'offers', 'bookings',
        'usage_entries', 'outbox', 'event_places', 'events', 'idempotency_keys', 'audit'
    ] LOOP
        EXECUTE 'ALTER TABLE ' || quote_ident(tenant) || ' ENABLE ROW LEVEL SECURITY';
        EXECUTE 'CREATE POLICY ' || quote_ident(tenant || '_of_one_network') || ' ON '
            || quote_ident(tenant)
            || ' USING (network_id = nullif(current_setting(''app.network_id'', true), '''')::uuid)';
        EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON ' || quote_ident(tenant)
            || ' TO interpreters_app';
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE, DELETE ON due, network_names TO interpreters_app;
GRANT USAGE ON SEQUENCE outbox_written TO interpreters_app;
GRANT EXECUTE ON FUNCTION enter(uuid) TO interpreters_app;
GRANT SELECT ON alembic_version TO interpreters_app;

-- The ledger, the audit and the feed only grow.
REVOKE UPDATE, DELETE ON usage_entries, audit, events FROM interpreters_app;
