-- The schema as the migrations leave it, for reading and for review. Written by `make schema`;
-- a test compares it with a migrated database.

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

CREATE FUNCTION public.enter(network uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    EXECUTE 'SET LOCAL app.network_id = ' || quote_literal(network);
END
$$;

CREATE TABLE public.absences (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    interpreter_id uuid NOT NULL,
    absent tstzrange NOT NULL,
    created_at timestamp with time zone NOT NULL,
    source text DEFAULT 'own'::text NOT NULL,
    CONSTRAINT absences_are_half_open CHECK (((NOT isempty(absent)) AND lower_inc(absent) AND (NOT upper_inc(absent))))
);

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);

CREATE TABLE public.approvals (
    network_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    state text NOT NULL,
    due_at timestamp with time zone,
    token_hash bytea,
    decided_at timestamp with time zone,
    decided_by uuid,
    how text,
    created_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    remind_at timestamp with time zone,
    reminder_hash bytea,
    CONSTRAINT approvals_how_is_known CHECK ((how = ANY (ARRAY['call'::text, 'link'::text, 'silence'::text, 'outcome'::text]))),
    CONSTRAINT approvals_state_is_known CHECK ((state = ANY (ARRAY['open'::text, 'approved'::text, 'disputed'::text])))
);

CREATE TABLE public.audit (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    key_id uuid,
    role text,
    action text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid,
    user_id uuid
);

CREATE TABLE public.availability (
    network_id uuid NOT NULL,
    interpreter_id uuid NOT NULL,
    day smallint NOT NULL,
    from_minute smallint NOT NULL,
    to_minute smallint NOT NULL,
    CONSTRAINT availability_day_is_known CHECK (((day >= 0) AND (day <= 6))),
    CONSTRAINT availability_hours_are_quarters CHECK ((((from_minute >= 0) AND (from_minute <= 1425)) AND ((to_minute >= 15) AND (to_minute <= 1440)) AND (((from_minute)::integer % 15) = 0) AND (((to_minute)::integer % 15) = 0) AND (from_minute < to_minute)))
);

CREATE TABLE public.bookings (
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
    starts_at timestamp with time zone GENERATED ALWAYS AS (lower(session)) STORED NOT NULL,
    blocked tstzrange NOT NULL,
    latitude double precision,
    longitude double precision,
    wall_starts_at timestamp without time zone NOT NULL,
    time_zone text NOT NULL,
    external_reference text,
    checked_in_at timestamp with time zone,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    late_minutes integer,
    no_conflict_at timestamp with time zone,
    closed_at timestamp with time zone,
    close_reason text,
    close_reason_code text,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    briefing_minutes smallint DEFAULT 0 NOT NULL,
    given_back_late boolean,
    break_minutes integer DEFAULT 0 NOT NULL,
    CONSTRAINT bookings_blocked_is_half_open CHECK ((lower_inc(blocked) AND (NOT upper_inc(blocked)))),
    CONSTRAINT bookings_breaks_are_of_a_session CHECK (((break_minutes >= 0) AND ((break_minutes = 0) OR (ended_at IS NOT NULL)))),
    CONSTRAINT bookings_end_after_start CHECK (((ended_at IS NULL) OR (started_at IS NOT NULL))),
    CONSTRAINT bookings_session_is_blocked CHECK (((blocked @> session) AND (NOT isempty(session)))),
    CONSTRAINT bookings_state_is_known CHECK ((state = ANY (ARRAY['held'::text, 'confirmed'::text, 'in_progress'::text, 'completed'::text, 'cancelled'::text, 'released'::text, 'given_back'::text, 'client_no_show'::text, 'interpreter_no_show'::text])))
);

CREATE TABLE public.calendar_links (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    interpreter_id uuid,
    institution_id uuid,
    token_hash bytea NOT NULL,
    revoked_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT calendar_links_are_somebodys CHECK (((interpreter_id IS NULL) <> (institution_id IS NULL)))
);

CREATE TABLE public.cancellation_policies (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    is_default boolean NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    rules jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT cancellation_policies_end_after_they_begin CHECK ((valid_until > valid_from))
);

CREATE TABLE public.client_links (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    booking_id uuid NOT NULL,
    client_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    language text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    opened_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.client_voices (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    booking_id uuid NOT NULL,
    client_id uuid NOT NULL,
    institution_id uuid NOT NULL,
    kind text NOT NULL,
    language text NOT NULL,
    said text,
    state text NOT NULL,
    answer text,
    answered_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT client_voices_kind_is_known CHECK ((kind = ANY (ARRAY['another_person'::text, 'complaint'::text]))),
    CONSTRAINT client_voices_state_is_known CHECK ((state = ANY (ARRAY['open'::text, 'answered'::text])))
);

CREATE TABLE public.clients (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    institution_id uuid NOT NULL,
    reference text NOT NULL,
    languages text[] NOT NULL,
    nationality text,
    gender_preference text,
    status text,
    status_since date,
    "group" text,
    erased_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    version bigint NOT NULL
);

CREATE TABLE public.conflicts (
    network_id uuid NOT NULL,
    interpreter_id uuid NOT NULL,
    client_id uuid NOT NULL,
    booking_id uuid,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.credentials (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    interpreter_id uuid NOT NULL,
    kind text NOT NULL,
    number text,
    issued_on date,
    expires_on date,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT credentials_expire_after_issue CHECK ((expires_on >= issued_on))
);

CREATE TABLE public.disputes (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    booking_id uuid NOT NULL,
    opened_by text NOT NULL,
    reason text,
    state text NOT NULL,
    answer text,
    outcome text,
    created_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    version bigint NOT NULL,
    CONSTRAINT disputes_outcome_is_known CHECK ((outcome = ANY (ARRAY['upheld'::text, 'partly_upheld'::text, 'rejected'::text]))),
    CONSTRAINT disputes_state_is_known CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text])))
);

CREATE TABLE public.due (
    network_id uuid NOT NULL,
    kind text NOT NULL,
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT due_kind_is_of_one_job CHECK ((kind = ANY (ARRAY['outbox'::text, 'ladder'::text, 'offers'::text, 'retention'::text, 'message'::text, 'operation'::text, 'scenario'::text, 'webhook'::text, 'reminder'::text, 'calendar'::text, 'urgent'::text, 'approval'::text, 'expense'::text, 'plan'::text])))
);

CREATE TABLE public.escalations (
    network_id uuid NOT NULL,
    request_id uuid NOT NULL,
    kind text NOT NULL,
    round smallint NOT NULL,
    at timestamp with time zone NOT NULL,
    acknowledged_at timestamp with time zone,
    acknowledged_by uuid,
    CONSTRAINT escalations_kind_is_known CHECK ((kind = ANY (ARRAY['widen'::text, 'on_call'::text, 'emergency'::text])))
);

CREATE TABLE public.event_places (
    network_id uuid NOT NULL,
    place bigint NOT NULL,
    placed_at timestamp with time zone NOT NULL
);

CREATE TABLE public.events (
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
    recorded_at timestamp with time zone NOT NULL,
    placed_at timestamp with time zone NOT NULL,
    receiving_id uuid
);

CREATE TABLE public.expenses (
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
    decide_by timestamp with time zone,
    decided_at timestamp with time zone,
    decided_by uuid,
    entry_id uuid,
    created_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT expenses_amount_is_sane CHECK ((amount_minor > 0)),
    CONSTRAINT expenses_kind_is_known CHECK ((kind = ANY (ARRAY['public_transport'::text, 'car'::text, 'taxi'::text, 'parking'::text, 'toll'::text, 'accommodation'::text, 'other'::text]))),
    CONSTRAINT expenses_state_is_known CHECK ((state = ANY (ARRAY['asked'::text, 'agreed'::text, 'submitted'::text, 'approved'::text, 'refused'::text, 'withdrawn'::text])))
);

CREATE TABLE public.export_parts (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    operation_id uuid NOT NULL,
    run_id uuid NOT NULL,
    part integer NOT NULL,
    content bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT export_parts_part_is_sane CHECK ((part >= 0))
);

