-- Requests, offers, bookings and the usage ledger, with the rules that two people can break
-- together held by the database.
--
-- Expand only. The exclusion constraint is born with its table: it can be added later only by a
-- long exclusive lock.

SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE requests (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    institution_id uuid NOT NULL,
    site_id uuid,
    room_id uuid,
    series_id uuid,
    state text NOT NULL,
    languages text[] NOT NULL,
    working_language text NOT NULL,
    modes text[] NOT NULL,
    session tstzrange NOT NULL,
    -- For its index: behind row-level security no index can be asked for lower(session), which is
    -- not leakproof.
    starts_at timestamptz NOT NULL GENERATED ALWAYS AS (lower(session)) STORED,
    starts_now boolean NOT NULL,
    wall_starts_at timestamp NOT NULL,
    time_zone text NOT NULL,
    duration_minutes integer NOT NULL,
    topic text NOT NULL,
    interpreters_needed smallint NOT NULL,
    partial_ok boolean NOT NULL,
    priority text NOT NULL,
    external_reference text,
    cost_centre text,
    funding_id uuid,
    instructions text,
    connect jsonb,
    requirements jsonb NOT NULL,
    fallbacks jsonb NOT NULL,
    details jsonb NOT NULL,
    wave smallint NOT NULL,
    next_step_at timestamptz,
    ladder_started_at timestamptz NOT NULL,
    unfilled_reason text,
    excluded jsonb,
    cancelled_at timestamptz,
    cancel_reason text,
    cancel_reason_code text,
    created_by uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT requests_key PRIMARY KEY (network_id, id),
    CONSTRAINT requests_institution_exists FOREIGN KEY (network_id, institution_id)
        REFERENCES institutions (network_id, id),
    CONSTRAINT requests_site_exists FOREIGN KEY (network_id, site_id)
        REFERENCES sites (network_id, id),
    CONSTRAINT requests_state_is_known CHECK (state IN (
        'searching', 'partly_filled', 'filled', 'unfilled', 'cancelled', 'closed'
    )),
    CONSTRAINT requests_session_is_half_open
        CHECK (NOT isempty(session) AND lower_inc(session) AND NOT upper_inc(session)),
    CONSTRAINT requests_duration_is_sane CHECK (duration_minutes BETWEEN 1 AND 10080),
    CONSTRAINT requests_team_is_sane CHECK (interpreters_needed BETWEEN 1 AND 20)
);
CREATE INDEX requests_of_institution ON requests (network_id, institution_id, id DESC);
CREATE INDEX requests_by_state ON requests (network_id, state, id DESC);
CREATE INDEX requests_by_reference ON requests (network_id, external_reference)
    WHERE external_reference IS NOT NULL;
CREATE INDEX requests_by_start ON requests (network_id, starts_at);

CREATE TABLE request_seats (
    network_id uuid NOT NULL,
    request_id uuid NOT NULL,
    seat smallint NOT NULL,
    state text NOT NULL,
    CONSTRAINT request_seats_key PRIMARY KEY (network_id, request_id, seat),
    CONSTRAINT request_seats_request_exists FOREIGN KEY (network_id, request_id)
        REFERENCES requests (network_id, id) ON DELETE CASCADE,
    CONSTRAINT request_seats_state_is_known CHECK (state IN (
        'open', 'held', 'filled', 'unfilled', 'closed', 'cancelled'
    ))
);

CREATE TABLE request_clients (
    network_id uuid NOT NULL,
    request_id uuid NOT NULL,
    client_id uuid NOT NULL,
    CONSTRAINT request_clients_key PRIMARY KEY (network_id, request_id, client_id),
    CONSTRAINT request_clients_request_exists FOREIGN KEY (network_id, request_id)
        REFERENCES requests (network_id, id) ON DELETE CASCADE,
    CONSTRAINT request_clients_client_exists FOREIGN KEY (network_id, client_id)
        REFERENCES clients (network_id, id)
);
CREATE INDEX request_clients_of_client ON request_clients (network_id, client_id);

CREATE TABLE offers (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    request_id uuid NOT NULL,
    seat smallint NOT NULL,
    interpreter_id uuid NOT NULL,
    state text NOT NULL,
    wave smallint NOT NULL,
    mode text NOT NULL,
    from_language text NOT NULL,
    to_language text NOT NULL,
    score real NOT NULL,
    reasons jsonb NOT NULL,
    weights_version integer NOT NULL,
    answer_by timestamptz NOT NULL,
    answered_at timestamptz,
    decline_reason text,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT offers_key PRIMARY KEY (network_id, id),
    CONSTRAINT offers_seat_exists FOREIGN KEY (network_id, request_id, seat)
        REFERENCES request_seats (network_id, request_id, seat) ON DELETE CASCADE,
    CONSTRAINT offers_interpreter_exists FOREIGN KEY (network_id, interpreter_id)
        REFERENCES interpreters (network_id, id),
    CONSTRAINT offers_state_is_known CHECK (state IN (
        'open', 'accepted', 'declined', 'expired', 'taken', 'withdrawn'
    ))
);
CREATE UNIQUE INDEX offers_interpreter_is_asked_once
    ON offers (network_id, request_id, seat, interpreter_id) WHERE state = 'open';
