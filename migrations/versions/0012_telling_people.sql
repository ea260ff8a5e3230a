-- Browsers and calendars that are told; conflicts of interest, standby, rooms that are kept apart.
--
-- Expand only; the running release bears it. What is said to be sealed is encrypted by the
-- application.

SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

-- Sealed: the private key of the network's push messages; a calendar entry sent with a message.
ALTER TABLE networks ADD COLUMN push_key text;
ALTER TABLE messages ADD COLUMN attachment text;

-- When somebody whose offer was closed said that they would still do it: asked first next time.
ALTER TABLE offers ADD COLUMN standby_at timestamptz;

-- Minutes the interpreter is there before the session (part of what is blocked), and whether the
-- booking was given back after the network's deadline (null: it was not given back).
ALTER TABLE bookings ADD COLUMN briefing_minutes smallint DEFAULT 0 NOT NULL;
ALTER TABLE bookings ADD COLUMN given_back_late boolean;

-- A browser that shows notices; `subscription` (its address and keys) is sealed, `mark` finds it.
CREATE TABLE push_subscriptions (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    mark bytea NOT NULL,
    subscription text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT push_subscriptions_key PRIMARY KEY (network_id, id),
    CONSTRAINT push_subscriptions_browser_is_one UNIQUE (network_id, mark),
    CONSTRAINT push_subscriptions_user_exists FOREIGN KEY (network_id, user_id)
        REFERENCES users (network_id, id) ON DELETE CASCADE
);
CREATE INDEX push_subscriptions_of_user ON push_subscriptions (network_id, user_id);

-- A calendar somebody reads at a secret address.
CREATE TABLE calendar_links (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    interpreter_id uuid,
    institution_id uuid,
    token_hash bytea NOT NULL,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT calendar_links_key PRIMARY KEY (network_id, id),
    CONSTRAINT calendar_links_token_is_unique UNIQUE (network_id, token_hash),
    CONSTRAINT calendar_links_are_somebodys
        CHECK ((interpreter_id IS NULL) <> (institution_id IS NULL)),
    CONSTRAINT calendar_links_interpreter_exists FOREIGN KEY (network_id, interpreter_id)
        REFERENCES interpreters (network_id, id) ON DELETE CASCADE,
    CONSTRAINT calendar_links_institution_exists FOREIGN KEY (network_id, institution_id)
        REFERENCES institutions (network_id, id) ON DELETE CASCADE
);
CREATE INDEX calendar_links_of_interpreter ON calendar_links (network_id, interpreter_id);

-- A calendar of an interpreter's that we read (`url` is sealed); what it holds becomes absences.
CREATE TABLE external_calendars (
    network_id uuid NOT NULL,
    interpreter_id uuid NOT NULL,
    url text NOT NULL,
    etag text,
    read_at timestamptz,
    failing_since timestamptz,
    error text,
    created_at timestamptz NOT NULL,
    CONSTRAINT external_calendars_key PRIMARY KEY (network_id, interpreter_id),
    CONSTRAINT external_calendars_interpreter_exists FOREIGN KEY (network_id, interpreter_id)
        REFERENCES interpreters (network_id, id) ON DELETE CASCADE
);

-- Who said that they may not interpret for whom (they are related, were neighbours, took sides).
CREATE TABLE conflicts (
    network_id uuid NOT NULL,
    interpreter_id uuid NOT NULL,
    client_id uuid NOT NULL,
    booking_id uuid,
    created_at timestamptz NOT NULL,
    CONSTRAINT conflicts_key PRIMARY KEY (network_id, interpreter_id, client_id),
    CONSTRAINT conflicts_interpreter_exists FOREIGN KEY (network_id, interpreter_id)
        REFERENCES interpreters (network_id, id) ON DELETE CASCADE,
    CONSTRAINT conflicts_client_exists FOREIGN KEY (network_id, client_id)
        REFERENCES clients (network_id, id) ON DELETE CASCADE
);
CREATE INDEX conflicts_of_client ON conflicts (network_id, client_id);

-- When a room is taken by people who must not meet others: from the first arrival to the end.
CREATE TABLE room_uses (
    network_id uuid NOT NULL,
    request_id uuid NOT NULL,
    room_id uuid NOT NULL,
    used tstzrange NOT NULL,
    CONSTRAINT room_uses_key PRIMARY KEY (network_id, request_id),
    CONSTRAINT room_uses_are_half_open
        CHECK (NOT isempty(used) AND lower_inc(used) AND NOT upper_inc(used)),
    CONSTRAINT room_uses_room_is_free
        EXCLUDE USING gist (network_id WITH =, room_id WITH =, used WITH &&),
    CONSTRAINT room_uses_request_exists FOREIGN KEY (network_id, request_id)
        REFERENCES requests (network_id, id) ON DELETE CASCADE,
    CONSTRAINT room_uses_room_exists FOREIGN KEY (network_id, room_id)
        REFERENCES rooms (network_id, id)
);

DO $$
DECLARE
    tenant text;
BEGIN
    FOREACH tenant IN ARRAY ARRAY[
        'push_subscriptions', 'calendar_links', 'external_calendars', 'conflicts', 'room_uses'
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
