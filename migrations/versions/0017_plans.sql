-- Plans: what competes for the same people, assigned as one, for a coordinator to accept.
--
-- Expand only; the running release bears it. A constraint goes and is replaced by a wider one in
-- the same transaction; old rows are few and are looked at here.
-- squawk-ignore-file ban-drop-constraint, constraint-missing-not-valid

SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

-- When plans are made by themselves, how far they look and how much one person may be given; what
-- is left out is as usual.
ALTER TABLE networks ADD COLUMN planning jsonb NOT NULL DEFAULT '{}';

-- What was proposed for the open seats whose session starts from `starts_at` up to `ends_at`.
-- `made_by` is null for the nightly one. `figures` are counts.
CREATE TABLE plans (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    state text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    made_at timestamptz NOT NULL,
    made_by uuid,
    figures jsonb NOT NULL,
    decided_at timestamptz,
    decided_by uuid,
    version bigint NOT NULL,
    CONSTRAINT plans_key PRIMARY KEY (network_id, id),
    CONSTRAINT plans_state_is_known CHECK (state IN (
        'proposed', 'accepted', 'partly_accepted', 'superseded', 'dismissed'
    )),
    CONSTRAINT plans_end_after_start CHECK (ends_at >= starts_at),
    CONSTRAINT plans_network_exists FOREIGN KEY (network_id) REFERENCES networks (network_id)
);
CREATE INDEX plans_by_time ON plans (network_id, made_at);

-- One interpreter for one seat. `step` is the fallback's that asks for it, `reasons` is sealed:
-- it names what the client wants. `offer_id` is the offer that went out for it.
CREATE TABLE plan_places (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    plan_id uuid NOT NULL,
    request_id uuid NOT NULL,
    seat smallint NOT NULL,
    interpreter_id uuid NOT NULL,
    mode text NOT NULL,
    from_language text NOT NULL,
    to_language text NOT NULL,
    session tstzrange NOT NULL,
    step text,
    score real NOT NULL,
    distance_km real,
    reasons text,
    state text NOT NULL,
    offer_id uuid,
    changed_at timestamptz NOT NULL,
    CONSTRAINT plan_places_key PRIMARY KEY (network_id, id),
    CONSTRAINT plan_places_seat_is_planned_once UNIQUE (network_id, plan_id, request_id, seat),
    CONSTRAINT plan_places_state_is_known CHECK (state IN (
        'proposed', 'offered', 'seat_filled', 'interpreter_busy', 'interpreter_unfit',
        'request_changed', 'request_over', 'too_late'
    )),
    CONSTRAINT plan_places_plan_exists FOREIGN KEY (network_id, plan_id)
        REFERENCES plans (network_id, id),
    CONSTRAINT plan_places_request_exists FOREIGN KEY (network_id, request_id)
        REFERENCES requests (network_id, id),
    CONSTRAINT plan_places_interpreter_exists FOREIGN KEY (network_id, interpreter_id)
        REFERENCES interpreters (network_id, id)
);
CREATE INDEX plan_places_of_request ON plan_places (network_id, request_id);
CREATE INDEX plan_places_of_interpreter ON plan_places (network_id, interpreter_id);

-- The nightly plan is looked at when its time comes.
ALTER TABLE due ADD CONSTRAINT due_kind_is_of_one_job CHECK (kind IN (
    'outbox', 'ladder', 'offers', 'retention', 'message', 'operation', 'scenario', 'webhook',
    'reminder', 'calendar', 'urgent', 'approval', 'expense', 'plan'
));
ALTER TABLE due DROP CONSTRAINT due_kind_is_of_a_job;

DO $$
DECLARE
    tenant text;
BEGIN
    FOREACH tenant IN ARRAY ARRAY['plans', 'plan_places'] LOOP
        EXECUTE 'ALTER TABLE ' || quote_ident(tenant) || ' ENABLE ROW LEVEL SECURITY';
        EXECUTE 'CREATE POLICY ' || quote_ident(tenant || '_of_one_network') || ' ON '
            || quote_ident(tenant)
            || ' USING (network_id = nullif(current_setting(''app.network_id'', true), '''')::uuid)';
        EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON ' || quote_ident(tenant)
            || ' TO interpreters_app';
    END LOOP;
END
$$;