CREATE TABLE public.external_calendars (
    network_id uuid NOT NULL,
    interpreter_id uuid NOT NULL,
    url text NOT NULL,
    etag text,
    read_at timestamp with time zone,
    failing_since timestamp with time zone,
    error text,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.freed_slots (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    booking_id uuid NOT NULL,
    interpreter_id uuid NOT NULL,
    slot tstzrange NOT NULL,
    mode text NOT NULL,
    city text,
    request_id uuid,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT freed_slots_are_half_open CHECK (((NOT isempty(slot)) AND lower_inc(slot) AND (NOT upper_inc(slot))))
);

CREATE TABLE public.fundings (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    number text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    terms jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT fundings_end_after_start CHECK ((ends_on >= starts_on))
);

CREATE TABLE public.idempotency_keys (
    network_id uuid NOT NULL,
    key_id uuid NOT NULL,
    idempotency_key text NOT NULL,
    request_hash bytea NOT NULL,
    status smallint,
    answer bytea,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.identity_providers (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    institution_id uuid,
    name text NOT NULL,
    issuer text NOT NULL,
    client_id text NOT NULL,
    client_secret text,
    scopes text[] NOT NULL,
    groups_claim text NOT NULL,
    group_roles jsonb NOT NULL,
    default_roles text[] NOT NULL,
    active boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    version bigint NOT NULL
);

CREATE TABLE public.institutions (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    country text,
    time_zone text NOT NULL,
    working_language text NOT NULL,
    tariff_id uuid,
    cancellation_policy_id uuid,
    preferred_interpreter_ids uuid[] NOT NULL,
    blocked_interpreter_ids uuid[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    client_links boolean DEFAULT false NOT NULL,
    external_reference text,
    ladder jsonb,
    CONSTRAINT institutions_kind_is_known CHECK ((kind = ANY (ARRAY['ngo'::text, 'state'::text, 'municipality'::text, 'social_service'::text, 'crisis_centre'::text, 'education'::text, 'health'::text, 'justice'::text, 'bank'::text, 'employer'::text, 'other'::text])))
);

CREATE TABLE public.interpreter_languages (
    network_id uuid NOT NULL,
    interpreter_id uuid NOT NULL,
    language text NOT NULL,
    "position" smallint NOT NULL,
    level text NOT NULL,
    dialects text[] NOT NULL,
    CONSTRAINT interpreter_languages_level_is_known CHECK ((level = ANY (ARRAY['native'::text, 'fluent'::text, 'working'::text])))
);

CREATE TABLE public.interpreters (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    display_name text NOT NULL,
    phone text,
    email text,
    gender text,
    time_zone text NOT NULL,
    latitude double precision,
    longitude double precision,
    city text,
    travel_radius_km integer NOT NULL,
    modes text[] NOT NULL,
    qualification text NOT NULL,
    topics text[] NOT NULL,
    urgent_opt_in boolean NOT NULL,
    quiet_hours jsonb,
    engagement text NOT NULL,
    active boolean NOT NULL,
    outside_hours text NOT NULL,
    available_until timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    stage text DEFAULT 'active'::text NOT NULL,
    stage_reason text,
    external_reference text,
    email_mark bytea,
    phone_mark bytea,
    erased_at timestamp with time zone,
    notify jsonb,
    language text,
    auto_assign boolean DEFAULT false NOT NULL,
    CONSTRAINT interpreters_engagement_is_known CHECK ((engagement = ANY (ARRAY['staff'::text, 'freelance'::text, 'volunteer'::text]))),
    CONSTRAINT interpreters_gender_is_known CHECK ((gender = ANY (ARRAY['female'::text, 'male'::text, 'other'::text]))),
    CONSTRAINT interpreters_home_is_on_earth CHECK ((((latitude >= ('-90'::integer)::double precision) AND (latitude <= (90)::double precision)) AND ((longitude >= ('-180'::integer)::double precision) AND (longitude <= (180)::double precision)) AND ((latitude IS NULL) = (longitude IS NULL)))),
    CONSTRAINT interpreters_modes_are_known CHECK (((modes <@ ARRAY['in_person'::text, 'phone'::text, 'video'::text]) AND (modes <> '{}'::text[]))),
    CONSTRAINT interpreters_outside_hours_is_known CHECK ((outside_hours = ANY (ARRAY['ask'::text, 'never'::text]))),
    CONSTRAINT interpreters_qualification_is_known CHECK ((qualification = ANY (ARRAY['certified'::text, 'trained'::text, 'language_speaker'::text]))),
    CONSTRAINT interpreters_radius_is_sane CHECK (((travel_radius_km >= 0) AND (travel_radius_km <= 2000))),
    CONSTRAINT interpreters_stage_is_known CHECK ((stage = ANY (ARRAY['applied'::text, 'invited'::text, 'vetted'::text, 'active'::text, 'suspended'::text]))),
    CONSTRAINT interpreters_still_reached CHECK (((phone IS NOT NULL) OR (email IS NOT NULL) OR (erased_at IS NOT NULL)))
);

CREATE TABLE public.invitations (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.keys (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    token_hash bytea NOT NULL,
    role text NOT NULL,
    institution_id uuid,
    interpreter_id uuid,
    scopes text[] NOT NULL,
    mode text NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    name text,
    made_by uuid,
    CONSTRAINT keys_mode_is_known CHECK ((mode = ANY (ARRAY['live'::text, 'test'::text]))),
    CONSTRAINT keys_role_fits_owner CHECK (
CASE role
    WHEN 'coordinator'::text THEN ((institution_id IS NULL) AND (interpreter_id IS NULL))
    WHEN 'finance'::text THEN ((institution_id IS NULL) AND (interpreter_id IS NULL))
    WHEN 'consultant'::text THEN ((institution_id IS NOT NULL) AND (interpreter_id IS NULL))
    WHEN 'institution'::text THEN ((institution_id IS NOT NULL) AND (interpreter_id IS NULL))
    WHEN 'interpreter'::text THEN ((institution_id IS NULL) AND (interpreter_id IS NOT NULL))
    ELSE false
END)
);

CREATE TABLE public.messages (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    channel text NOT NULL,
    purpose text NOT NULL,
    language text NOT NULL,
    user_id uuid,
    interpreter_id uuid,
    recipient text,
    subject text,
    body text,
    state text NOT NULL,
    tries smallint NOT NULL,
    expires_at timestamp with time zone,
    provider_reference text,
    sent_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    offer_id uuid,
    booking_id uuid,
    attachment text,
    CONSTRAINT messages_channel_has_a_carrier CHECK ((channel = ANY (ARRAY['mail'::text, 'text'::text, 'push'::text]))),
    CONSTRAINT messages_state_is_known CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'kept'::text, 'failed'::text, 'dropped'::text])))
);

CREATE TABLE public.network_names (
    slug text NOT NULL,
    network_id uuid NOT NULL
);

CREATE TABLE public.networks (
    network_id uuid NOT NULL,
    name text NOT NULL,
    time_zone text NOT NULL,
    currency text NOT NULL,
    country text,
    working_language text,
    weights jsonb NOT NULL,
    ladder jsonb NOT NULL,
    roster_time_zones text[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    retention jsonb DEFAULT '{}'::jsonb NOT NULL,
    sandbox_of uuid,
    sealed_check text,
    applications_open boolean DEFAULT false NOT NULL,
    volunteer_topics text[],
    ask_conflicts boolean DEFAULT false NOT NULL,
    give_back_hours integer,
    push_key text,
    receipt_key text,
    approval_days smallint,
    travel_approval_minor bigint,
    planning jsonb DEFAULT '{}'::jsonb NOT NULL
);

CREATE TABLE public.offer_links (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    offer_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.offers (
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
    answer_by timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    decline_reason text,
    created_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    wished_at timestamp with time zone,
    session tstzrange,
    ladder_version integer,
    standby_at timestamp with time zone,
    seen_at timestamp with time zone,
    CONSTRAINT offers_state_is_known CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'declined'::text, 'expired'::text, 'taken'::text, 'withdrawn'::text])))
);

CREATE TABLE public.on_call (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    day smallint NOT NULL,
    from_minute smallint NOT NULL,
    to_minute smallint NOT NULL,
    "position" smallint NOT NULL,
    CONSTRAINT on_call_hours_are_sane CHECK ((((day >= 0) AND (day <= 6)) AND ((from_minute >= 0) AND (from_minute <= 1439)) AND ((to_minute >= 1) AND (to_minute <= 1440)) AND (from_minute < to_minute)))
);

