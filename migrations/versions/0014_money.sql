-- Grants, approvals, disputes, ratings, time sheets, statements, expenses, receipts.
--
-- Expand only; the running release bears it. What is said to be sealed is encrypted by the
-- application. A constraint goes and is replaced by a wider one in the same transaction.
-- squawk-ignore-file ban-drop-constraint

SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

-- Sealed: the private key by which receipts of agreed terms are signed.
ALTER TABLE networks ADD COLUMN receipt_key text;
-- Silence of so many days approves a booking (null: nobody is asked); what travel of an interpreter
-- costs above so much needs a yes beforehand (null: never).
ALTER TABLE networks ADD COLUMN approval_days smallint;
ALTER TABLE networks ADD COLUMN travel_approval_minor bigint;

-- A grant. `terms`: donors with their shares, and whom it is for.
CREATE TABLE fundings (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    number text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    terms jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT fundings_key PRIMARY KEY (network_id, id),
    CONSTRAINT fundings_number_is_unique UNIQUE (network_id, number),
    CONSTRAINT fundings_end_after_start CHECK (ends_on >= starts_on),
    CONSTRAINT fundings_network_exists FOREIGN KEY (network_id) REFERENCES networks (network_id)
);

-- The requester's word on what was recorded of a booking; silence until `due_at` is a yes.
CREATE TABLE approvals (
    network_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    state text NOT NULL,
    due_at timestamptz,
    token_hash bytea,
    decided_at timestamptz,
    decided_by uuid,
    how text,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT approvals_key PRIMARY KEY (network_id, booking_id),
    CONSTRAINT approvals_token_is_unique UNIQUE (network_id, token_hash),
    CONSTRAINT approvals_state_is_known CHECK (state IN ('open', 'approved', 'disputed')),
    CONSTRAINT approvals_how_is_known CHECK (how IN ('call', 'link', 'silence', 'outcome')),
    CONSTRAINT approvals_booking_exists FOREIGN KEY (network_id, booking_id)
        REFERENCES bookings (network_id, id)
);

-- `reason` and `answer` are sealed.
CREATE TABLE disputes (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    booking_id uuid NOT NULL,
    opened_by text NOT NULL,
    reason text,
    state text NOT NULL,
    answer text,
    outcome text,
    created_at timestamptz NOT NULL,
    closed_at timestamptz,
    version bigint NOT NULL,
    CONSTRAINT disputes_key PRIMARY KEY (network_id, id),
    CONSTRAINT disputes_state_is_known CHECK (state IN ('open', 'closed')),
    CONSTRAINT disputes_outcome_is_known CHECK (outcome IN ('upheld', 'partly_upheld', 'rejected')),
    CONSTRAINT disputes_booking_exists FOREIGN KEY (network_id, booking_id)
        REFERENCES bookings (network_id, id)
);
CREATE UNIQUE INDEX disputes_open_are_one ON disputes (network_id, booking_id) WHERE state = 'open';
CREATE INDEX disputes_of_booking ON disputes (network_id, booking_id);

-- `note` is sealed. `rated_by`: requester or interpreter.
CREATE TABLE ratings (
    network_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    rated_by text NOT NULL,
    stars smallint NOT NULL,
    note text,
    created_at timestamptz NOT NULL,
    CONSTRAINT ratings_key PRIMARY KEY (network_id, booking_id, rated_by),
    CONSTRAINT ratings_rater_is_known CHECK (rated_by IN ('requester', 'interpreter')),
    CONSTRAINT ratings_stars_are_sane CHECK (stars BETWEEN 1 AND 5),
    CONSTRAINT ratings_booking_exists FOREIGN KEY (network_id, booking_id)
        REFERENCES bookings (network_id, id)
);

-- A recorded time that was changed; `said_at` is by the clock of who said it, `recorded_at` by
-- ours. `reason` is sealed.
CREATE TABLE time_changes (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    booking_id uuid NOT NULL,
    field text NOT NULL,
    was timestamptz,
    becomes timestamptz NOT NULL,
    changed_by text NOT NULL,
    reason text,
    said_at timestamptz,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT time_changes_key PRIMARY KEY (network_id, id),
    CONSTRAINT time_changes_field_is_known
        CHECK (field IN ('checked_in_at', 'started_at', 'ended_at')),
    CONSTRAINT time_changes_booking_exists FOREIGN KEY (network_id, booking_id)
        REFERENCES bookings (network_id, id)
);
CREATE INDEX time_changes_of_booking ON time_changes (network_id, booking_id);

