-- Dispatch that forgets nobody: ladders of institutions, who is on call, series, one-tap links.
--
-- Expand only; the running release bears it (new tables; columns with a default or none). What is
-- said to be sealed is encrypted by the application.
-- Two constraints go and are replaced by wider ones in the same transaction.
-- squawk-ignore-file require-concurrent-index-creation, ban-drop-constraint

SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

-- `ladder` of an institution stands in place of the network's.
ALTER TABLE networks ADD COLUMN ask_conflicts boolean NOT NULL DEFAULT false;
ALTER TABLE networks ADD COLUMN give_back_hours integer;
ALTER TABLE institutions ADD COLUMN ladder jsonb;

-- How a person wants to be told (by kind and channel), and whether an interpreter may be booked
-- without being asked.
ALTER TABLE users ADD COLUMN notify jsonb;
ALTER TABLE interpreters ADD COLUMN notify jsonb;
ALTER TABLE interpreters ADD COLUMN language text;
ALTER TABLE interpreters ADD COLUMN auto_assign boolean NOT NULL DEFAULT false;
-- Busy times of another calendar are absences that the next reading replaces.
ALTER TABLE absences ADD COLUMN source text NOT NULL DEFAULT 'own';

-- The legs of a relay differ in their languages; null: the request's own. A yes that came too late
-- puts its interpreter on the standby list.
ALTER TABLE request_seats ADD COLUMN from_language text;
ALTER TABLE request_seats ADD COLUMN to_language text;
ALTER TABLE offers ADD COLUMN wished_at timestamptz;
ALTER TABLE requests ADD COLUMN series_position smallint;
ALTER TABLE requests ADD COLUMN fallback text;
ALTER TABLE requests ADD COLUMN emergency boolean NOT NULL DEFAULT false;
CREATE INDEX requests_of_series ON requests (network_id, series_id, series_position)
    WHERE series_id IS NOT NULL;

CREATE TABLE series (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    institution_id uuid NOT NULL,
    rule text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT series_key PRIMARY KEY (network_id, id),
    CONSTRAINT series_institution_exists FOREIGN KEY (network_id, institution_id)
        REFERENCES institutions (network_id, id)
);

-- Who is on call, by the network's clock: minutes of the local day, Monday is 0.
CREATE TABLE on_call (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    day smallint NOT NULL,
    from_minute smallint NOT NULL,
    to_minute smallint NOT NULL,
    position smallint NOT NULL,
    CONSTRAINT on_call_key PRIMARY KEY (network_id, id),
    CONSTRAINT on_call_user_exists FOREIGN KEY (network_id, user_id)
        REFERENCES users (network_id, id) ON DELETE CASCADE,
    CONSTRAINT on_call_hours_are_sane CHECK (
        day BETWEEN 0 AND 6 AND from_minute BETWEEN 0 AND 1439
        AND to_minute BETWEEN 1 AND 1440 AND from_minute < to_minute
    )
);

-- What an urgent search came to: the requester was offered to widen it, the on-call was rung.
CREATE TABLE escalations (
    network_id uuid NOT NULL,
    request_id uuid NOT NULL,
    kind text NOT NULL,
    round smallint NOT NULL,
    at timestamptz NOT NULL,
    acknowledged_at timestamptz,
    acknowledged_by uuid,
    CONSTRAINT escalations_key PRIMARY KEY (network_id, request_id, kind, round),
    CONSTRAINT escalations_request_exists FOREIGN KEY (network_id, request_id)
        REFERENCES requests (network_id, id) ON DELETE CASCADE,
    CONSTRAINT escalations_kind_is_known CHECK (kind IN ('widen', 'on_call', 'emergency'))
);

-- A paid interpreter whose session was called off too late, free for somebody else.
CREATE TABLE freed_slots (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    booking_id uuid NOT NULL,
    interpreter_id uuid NOT NULL,
    slot tstzrange NOT NULL,
    mode text NOT NULL,
    city text,
    request_id uuid,
    created_at timestamptz NOT NULL,
    CONSTRAINT freed_slots_key PRIMARY KEY (network_id, id),
    CONSTRAINT freed_slots_booking_exists FOREIGN KEY (network_id, booking_id)
        REFERENCES bookings (network_id, id),
    CONSTRAINT freed_slots_are_half_open
        CHECK (NOT isempty(slot) AND lower_inc(slot) AND NOT upper_inc(slot)),
    CONSTRAINT freed_slots_of_booking_are_one UNIQUE (network_id, booking_id)
);
CREATE INDEX freed_slots_by_time ON freed_slots USING gist (network_id, slot);

-- One-tap links: one for each offer, of no use after its answer.
CREATE TABLE offer_links (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    offer_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT offer_links_key PRIMARY KEY (network_id, id),
    CONSTRAINT offer_links_token_is_unique UNIQUE (network_id, token_hash),
    CONSTRAINT offer_links_offer_exists FOREIGN KEY (network_id, offer_id)
        REFERENCES offers (network_id, id) ON DELETE CASCADE
);
CREATE INDEX offer_links_of_offer ON offer_links (network_id, offer_id);

ALTER TABLE messages ADD CONSTRAINT messages_channel_has_a_carrier
    CHECK (channel IN ('mail', 'text', 'push')) NOT VALID;
ALTER TABLE messages DROP CONSTRAINT messages_channel_is_known;
ALTER TABLE messages ADD COLUMN offer_id uuid;
ALTER TABLE messages ADD COLUMN booking_id uuid;
CREATE INDEX messages_of_offer ON messages (network_id, offer_id) WHERE offer_id IS NOT NULL;

ALTER TABLE due ADD CONSTRAINT due_kind_has_its_job CHECK (kind IN (
    'outbox', 'ladder', 'offers', 'retention', 'message', 'operation', 'scenario', 'webhook',
    'reminder', 'calendar', 'urgent'
)) NOT VALID;
ALTER TABLE due DROP CONSTRAINT due_kind_has_a_job;

DO $$
DECLARE
    tenant text;
BEGIN
    FOREACH tenant IN ARRAY ARRAY[
        'series', 'on_call', 'escalations', 'freed_slots', 'offer_links'
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