CREATE TABLE public.operations (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    owner_id uuid,
    state text NOT NULL,
    done integer NOT NULL,
    total integer,
    input bytea,
    result bytea,
    created_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT operations_done_is_sane CHECK (((done >= 0) AND ((total IS NULL) OR (total >= 0)))),
    CONSTRAINT operations_state_is_known CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'succeeded'::text, 'failed'::text])))
);

CREATE SEQUENCE public.outbox_written
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.outbox (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    batch_id uuid NOT NULL,
    "position" smallint NOT NULL,
    type text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    request_id uuid,
    booking_id uuid,
    offer_id uuid,
    institution_id uuid,
    interpreter_id uuid,
    state text,
    recorded_at timestamp with time zone NOT NULL,
    written bigint DEFAULT nextval('public.outbox_written'::regclass) NOT NULL,
    placed boolean NOT NULL,
    event_id uuid,
    done_at timestamp with time zone
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000');

CREATE TABLE public.passkey_challenges (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid,
    challenge bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.passkeys (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    credential_id bytea NOT NULL,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    name text,
    last_used_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.plan_places (
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
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT plan_places_state_is_known CHECK ((state = ANY (ARRAY['proposed'::text, 'offered'::text, 'seat_filled'::text, 'interpreter_busy'::text, 'interpreter_unfit'::text, 'request_changed'::text, 'request_over'::text, 'too_late'::text])))
);

CREATE TABLE public.plans (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    state text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    made_at timestamp with time zone NOT NULL,
    made_by uuid,
    figures jsonb NOT NULL,
    decided_at timestamp with time zone,
    decided_by uuid,
    version bigint NOT NULL,
    CONSTRAINT plans_end_after_start CHECK ((ends_at >= starts_at)),
    CONSTRAINT plans_state_is_known CHECK ((state = ANY (ARRAY['proposed'::text, 'accepted'::text, 'partly_accepted'::text, 'superseded'::text, 'dismissed'::text])))
);

CREATE TABLE public.push_subscriptions (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    mark bytea NOT NULL,
    subscription text NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.ratings (
    network_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    rated_by text NOT NULL,
    stars smallint NOT NULL,
    note text,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ratings_rater_is_known CHECK ((rated_by = ANY (ARRAY['requester'::text, 'interpreter'::text]))),
    CONSTRAINT ratings_stars_are_sane CHECK (((stars >= 1) AND (stars <= 5)))
);

CREATE TABLE public.receipts (
    network_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    terms text NOT NULL,
    signature bytea NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.request_clients (
    network_id uuid NOT NULL,
    request_id uuid NOT NULL,
    client_id uuid NOT NULL
);

CREATE TABLE public.request_seats (
    network_id uuid NOT NULL,
    request_id uuid NOT NULL,
    seat smallint NOT NULL,
    state text NOT NULL,
    from_language text,
    to_language text,
    CONSTRAINT request_seats_state_is_known CHECK ((state = ANY (ARRAY['open'::text, 'held'::text, 'filled'::text, 'unfilled'::text, 'closed'::text, 'cancelled'::text])))
);

CREATE TABLE public.requests (
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
    starts_at timestamp with time zone GENERATED ALWAYS AS (lower(session)) STORED NOT NULL,
    starts_now boolean NOT NULL,
    wall_starts_at timestamp without time zone NOT NULL,
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
    next_step_at timestamp with time zone,
    ladder_started_at timestamp with time zone NOT NULL,
    unfilled_reason text,
    excluded jsonb,
    cancelled_at timestamp with time zone,
    cancel_reason text,
    cancel_reason_code text,
    created_by uuid,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    series_position smallint,
    fallback text,
    emergency boolean DEFAULT false NOT NULL,
    receiving_id uuid,
    channel text,
    party_ids uuid[],
    replaces_id uuid,
    CONSTRAINT requests_duration_is_sane CHECK (((duration_minutes >= 1) AND (duration_minutes <= 10080))),
    CONSTRAINT requests_session_is_half_open CHECK (((NOT isempty(session)) AND lower_inc(session) AND (NOT upper_inc(session)))),
    CONSTRAINT requests_state_is_known CHECK ((state = ANY (ARRAY['searching'::text, 'partly_filled'::text, 'filled'::text, 'unfilled'::text, 'cancelled'::text, 'closed'::text]))),
    CONSTRAINT requests_team_is_sane CHECK (((interpreters_needed >= 1) AND (interpreters_needed <= 20)))
);

CREATE TABLE public.room_uses (
    network_id uuid NOT NULL,
    request_id uuid NOT NULL,
    room_id uuid NOT NULL,
    used tstzrange NOT NULL,
    CONSTRAINT room_uses_are_half_open CHECK (((NOT isempty(used)) AND lower_inc(used) AND (NOT upper_inc(used))))
);

CREATE TABLE public.rooms (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    name text NOT NULL
);

CREATE TABLE public.series (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    institution_id uuid NOT NULL,
    rule text NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.sign_in_attempts (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    token_hash bytea NOT NULL,
    person_mark bytea NOT NULL,
    address_mark bytea NOT NULL,
    channel text NOT NULL,
    recipient text NOT NULL,
    code_hash bytea NOT NULL,
    tries smallint NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT sign_in_attempts_channel_is_known CHECK ((channel = ANY (ARRAY['mail'::text, 'text'::text]))),
    CONSTRAINT sign_in_attempts_tries_are_few CHECK (((tries >= 0) AND (tries <= 5)))
);

CREATE TABLE public.sign_ins (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    how text NOT NULL,
    device text,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT sign_ins_how_is_known CHECK ((how = ANY (ARRAY['code'::text, 'invitation'::text, 'passkey'::text, 'provider'::text])))
);

CREATE TABLE public.sites (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    institution_id uuid NOT NULL,
    name text NOT NULL,
    city text,
    address text,
    latitude double precision,
    longitude double precision,
    time_zone text NOT NULL,
    phone text,
    email text,
    opening_hours jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT sites_place_is_on_earth CHECK ((((latitude >= ('-90'::integer)::double precision) AND (latitude <= (90)::double precision)) AND ((longitude >= ('-180'::integer)::double precision) AND (longitude <= (180)::double precision)) AND ((latitude IS NULL) = (longitude IS NULL))))
);

CREATE TABLE public.statement_entries (
    network_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    side text NOT NULL,
    statement_id uuid NOT NULL
);

CREATE TABLE public.statements (
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
    issued_at timestamp with time zone NOT NULL,
    issued_by uuid,
    reopened_at timestamp with time zone,
    reason text,
    CONSTRAINT statements_are_of_one CHECK ((((side = 'charge'::text) = (institution_id IS NOT NULL)) AND ((side = 'pay'::text) = (interpreter_id IS NOT NULL)))),
    CONSTRAINT statements_side_is_known CHECK ((side = ANY (ARRAY['charge'::text, 'pay'::text]))),
    CONSTRAINT statements_state_is_known CHECK ((state = ANY (ARRAY['issued'::text, 'reopened'::text])))
);

CREATE TABLE public.supply (
    network_id uuid NOT NULL,
    pair text NOT NULL,
    interpreter_id uuid NOT NULL,
    active boolean NOT NULL,
    level smallint NOT NULL,
    modes smallint NOT NULL,
    gender text,
    qualification smallint NOT NULL,
    credentials text[] NOT NULL,
    dialects text[] NOT NULL,
    topics text[] NOT NULL,
    time_zone text NOT NULL,
    week bit(768) NOT NULL,
    outside_hours text NOT NULL,
    urgent_opt_in boolean NOT NULL,
    latitude double precision,
    longitude double precision,
    cell bigint,
    travel_radius_km integer NOT NULL,
    static_score real NOT NULL,
    available_until timestamp with time zone
);

CREATE TABLE public.tariffs (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    is_default boolean NOT NULL,
    currency text NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    terms jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT tariffs_end_after_they_begin CHECK ((valid_until > valid_from))
);

CREATE TABLE public.text_counts (
    network_id uuid NOT NULL,
    country text NOT NULL,
    day date NOT NULL,
    sent integer NOT NULL
);

CREATE TABLE public.time_changes (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    booking_id uuid NOT NULL,
    field text NOT NULL,
    was timestamp with time zone,
    becomes timestamp with time zone,
    changed_by text NOT NULL,
    reason text,
    said_at timestamp with time zone,
    recorded_at timestamp with time zone NOT NULL,
    was_minutes integer,
    becomes_minutes integer,
    CONSTRAINT time_changes_field_is_a_time CHECK ((field = ANY (ARRAY['checked_in_at'::text, 'started_at'::text, 'ended_at'::text, 'break_minutes'::text, 'late_told_at'::text]))),
    CONSTRAINT time_changes_say_what_became CHECK (
CASE
    WHEN (field = 'break_minutes'::text) THEN ((becomes_minutes IS NOT NULL) AND (becomes IS NULL))
    ELSE ((becomes IS NOT NULL) AND (becomes_minutes IS NULL))
END)
);

CREATE TABLE public.usage_entries (
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
    booked_starts_at timestamp with time zone NOT NULL,
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
    recorded_at timestamp with time zone NOT NULL,
    corrects_id uuid,
    reason_code text,
    break_minutes integer DEFAULT 0 NOT NULL,
    CONSTRAINT usage_entries_breaks_are_sane CHECK (((kind = 'adjustment'::text) OR ((break_minutes >= 0) AND (break_minutes <= actual_minutes)))),
    CONSTRAINT usage_entries_kind_is_known CHECK ((kind = ANY (ARRAY['session'::text, 'late_cancellation'::text, 'client_no_show'::text, 'adjustment'::text]))),
    CONSTRAINT usage_entries_minutes_are_sane CHECK (((kind = 'adjustment'::text) OR ((booked_minutes >= 0) AND (actual_minutes >= 0) AND (billable_minutes >= 0))))
);

CREATE TABLE public.users (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    display_name text,
    email text,
    phone text,
    roles text[] NOT NULL,
    institution_id uuid,
    interpreter_id uuid,
    active boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    language text,
    email_mark bytea,
    phone_mark bytea,
    identity_provider_id uuid,
    provider_subject text,
    invited_at timestamp with time zone,
    joined_at timestamp with time zone,
    notify jsonb,
    CONSTRAINT users_roles_are_known CHECK ((roles <@ ARRAY['coordinator'::text, 'finance'::text, 'consultant'::text, 'interpreter'::text])),
    CONSTRAINT users_roles_fit_owner CHECK (((('consultant'::text = ANY (roles)) = (institution_id IS NOT NULL)) AND (('interpreter'::text = ANY (roles)) = (interpreter_id IS NOT NULL))))
);

CREATE TABLE public.webhook_deliveries (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    event_id uuid,
    place bigint NOT NULL,
    type text NOT NULL,
    body bytea NOT NULL,
    subject_id uuid NOT NULL,
    state text NOT NULL,
    tries smallint NOT NULL,
    next_try_at timestamp with time zone,
    status smallint,
    error text,
    created_at timestamp with time zone NOT NULL,
    delivered_at timestamp with time zone,
    CONSTRAINT webhook_deliveries_state_is_known CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'failed'::text])))
);

CREATE TABLE public.webhook_endpoints (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    institution_id uuid,
    url text NOT NULL,
    secret text NOT NULL,
    old_secret text,
    old_secret_until timestamp with time zone,
    types text[] NOT NULL,
    active boolean NOT NULL,
    failing_since timestamp with time zone,
    after_place bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    version bigint NOT NULL
);

ALTER TABLE ONLY public.absences
    ADD CONSTRAINT absences_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_key PRIMARY KEY (network_id, booking_id);

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_token_is_unique UNIQUE (network_id, token_hash);

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.availability
    ADD CONSTRAINT availability_key PRIMARY KEY (network_id, interpreter_id, day, from_minute);

ALTER TABLE ONLY public.bookings
    ADD CONSTRAINT bookings_interpreter_is_free EXCLUDE USING gist (network_id WITH =, interpreter_id WITH =, blocked WITH &&) WHERE ((state = ANY (ARRAY['held'::text, 'confirmed'::text, 'in_progress'::text])));

ALTER TABLE ONLY public.bookings
    ADD CONSTRAINT bookings_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.calendar_links
    ADD CONSTRAINT calendar_links_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.calendar_links
    ADD CONSTRAINT calendar_links_token_is_unique UNIQUE (network_id, token_hash);

ALTER TABLE ONLY public.cancellation_policies
    ADD CONSTRAINT cancellation_policies_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.client_links
    ADD CONSTRAINT client_links_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.client_links
    ADD CONSTRAINT client_links_token_is_unique UNIQUE (network_id, token_hash);

ALTER TABLE ONLY public.client_voices
    ADD CONSTRAINT client_voices_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.clients
    ADD CONSTRAINT clients_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.clients
    ADD CONSTRAINT clients_reference_is_unique UNIQUE (network_id, institution_id, reference);

ALTER TABLE ONLY public.conflicts
    ADD CONSTRAINT conflicts_key PRIMARY KEY (network_id, interpreter_id, client_id);

ALTER TABLE ONLY public.credentials
    ADD CONSTRAINT credentials_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.disputes
    ADD CONSTRAINT disputes_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.due
    ADD CONSTRAINT due_key PRIMARY KEY (network_id, kind, id);

ALTER TABLE ONLY public.escalations
    ADD CONSTRAINT escalations_key PRIMARY KEY (network_id, request_id, kind, round);

ALTER TABLE ONLY public.event_places
    ADD CONSTRAINT event_places_key PRIMARY KEY (network_id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_id_is_unique UNIQUE (network_id, id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_key PRIMARY KEY (network_id, place);

ALTER TABLE ONLY public.expenses
    ADD CONSTRAINT expenses_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.export_parts
    ADD CONSTRAINT export_parts_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.export_parts
    ADD CONSTRAINT export_parts_part_is_one UNIQUE (network_id, run_id, part);

ALTER TABLE ONLY public.external_calendars
    ADD CONSTRAINT external_calendars_key PRIMARY KEY (network_id, interpreter_id);

ALTER TABLE ONLY public.freed_slots
    ADD CONSTRAINT freed_slots_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.freed_slots
    ADD CONSTRAINT freed_slots_of_booking_are_one UNIQUE (network_id, booking_id);

ALTER TABLE ONLY public.fundings
    ADD CONSTRAINT fundings_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.fundings
    ADD CONSTRAINT fundings_number_is_unique UNIQUE (network_id, number);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_key PRIMARY KEY (network_id, key_id, idempotency_key);

ALTER TABLE ONLY public.identity_providers
    ADD CONSTRAINT identity_providers_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.institutions
    ADD CONSTRAINT institutions_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.interpreter_languages
    ADD CONSTRAINT interpreter_languages_key PRIMARY KEY (network_id, interpreter_id, language);

ALTER TABLE ONLY public.interpreters
    ADD CONSTRAINT interpreters_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_token_is_unique UNIQUE (network_id, token_hash);

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_token_is_unique UNIQUE (network_id, token_hash);

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.network_names
    ADD CONSTRAINT network_names_key PRIMARY KEY (slug);

ALTER TABLE ONLY public.networks
    ADD CONSTRAINT networks_key PRIMARY KEY (network_id);

ALTER TABLE ONLY public.offer_links
    ADD CONSTRAINT offer_links_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.offer_links
    ADD CONSTRAINT offer_links_token_is_unique UNIQUE (network_id, token_hash);

ALTER TABLE ONLY public.offers
    ADD CONSTRAINT offers_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.on_call
    ADD CONSTRAINT on_call_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.operations
    ADD CONSTRAINT operations_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.passkey_challenges
    ADD CONSTRAINT passkey_challenges_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_credential_is_unique UNIQUE (network_id, credential_id);

ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.plan_places
    ADD CONSTRAINT plan_places_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.plan_places
    ADD CONSTRAINT plan_places_seat_is_planned_once UNIQUE (network_id, plan_id, request_id, seat);

ALTER TABLE ONLY public.plans
    ADD CONSTRAINT plans_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.push_subscriptions
    ADD CONSTRAINT push_subscriptions_browser_is_one UNIQUE (network_id, mark);

ALTER TABLE ONLY public.push_subscriptions
    ADD CONSTRAINT push_subscriptions_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.ratings
    ADD CONSTRAINT ratings_key PRIMARY KEY (network_id, booking_id, rated_by);

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_key PRIMARY KEY (network_id, booking_id);

ALTER TABLE ONLY public.request_clients
    ADD CONSTRAINT request_clients_key PRIMARY KEY (network_id, request_id, client_id);

ALTER TABLE ONLY public.request_seats
    ADD CONSTRAINT request_seats_key PRIMARY KEY (network_id, request_id, seat);

ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.room_uses
    ADD CONSTRAINT room_uses_key PRIMARY KEY (network_id, request_id);

ALTER TABLE ONLY public.room_uses
    ADD CONSTRAINT room_uses_room_is_free EXCLUDE USING gist (network_id WITH =, room_id WITH =, used WITH &&);

ALTER TABLE ONLY public.rooms
    ADD CONSTRAINT rooms_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.rooms
    ADD CONSTRAINT rooms_name_is_unique UNIQUE (network_id, site_id, name);

ALTER TABLE ONLY public.series
    ADD CONSTRAINT series_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.sign_in_attempts
    ADD CONSTRAINT sign_in_attempts_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.sign_in_attempts
    ADD CONSTRAINT sign_in_attempts_token_is_unique UNIQUE (network_id, token_hash);

ALTER TABLE ONLY public.sign_ins
    ADD CONSTRAINT sign_ins_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.sign_ins
    ADD CONSTRAINT sign_ins_token_is_unique UNIQUE (network_id, token_hash);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.statement_entries
    ADD CONSTRAINT statement_entries_key PRIMARY KEY (network_id, entry_id, side);

ALTER TABLE ONLY public.statements
    ADD CONSTRAINT statements_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.statements
    ADD CONSTRAINT statements_number_is_unique UNIQUE (network_id, number);

ALTER TABLE ONLY public.supply
    ADD CONSTRAINT supply_key PRIMARY KEY (network_id, pair, interpreter_id);

ALTER TABLE ONLY public.tariffs
    ADD CONSTRAINT tariffs_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.text_counts
    ADD CONSTRAINT text_counts_key PRIMARY KEY (network_id, country, day);

ALTER TABLE ONLY public.time_changes
    ADD CONSTRAINT time_changes_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.usage_entries
    ADD CONSTRAINT usage_entries_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_key PRIMARY KEY (network_id, id);

ALTER TABLE ONLY public.webhook_endpoints
    ADD CONSTRAINT webhook_endpoints_key PRIMARY KEY (network_id, id);

CREATE INDEX absences_of_interpreter ON public.absences USING gist (network_id, interpreter_id, absent);

CREATE UNIQUE INDEX approvals_reminders ON public.approvals USING btree (network_id, reminder_hash) WHERE (reminder_hash IS NOT NULL);

CREATE INDEX audit_by_time ON public.audit USING btree (network_id, at);

CREATE INDEX audit_of_subject ON public.audit USING btree (network_id, subject_id);

CREATE INDEX bookings_by_start ON public.bookings USING btree (network_id, starts_at);

CREATE INDEX bookings_missed ON public.bookings USING btree (network_id, starts_at) WHERE (state = 'interpreter_no_show'::text);

CREATE INDEX bookings_of_institution ON public.bookings USING btree (network_id, institution_id, id DESC);

CREATE INDEX bookings_of_interpreter ON public.bookings USING btree (network_id, interpreter_id, id DESC);

CREATE INDEX bookings_of_request ON public.bookings USING btree (network_id, request_id);

CREATE UNIQUE INDEX bookings_seat_is_taken_once ON public.bookings USING btree (network_id, request_id, seat) WHERE (state = ANY (ARRAY['held'::text, 'confirmed'::text, 'in_progress'::text, 'completed'::text]));

CREATE INDEX calendar_links_of_interpreter ON public.calendar_links USING btree (network_id, interpreter_id);

CREATE INDEX cancellation_policies_by_name ON public.cancellation_policies USING btree (network_id, name, valid_from);

CREATE INDEX client_links_of_booking ON public.client_links USING btree (network_id, booking_id);

CREATE INDEX client_voices_of_booking ON public.client_voices USING btree (network_id, booking_id);

CREATE INDEX client_voices_of_institution ON public.client_voices USING btree (network_id, institution_id, id DESC);

CREATE INDEX conflicts_of_client ON public.conflicts USING btree (network_id, client_id);

CREATE INDEX credentials_of_interpreter ON public.credentials USING btree (network_id, interpreter_id, kind);

CREATE INDEX disputes_of_booking ON public.disputes USING btree (network_id, booking_id);

CREATE UNIQUE INDEX disputes_open_are_one ON public.disputes USING btree (network_id, booking_id) WHERE (state = 'open'::text);

CREATE INDEX due_by_time ON public.due USING btree (at);

CREATE INDEX events_by_kind ON public.events USING btree (network_id, subject_kind, place);

CREATE INDEX events_by_time ON public.events USING btree (network_id, placed_at, place);

CREATE INDEX events_of_institution ON public.events USING btree (network_id, institution_id, place);

CREATE INDEX events_of_interpreter ON public.events USING btree (network_id, interpreter_id, place);

CREATE INDEX events_of_subject ON public.events USING btree (network_id, subject_kind, subject_id, place);

CREATE INDEX events_received ON public.events USING btree (network_id, receiving_id, place) WHERE (receiving_id IS NOT NULL);

CREATE INDEX expenses_of_booking ON public.expenses USING btree (network_id, booking_id);

CREATE INDEX expenses_of_interpreter ON public.expenses USING btree (network_id, interpreter_id, id DESC);

CREATE INDEX export_parts_of_operation ON public.export_parts USING btree (network_id, operation_id);

CREATE INDEX freed_slots_by_time ON public.freed_slots USING gist (network_id, slot);

CREATE INDEX idempotency_keys_by_age ON public.idempotency_keys USING btree (network_id, created_at);

CREATE INDEX interpreter_languages_by_language ON public.interpreter_languages USING btree (network_id, language, interpreter_id);

CREATE INDEX interpreters_by_email ON public.interpreters USING btree (network_id, email_mark) WHERE (email_mark IS NOT NULL);

CREATE INDEX interpreters_by_phone ON public.interpreters USING btree (network_id, phone_mark) WHERE (phone_mark IS NOT NULL);

CREATE UNIQUE INDEX interpreters_reference_is_unique ON public.interpreters USING btree (network_id, external_reference) WHERE (external_reference IS NOT NULL);

CREATE INDEX invitations_of_user ON public.invitations USING btree (network_id, user_id);

CREATE INDEX keys_of_institution ON public.keys USING btree (network_id, institution_id);

CREATE INDEX messages_by_age ON public.messages USING btree (network_id, created_at);

CREATE INDEX messages_of_offer ON public.messages USING btree (network_id, offer_id) WHERE (offer_id IS NOT NULL);

CREATE INDEX offer_links_of_offer ON public.offer_links USING btree (network_id, offer_id);

CREATE UNIQUE INDEX offers_interpreter_is_asked_once ON public.offers USING btree (network_id, request_id, seat, interpreter_id) WHERE (state = 'open'::text);

CREATE INDEX offers_of_interpreter ON public.offers USING btree (network_id, interpreter_id, id DESC);

CREATE INDEX offers_of_request ON public.offers USING btree (network_id, request_id, seat);

CREATE INDEX offers_open ON public.offers USING btree (network_id, id DESC) WHERE (state = 'open'::text);

CREATE INDEX operations_by_age ON public.operations USING btree (network_id, created_at);

CREATE INDEX outbox_not_placed ON public.outbox USING btree (network_id, written) WHERE (NOT placed);

CREATE INDEX outbox_of_batch ON public.outbox USING btree (network_id, batch_id);

CREATE INDEX passkey_challenges_by_age ON public.passkey_challenges USING btree (network_id, expires_at);

CREATE INDEX passkeys_of_user ON public.passkeys USING btree (network_id, user_id);

CREATE INDEX plan_places_of_interpreter ON public.plan_places USING btree (network_id, interpreter_id);

CREATE INDEX plan_places_of_request ON public.plan_places USING btree (network_id, request_id);

CREATE INDEX plans_by_time ON public.plans USING btree (network_id, made_at);

CREATE INDEX push_subscriptions_of_user ON public.push_subscriptions USING btree (network_id, user_id);

CREATE INDEX request_clients_of_client ON public.request_clients USING btree (network_id, client_id);

CREATE INDEX requests_by_reference ON public.requests USING btree (network_id, external_reference) WHERE (external_reference IS NOT NULL);

CREATE INDEX requests_by_start ON public.requests USING btree (network_id, starts_at);

CREATE INDEX requests_by_state ON public.requests USING btree (network_id, state, id DESC);

CREATE INDEX requests_of_institution ON public.requests USING btree (network_id, institution_id, id DESC);

CREATE INDEX requests_of_series ON public.requests USING btree (network_id, series_id, series_position) WHERE (series_id IS NOT NULL);

CREATE INDEX requests_received ON public.requests USING btree (network_id, receiving_id, id) WHERE (receiving_id IS NOT NULL);

CREATE UNIQUE INDEX requests_replace_a_booking_once ON public.requests USING btree (network_id, replaces_id) WHERE (replaces_id IS NOT NULL);

CREATE INDEX requests_with_parties ON public.requests USING btree (network_id, institution_id, id) WHERE ((party_ids IS NULL) OR (party_ids <> '{}'::uuid[]));

CREATE INDEX sign_in_attempts_by_age ON public.sign_in_attempts USING btree (network_id, created_at);

CREATE INDEX sign_in_attempts_of_person ON public.sign_in_attempts USING btree (network_id, person_mark, created_at);

CREATE INDEX sign_ins_of_user ON public.sign_ins USING btree (network_id, user_id, id DESC);

CREATE INDEX sites_of_institution ON public.sites USING btree (network_id, institution_id);

CREATE INDEX statement_entries_of_statement ON public.statement_entries USING btree (network_id, statement_id);

CREATE UNIQUE INDEX statements_institution_has_one ON public.statements USING btree (network_id, institution_id, month) WHERE ((state = 'issued'::text) AND (side = 'charge'::text));

CREATE UNIQUE INDEX statements_interpreter_has_one ON public.statements USING btree (network_id, interpreter_id, month) WHERE ((state = 'issued'::text) AND (side = 'pay'::text));

CREATE INDEX supply_by_cell ON public.supply USING btree (network_id, pair, cell);

CREATE INDEX supply_by_score ON public.supply USING btree (network_id, pair, static_score DESC, interpreter_id);

CREATE INDEX supply_far ON public.supply USING btree (network_id, pair) WHERE ((travel_radius_km > 100) OR (cell IS NULL));

CREATE INDEX supply_of_interpreter ON public.supply USING btree (network_id, interpreter_id);

CREATE INDEX tariffs_by_name ON public.tariffs USING btree (network_id, name, valid_from);

CREATE INDEX time_changes_of_booking ON public.time_changes USING btree (network_id, booking_id);

CREATE INDEX usage_entries_by_day ON public.usage_entries USING btree (network_id, booked_on);

CREATE INDEX usage_entries_of_booking ON public.usage_entries USING btree (network_id, booking_id);

CREATE INDEX usage_entries_of_institution ON public.usage_entries USING btree (network_id, institution_id, booked_on);

CREATE INDEX usage_entries_of_interpreter ON public.usage_entries USING btree (network_id, interpreter_id, booked_on);

CREATE UNIQUE INDEX usage_entries_owed_is_one ON public.usage_entries USING btree (network_id, booking_id) WHERE (kind = ANY (ARRAY['session'::text, 'late_cancellation'::text, 'client_no_show'::text]));

CREATE UNIQUE INDEX usage_entries_replaced_once ON public.usage_entries USING btree (network_id, corrects_id, reason_code) WHERE (reason_code = ANY (ARRAY['replaced'::text, 'replacement-called-off'::text]));

CREATE UNIQUE INDEX usage_entries_session_is_one ON public.usage_entries USING btree (network_id, booking_id) WHERE (kind = 'session'::text);

CREATE INDEX users_by_email ON public.users USING btree (network_id, email_mark) WHERE (email_mark IS NOT NULL);

CREATE INDEX users_by_phone ON public.users USING btree (network_id, phone_mark) WHERE (phone_mark IS NOT NULL);

CREATE UNIQUE INDEX users_interpreter_is_one ON public.users USING btree (network_id, interpreter_id) WHERE (interpreter_id IS NOT NULL);

CREATE UNIQUE INDEX users_subject_is_one ON public.users USING btree (network_id, identity_provider_id, provider_subject) WHERE (provider_subject IS NOT NULL);

CREATE INDEX webhook_deliveries_of_endpoint ON public.webhook_deliveries USING btree (network_id, endpoint_id, id DESC);

CREATE INDEX webhook_deliveries_waiting ON public.webhook_deliveries USING btree (network_id, endpoint_id, subject_id, place) WHERE (state = 'waiting'::text);

ALTER TABLE ONLY public.absences
    ADD CONSTRAINT absences_interpreter_exists FOREIGN KEY (network_id, interpreter_id) REFERENCES public.interpreters(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_booking_exists FOREIGN KEY (network_id, booking_id) REFERENCES public.bookings(network_id, id);

ALTER TABLE ONLY public.availability
    ADD CONSTRAINT availability_interpreter_exists FOREIGN KEY (network_id, interpreter_id) REFERENCES public.interpreters(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.bookings
    ADD CONSTRAINT bookings_interpreter_exists FOREIGN KEY (network_id, interpreter_id) REFERENCES public.interpreters(network_id, id);

ALTER TABLE ONLY public.bookings
    ADD CONSTRAINT bookings_seat_exists FOREIGN KEY (network_id, request_id, seat) REFERENCES public.request_seats(network_id, request_id, seat);

ALTER TABLE ONLY public.calendar_links
    ADD CONSTRAINT calendar_links_institution_exists FOREIGN KEY (network_id, institution_id) REFERENCES public.institutions(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.calendar_links
    ADD CONSTRAINT calendar_links_interpreter_exists FOREIGN KEY (network_id, interpreter_id) REFERENCES public.interpreters(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.client_links
    ADD CONSTRAINT client_links_booking_exists FOREIGN KEY (network_id, booking_id) REFERENCES public.bookings(network_id, id);

ALTER TABLE ONLY public.client_links
    ADD CONSTRAINT client_links_client_exists FOREIGN KEY (network_id, client_id) REFERENCES public.clients(network_id, id);

ALTER TABLE ONLY public.client_voices
    ADD CONSTRAINT client_voices_booking_exists FOREIGN KEY (network_id, booking_id) REFERENCES public.bookings(network_id, id);

ALTER TABLE ONLY public.clients
    ADD CONSTRAINT clients_institution_exists FOREIGN KEY (network_id, institution_id) REFERENCES public.institutions(network_id, id);

ALTER TABLE ONLY public.conflicts
    ADD CONSTRAINT conflicts_client_exists FOREIGN KEY (network_id, client_id) REFERENCES public.clients(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.conflicts
    ADD CONSTRAINT conflicts_interpreter_exists FOREIGN KEY (network_id, interpreter_id) REFERENCES public.interpreters(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.credentials
    ADD CONSTRAINT credentials_interpreter_exists FOREIGN KEY (network_id, interpreter_id) REFERENCES public.interpreters(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.disputes
    ADD CONSTRAINT disputes_booking_exists FOREIGN KEY (network_id, booking_id) REFERENCES public.bookings(network_id, id);

ALTER TABLE ONLY public.escalations
    ADD CONSTRAINT escalations_request_exists FOREIGN KEY (network_id, request_id) REFERENCES public.requests(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.event_places
    ADD CONSTRAINT event_places_network_exists FOREIGN KEY (network_id) REFERENCES public.networks(network_id);

ALTER TABLE ONLY public.expenses
    ADD CONSTRAINT expenses_booking_exists FOREIGN KEY (network_id, booking_id) REFERENCES public.bookings(network_id, id);

ALTER TABLE ONLY public.export_parts
    ADD CONSTRAINT export_parts_operation_exists FOREIGN KEY (network_id, operation_id) REFERENCES public.operations(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.external_calendars
    ADD CONSTRAINT external_calendars_interpreter_exists FOREIGN KEY (network_id, interpreter_id) REFERENCES public.interpreters(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.freed_slots
    ADD CONSTRAINT freed_slots_booking_exists FOREIGN KEY (network_id, booking_id) REFERENCES public.bookings(network_id, id);

ALTER TABLE ONLY public.fundings
    ADD CONSTRAINT fundings_network_exists FOREIGN KEY (network_id) REFERENCES public.networks(network_id);

ALTER TABLE ONLY public.identity_providers
    ADD CONSTRAINT identity_providers_institution_exists FOREIGN KEY (network_id, institution_id) REFERENCES public.institutions(network_id, id);

ALTER TABLE ONLY public.institutions
    ADD CONSTRAINT institutions_network_exists FOREIGN KEY (network_id) REFERENCES public.networks(network_id);

ALTER TABLE ONLY public.interpreter_languages
    ADD CONSTRAINT interpreter_languages_interpreter_exists FOREIGN KEY (network_id, interpreter_id) REFERENCES public.interpreters(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.interpreters
    ADD CONSTRAINT interpreters_network_exists FOREIGN KEY (network_id) REFERENCES public.networks(network_id);

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_user_exists FOREIGN KEY (network_id, user_id) REFERENCES public.users(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_institution_exists FOREIGN KEY (network_id, institution_id) REFERENCES public.institutions(network_id, id);

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_interpreter_exists FOREIGN KEY (network_id, interpreter_id) REFERENCES public.interpreters(network_id, id);

ALTER TABLE ONLY public.offer_links
    ADD CONSTRAINT offer_links_offer_exists FOREIGN KEY (network_id, offer_id) REFERENCES public.offers(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.offers
    ADD CONSTRAINT offers_interpreter_exists FOREIGN KEY (network_id, interpreter_id) REFERENCES public.interpreters(network_id, id);

ALTER TABLE ONLY public.offers
    ADD CONSTRAINT offers_seat_exists FOREIGN KEY (network_id, request_id, seat) REFERENCES public.request_seats(network_id, request_id, seat) ON DELETE CASCADE;

ALTER TABLE ONLY public.on_call
    ADD CONSTRAINT on_call_user_exists FOREIGN KEY (network_id, user_id) REFERENCES public.users(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_user_exists FOREIGN KEY (network_id, user_id) REFERENCES public.users(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.plan_places
    ADD CONSTRAINT plan_places_interpreter_exists FOREIGN KEY (network_id, interpreter_id) REFERENCES public.interpreters(network_id, id);

ALTER TABLE ONLY public.plan_places
    ADD CONSTRAINT plan_places_plan_exists FOREIGN KEY (network_id, plan_id) REFERENCES public.plans(network_id, id);

ALTER TABLE ONLY public.plan_places
    ADD CONSTRAINT plan_places_request_exists FOREIGN KEY (network_id, request_id) REFERENCES public.requests(network_id, id);

ALTER TABLE ONLY public.plans
    ADD CONSTRAINT plans_network_exists FOREIGN KEY (network_id) REFERENCES public.networks(network_id);

ALTER TABLE ONLY public.push_subscriptions
    ADD CONSTRAINT push_subscriptions_user_exists FOREIGN KEY (network_id, user_id) REFERENCES public.users(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ratings
    ADD CONSTRAINT ratings_booking_exists FOREIGN KEY (network_id, booking_id) REFERENCES public.bookings(network_id, id);

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_booking_exists FOREIGN KEY (network_id, booking_id) REFERENCES public.bookings(network_id, id);

ALTER TABLE ONLY public.request_clients
    ADD CONSTRAINT request_clients_client_exists FOREIGN KEY (network_id, client_id) REFERENCES public.clients(network_id, id);

ALTER TABLE ONLY public.request_clients
    ADD CONSTRAINT request_clients_request_exists FOREIGN KEY (network_id, request_id) REFERENCES public.requests(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.request_seats
    ADD CONSTRAINT request_seats_request_exists FOREIGN KEY (network_id, request_id) REFERENCES public.requests(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_institution_exists FOREIGN KEY (network_id, institution_id) REFERENCES public.institutions(network_id, id);

ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_site_exists FOREIGN KEY (network_id, site_id) REFERENCES public.sites(network_id, id);

ALTER TABLE ONLY public.room_uses
    ADD CONSTRAINT room_uses_request_exists FOREIGN KEY (network_id, request_id) REFERENCES public.requests(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.room_uses
    ADD CONSTRAINT room_uses_room_exists FOREIGN KEY (network_id, room_id) REFERENCES public.rooms(network_id, id);

ALTER TABLE ONLY public.rooms
    ADD CONSTRAINT rooms_site_exists FOREIGN KEY (network_id, site_id) REFERENCES public.sites(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.series
    ADD CONSTRAINT series_institution_exists FOREIGN KEY (network_id, institution_id) REFERENCES public.institutions(network_id, id);

ALTER TABLE ONLY public.sign_ins
    ADD CONSTRAINT sign_ins_user_exists FOREIGN KEY (network_id, user_id) REFERENCES public.users(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_institution_exists FOREIGN KEY (network_id, institution_id) REFERENCES public.institutions(network_id, id);

ALTER TABLE ONLY public.statement_entries
    ADD CONSTRAINT statement_entries_entry_exists FOREIGN KEY (network_id, entry_id) REFERENCES public.usage_entries(network_id, id);

ALTER TABLE ONLY public.statement_entries
    ADD CONSTRAINT statement_entries_statement_exists FOREIGN KEY (network_id, statement_id) REFERENCES public.statements(network_id, id);

ALTER TABLE ONLY public.statements
    ADD CONSTRAINT statements_institution_exists FOREIGN KEY (network_id, institution_id) REFERENCES public.institutions(network_id, id);

ALTER TABLE ONLY public.statements
    ADD CONSTRAINT statements_interpreter_exists FOREIGN KEY (network_id, interpreter_id) REFERENCES public.interpreters(network_id, id);

ALTER TABLE ONLY public.supply
    ADD CONSTRAINT supply_interpreter_exists FOREIGN KEY (network_id, interpreter_id) REFERENCES public.interpreters(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.time_changes
    ADD CONSTRAINT time_changes_booking_exists FOREIGN KEY (network_id, booking_id) REFERENCES public.bookings(network_id, id);

ALTER TABLE ONLY public.usage_entries
    ADD CONSTRAINT usage_entries_booking_exists FOREIGN KEY (network_id, booking_id) REFERENCES public.bookings(network_id, id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_institution_exists FOREIGN KEY (network_id, institution_id) REFERENCES public.institutions(network_id, id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_interpreter_exists FOREIGN KEY (network_id, interpreter_id) REFERENCES public.interpreters(network_id, id);

ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_endpoint_exists FOREIGN KEY (network_id, endpoint_id) REFERENCES public.webhook_endpoints(network_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.webhook_endpoints
    ADD CONSTRAINT webhook_endpoints_institution_exists FOREIGN KEY (network_id, institution_id) REFERENCES public.institutions(network_id, id);

ALTER TABLE public.absences ENABLE ROW LEVEL SECURITY;

CREATE POLICY absences_of_one_network ON public.absences USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.approvals ENABLE ROW LEVEL SECURITY;

CREATE POLICY approvals_of_one_network ON public.approvals USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.audit ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_of_one_network ON public.audit USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.availability ENABLE ROW LEVEL SECURITY;

CREATE POLICY availability_of_one_network ON public.availability USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.bookings ENABLE ROW LEVEL SECURITY;

CREATE POLICY bookings_of_one_network ON public.bookings USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.calendar_links ENABLE ROW LEVEL SECURITY;

CREATE POLICY calendar_links_of_one_network ON public.calendar_links USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.cancellation_policies ENABLE ROW LEVEL SECURITY;

CREATE POLICY cancellation_policies_of_one_network ON public.cancellation_policies USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.client_links ENABLE ROW LEVEL SECURITY;

CREATE POLICY client_links_of_one_network ON public.client_links USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.client_voices ENABLE ROW LEVEL SECURITY;

CREATE POLICY client_voices_of_one_network ON public.client_voices USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.clients ENABLE ROW LEVEL SECURITY;

CREATE POLICY clients_of_one_network ON public.clients USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.conflicts ENABLE ROW LEVEL SECURITY;

CREATE POLICY conflicts_of_one_network ON public.conflicts USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.credentials ENABLE ROW LEVEL SECURITY;

CREATE POLICY credentials_of_one_network ON public.credentials USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.disputes ENABLE ROW LEVEL SECURITY;

CREATE POLICY disputes_of_one_network ON public.disputes USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.escalations ENABLE ROW LEVEL SECURITY;

CREATE POLICY escalations_of_one_network ON public.escalations USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.event_places ENABLE ROW LEVEL SECURITY;

CREATE POLICY event_places_of_one_network ON public.event_places USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.events ENABLE ROW LEVEL SECURITY;

CREATE POLICY events_of_one_network ON public.events USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.expenses ENABLE ROW LEVEL SECURITY;

CREATE POLICY expenses_of_one_network ON public.expenses USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.export_parts ENABLE ROW LEVEL SECURITY;

CREATE POLICY export_parts_of_one_network ON public.export_parts USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.external_calendars ENABLE ROW LEVEL SECURITY;

CREATE POLICY external_calendars_of_one_network ON public.external_calendars USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.freed_slots ENABLE ROW LEVEL SECURITY;

CREATE POLICY freed_slots_of_one_network ON public.freed_slots USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.fundings ENABLE ROW LEVEL SECURITY;

CREATE POLICY fundings_of_one_network ON public.fundings USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.idempotency_keys ENABLE ROW LEVEL SECURITY;

CREATE POLICY idempotency_keys_of_one_network ON public.idempotency_keys USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.identity_providers ENABLE ROW LEVEL SECURITY;

CREATE POLICY identity_providers_of_one_network ON public.identity_providers USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.institutions ENABLE ROW LEVEL SECURITY;

CREATE POLICY institutions_of_one_network ON public.institutions USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.interpreter_languages ENABLE ROW LEVEL SECURITY;

CREATE POLICY interpreter_languages_of_one_network ON public.interpreter_languages USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.interpreters ENABLE ROW LEVEL SECURITY;

CREATE POLICY interpreters_of_one_network ON public.interpreters USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.invitations ENABLE ROW LEVEL SECURITY;

CREATE POLICY invitations_of_one_network ON public.invitations USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.keys ENABLE ROW LEVEL SECURITY;

CREATE POLICY keys_of_one_network ON public.keys USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.messages ENABLE ROW LEVEL SECURITY;

CREATE POLICY messages_of_one_network ON public.messages USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.networks ENABLE ROW LEVEL SECURITY;

CREATE POLICY networks_of_one_network ON public.networks USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.offer_links ENABLE ROW LEVEL SECURITY;

CREATE POLICY offer_links_of_one_network ON public.offer_links USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.offers ENABLE ROW LEVEL SECURITY;

CREATE POLICY offers_of_one_network ON public.offers USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.on_call ENABLE ROW LEVEL SECURITY;

CREATE POLICY on_call_of_one_network ON public.on_call USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.operations ENABLE ROW LEVEL SECURITY;

CREATE POLICY operations_of_one_network ON public.operations USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;

CREATE POLICY outbox_of_one_network ON public.outbox USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.passkey_challenges ENABLE ROW LEVEL SECURITY;

CREATE POLICY passkey_challenges_of_one_network ON public.passkey_challenges USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.passkeys ENABLE ROW LEVEL SECURITY;

CREATE POLICY passkeys_of_one_network ON public.passkeys USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.plan_places ENABLE ROW LEVEL SECURITY;

CREATE POLICY plan_places_of_one_network ON public.plan_places USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.plans ENABLE ROW LEVEL SECURITY;

CREATE POLICY plans_of_one_network ON public.plans USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.push_subscriptions ENABLE ROW LEVEL SECURITY;

CREATE POLICY push_subscriptions_of_one_network ON public.push_subscriptions USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.ratings ENABLE ROW LEVEL SECURITY;

CREATE POLICY ratings_of_one_network ON public.ratings USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.receipts ENABLE ROW LEVEL SECURITY;

CREATE POLICY receipts_of_one_network ON public.receipts USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.request_clients ENABLE ROW LEVEL SECURITY;

CREATE POLICY request_clients_of_one_network ON public.request_clients USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.request_seats ENABLE ROW LEVEL SECURITY;

CREATE POLICY request_seats_of_one_network ON public.request_seats USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.requests ENABLE ROW LEVEL SECURITY;

CREATE POLICY requests_of_one_network ON public.requests USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.room_uses ENABLE ROW LEVEL SECURITY;

CREATE POLICY room_uses_of_one_network ON public.room_uses USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.rooms ENABLE ROW LEVEL SECURITY;

CREATE POLICY rooms_of_one_network ON public.rooms USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.series ENABLE ROW LEVEL SECURITY;

CREATE POLICY series_of_one_network ON public.series USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.sign_in_attempts ENABLE ROW LEVEL SECURITY;

CREATE POLICY sign_in_attempts_of_one_network ON public.sign_in_attempts USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.sign_ins ENABLE ROW LEVEL SECURITY;

CREATE POLICY sign_ins_of_one_network ON public.sign_ins USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.sites ENABLE ROW LEVEL SECURITY;

CREATE POLICY sites_of_one_network ON public.sites USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.statement_entries ENABLE ROW LEVEL SECURITY;

CREATE POLICY statement_entries_of_one_network ON public.statement_entries USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.statements ENABLE ROW LEVEL SECURITY;

CREATE POLICY statements_of_one_network ON public.statements USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.supply ENABLE ROW LEVEL SECURITY;

CREATE POLICY supply_of_one_network ON public.supply USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.tariffs ENABLE ROW LEVEL SECURITY;

CREATE POLICY tariffs_of_one_network ON public.tariffs USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.text_counts ENABLE ROW LEVEL SECURITY;

CREATE POLICY text_counts_of_one_network ON public.text_counts USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.time_changes ENABLE ROW LEVEL SECURITY;

CREATE POLICY time_changes_of_one_network ON public.time_changes USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.usage_entries ENABLE ROW LEVEL SECURITY;

CREATE POLICY usage_entries_of_one_network ON public.usage_entries USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;

CREATE POLICY users_of_one_network ON public.users USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.webhook_deliveries ENABLE ROW LEVEL SECURITY;

CREATE POLICY webhook_deliveries_of_one_network ON public.webhook_deliveries USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

ALTER TABLE public.webhook_endpoints ENABLE ROW LEVEL SECURITY;

CREATE POLICY webhook_endpoints_of_one_network ON public.webhook_endpoints USING ((network_id = (NULLIF(current_setting('app.network_id'::text, true), ''::text))::uuid));

GRANT ALL ON FUNCTION public.enter(network uuid) TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.absences TO interpreters_app;

GRANT SELECT ON TABLE public.alembic_version TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.approvals TO interpreters_app;

GRANT SELECT,INSERT ON TABLE public.audit TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.availability TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.bookings TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.calendar_links TO interpreters_app;

GRANT SELECT,INSERT ON TABLE public.cancellation_policies TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.client_links TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.client_voices TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.clients TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conflicts TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.credentials TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.disputes TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.due TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.escalations TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.event_places TO interpreters_app;

GRANT SELECT,INSERT ON TABLE public.events TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.expenses TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.export_parts TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.external_calendars TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.freed_slots TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.fundings TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency_keys TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.identity_providers TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.institutions TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.interpreter_languages TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.interpreters TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.invitations TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.keys TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.messages TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.network_names TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.networks TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.offer_links TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.offers TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.on_call TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.operations TO interpreters_app;

GRANT USAGE ON SEQUENCE public.outbox_written TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outbox TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.passkey_challenges TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.passkeys TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.plan_places TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.plans TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.push_subscriptions TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ratings TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.receipts TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.request_clients TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.request_seats TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.requests TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.room_uses TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rooms TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.series TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sign_in_attempts TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sign_ins TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sites TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.statement_entries TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.statements TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.supply TO interpreters_app;

GRANT SELECT,INSERT ON TABLE public.tariffs TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.text_counts TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.time_changes TO interpreters_app;

GRANT SELECT,INSERT ON TABLE public.usage_entries TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.users TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.webhook_deliveries TO interpreters_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.webhook_endpoints TO interpreters_app;