-- What an institution owes for a month, or is owed to an interpreter. An entry is on at most one
-- issued statement of each side, so nothing is settled twice. `reason` (of opening it again) is sealed.
CREATE TABLE statements (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    side text NOT NULL,
    institution_id uuid,
    interpreter_id uuid,
    month date NOT NULL,
    number text NOT NULL,
    revision smallint NOT NULL,
    state text NOT NULL,
    totals jsonb NOT NULL,
    issued_at timestamptz NOT NULL,
    issued_by uuid,
    reopened_at timestamptz,
    reason text,
    CONSTRAINT statements_key PRIMARY KEY (network_id, id),
    CONSTRAINT statements_number_is_unique UNIQUE (network_id, number),
    CONSTRAINT statements_side_is_known CHECK (side IN ('charge', 'pay')),
    CONSTRAINT statements_state_is_known CHECK (state IN ('issued', 'reopened')),
    CONSTRAINT statements_are_of_one
        CHECK ((side = 'charge') = (institution_id IS NOT NULL)
               AND (side = 'pay') = (interpreter_id IS NOT NULL)),
    CONSTRAINT statements_institution_exists FOREIGN KEY (network_id, institution_id)
        REFERENCES institutions (network_id, id),
    CONSTRAINT statements_interpreter_exists FOREIGN KEY (network_id, interpreter_id)
        REFERENCES interpreters (network_id, id)
);
CREATE UNIQUE INDEX statements_institution_has_one
    ON statements (network_id, institution_id, month) WHERE state = 'issued' AND side = 'charge';
CREATE UNIQUE INDEX statements_interpreter_has_one
    ON statements (network_id, interpreter_id, month) WHERE state = 'issued' AND side = 'pay';

CREATE TABLE statement_entries (
    network_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    side text NOT NULL,
    statement_id uuid NOT NULL,
    CONSTRAINT statement_entries_key PRIMARY KEY (network_id, entry_id, side),
    CONSTRAINT statement_entries_statement_exists FOREIGN KEY (network_id, statement_id)
        REFERENCES statements (network_id, id),
    CONSTRAINT statement_entries_entry_exists FOREIGN KEY (network_id, entry_id)
        REFERENCES usage_entries (network_id, id)
);
CREATE INDEX statement_entries_of_statement ON statement_entries (network_id, statement_id);

-- What an interpreter spent; `receipt` and `note` are sealed.
CREATE TABLE expenses (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    booking_id uuid NOT NULL,
    interpreter_id uuid NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    amount_minor bigint NOT NULL,
    approved_minor bigint,
    currency text NOT NULL,
    receipt text,
    note text,
    beforehand boolean NOT NULL,
    decide_by timestamptz,
    decided_at timestamptz,
    decided_by uuid,
    entry_id uuid,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT expenses_key PRIMARY KEY (network_id, id),
    CONSTRAINT expenses_kind_is_known CHECK (kind IN (
        'public_transport', 'car', 'taxi', 'parking', 'toll', 'accommodation', 'other')),
    CONSTRAINT expenses_state_is_known
        CHECK (state IN ('asked', 'agreed', 'submitted', 'approved', 'refused', 'withdrawn')),
    CONSTRAINT expenses_amount_is_sane CHECK (amount_minor > 0),
    CONSTRAINT expenses_booking_exists FOREIGN KEY (network_id, booking_id)
        REFERENCES bookings (network_id, id)
);
CREATE INDEX expenses_of_booking ON expenses (network_id, booking_id);
CREATE INDEX expenses_of_interpreter ON expenses (network_id, interpreter_id, id DESC);

-- The terms that both sides agreed on, signed when the yes was said; `terms` is sealed.
CREATE TABLE receipts (
    network_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    terms text NOT NULL,
    signature bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT receipts_key PRIMARY KEY (network_id, booking_id),
    CONSTRAINT receipts_booking_exists FOREIGN KEY (network_id, booking_id)
        REFERENCES bookings (network_id, id)
);

-- A booking's approval, an expense that waits for a yes: looked at when their time comes.
-- Old rows are looked at by 0015.
ALTER TABLE due ADD CONSTRAINT due_kind_is_of_a_job CHECK (kind IN (
    'outbox', 'ladder', 'offers', 'retention', 'message', 'operation', 'scenario', 'webhook',
    'reminder', 'calendar', 'urgent', 'approval', 'expense'
)) NOT VALID;
ALTER TABLE due DROP CONSTRAINT due_kind_has_its_job;

DO $$
DECLARE
    tenant text;
BEGIN
    FOREACH tenant IN ARRAY ARRAY[
        'fundings', 'approvals', 'disputes', 'ratings', 'time_changes', 'statements',
        'statement_entries', 'expenses', 'receipts'
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