CREATE INDEX offers_open ON offers (network_id, id DESC) WHERE state = 'open';
CREATE INDEX offers_of_request ON offers (network_id, request_id, seat);
CREATE INDEX offers_of_interpreter ON offers (network_id, interpreter_id, id DESC);

CREATE TABLE bookings (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    request_id uuid NOT NULL,
    seat smallint NOT NULL,
    offer_id uuid,
    institution_id uuid NOT NULL,
    interpreter_id uuid NOT NULL,
    site_id uuid,
    state text NOT NULL,
    from_language text NOT NULL,
    to_language text NOT NULL,
    mode text NOT NULL,
    topic text NOT NULL,
    session tstzrange NOT NULL,
    starts_at timestamptz NOT NULL GENERATED ALWAYS AS (lower(session)) STORED,
    blocked tstzrange NOT NULL,
    latitude double precision,
    longitude double precision,
    wall_starts_at timestamp NOT NULL,
    time_zone text NOT NULL,
    external_reference text,
    checked_in_at timestamptz,
    started_at timestamptz,
    ended_at timestamptz,
    late_minutes integer,
    no_conflict_at timestamptz,
    closed_at timestamptz,
    close_reason text,
    close_reason_code text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT bookings_key PRIMARY KEY (network_id, id),
    CONSTRAINT bookings_seat_exists FOREIGN KEY (network_id, request_id, seat)
        REFERENCES request_seats (network_id, request_id, seat),
    CONSTRAINT bookings_interpreter_exists FOREIGN KEY (network_id, interpreter_id)
        REFERENCES interpreters (network_id, id),
    CONSTRAINT bookings_state_is_known CHECK (state IN (
        'held', 'confirmed', 'in_progress', 'completed', 'cancelled', 'released', 'given_back',
        'client_no_show', 'interpreter_no_show'
    )),
    CONSTRAINT bookings_session_is_blocked CHECK (blocked @> session AND NOT isempty(session)),
    CONSTRAINT bookings_blocked_is_half_open
        CHECK (lower_inc(blocked) AND NOT upper_inc(blocked)),
    CONSTRAINT bookings_end_after_start CHECK (ended_at IS NULL OR started_at IS NOT NULL),
    -- No interpreter is ever in two places: the law of the whole system.
    CONSTRAINT bookings_interpreter_is_free EXCLUDE USING gist (
        network_id WITH =, interpreter_id WITH =, blocked WITH &&
    ) WHERE (state IN ('held', 'confirmed', 'in_progress'))
);
CREATE UNIQUE INDEX bookings_seat_is_taken_once ON bookings (network_id, request_id, seat)
    WHERE state IN ('held', 'confirmed', 'in_progress', 'completed');
CREATE INDEX bookings_of_interpreter ON bookings (network_id, interpreter_id, id DESC);
CREATE INDEX bookings_of_institution ON bookings (network_id, institution_id, id DESC);
CREATE INDEX bookings_by_start ON bookings (network_id, starts_at);

-- The ledger: append-only; corrections are new entries. The role of the application may not
-- update or delete (0003); money in minor units.
CREATE TABLE usage_entries (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    booking_id uuid NOT NULL,
    request_id uuid NOT NULL,
    kind text NOT NULL,
    institution_id uuid NOT NULL,
    client_ids uuid[] NOT NULL,
    interpreter_id uuid NOT NULL,
    language text NOT NULL,
    mode text NOT NULL,
    site_id uuid,
    topic text NOT NULL,
    funding_id uuid,
    booked_starts_at timestamptz NOT NULL,
    booked_on date NOT NULL,
    booked_minutes integer NOT NULL,
    actual_minutes integer NOT NULL,
    billable_minutes integer NOT NULL,
    charge_minor bigint NOT NULL,
    pay_minor bigint NOT NULL,
    currency text NOT NULL,
    lines jsonb NOT NULL,
    rule jsonb,
    funding_shares jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT usage_entries_key PRIMARY KEY (network_id, id),
    CONSTRAINT usage_entries_booking_exists FOREIGN KEY (network_id, booking_id)
        REFERENCES bookings (network_id, id),
    CONSTRAINT usage_entries_kind_is_known CHECK (kind IN (
        'session', 'late_cancellation', 'client_no_show', 'adjustment'
    )),
    CONSTRAINT usage_entries_minutes_are_sane CHECK (
        kind = 'adjustment' OR (booked_minutes >= 0 AND actual_minutes >= 0 AND billable_minutes >= 0)
    )
);
CREATE UNIQUE INDEX usage_entries_session_is_one ON usage_entries (network_id, booking_id)
    WHERE kind = 'session';
CREATE INDEX usage_entries_by_day ON usage_entries (network_id, booked_on);
CREATE INDEX usage_entries_of_institution ON usage_entries (network_id, institution_id, booked_on);
