-- Networks, their people, customers and roster.
--
-- Expand only: nothing runs yet. Every key starts with network_id, the tenant and the shard key;
-- no foreign key leaves the tenant tables; no SET NULL, no DEFERRABLE, no identity.

SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Opens the wall for one network until the transaction ends. EXECUTE, because SET takes no
-- parameters; set_config() would not travel to the workers of a distributed database.
CREATE FUNCTION enter(network uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'SET LOCAL app.network_id = ' || quote_literal(network);
END
$$;

CREATE TABLE networks (
    network_id uuid NOT NULL,
    name text NOT NULL,
    time_zone text NOT NULL,
    currency text NOT NULL,
    country text,
    working_language text,
    weights jsonb NOT NULL,
    ladder jsonb NOT NULL,
    roster_time_zones text[] NOT NULL,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT networks_key PRIMARY KEY (network_id)
);

-- The directory: which networks there are. One of two tables without row-level security; it holds
-- no content.
CREATE TABLE network_names (
    slug text NOT NULL,
    network_id uuid NOT NULL,
    CONSTRAINT network_names_key PRIMARY KEY (slug)
);

CREATE TABLE institutions (
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
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT institutions_key PRIMARY KEY (network_id, id),
    CONSTRAINT institutions_network_exists FOREIGN KEY (network_id) REFERENCES networks (network_id),
    CONSTRAINT institutions_kind_is_known CHECK (kind IN (
        'ngo', 'state', 'municipality', 'social_service', 'crisis_centre', 'education', 'health',
        'justice', 'bank', 'employer', 'other'
    ))
);

CREATE TABLE sites (
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
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT sites_key PRIMARY KEY (network_id, id),
    CONSTRAINT sites_institution_exists FOREIGN KEY (network_id, institution_id)
        REFERENCES institutions (network_id, id),
    CONSTRAINT sites_place_is_on_earth CHECK (
        latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180
        AND (latitude IS NULL) = (longitude IS NULL)
    )
);
CREATE INDEX sites_of_institution ON sites (network_id, institution_id);

CREATE TABLE rooms (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    name text NOT NULL,
    CONSTRAINT rooms_key PRIMARY KEY (network_id, id),
    CONSTRAINT rooms_site_exists FOREIGN KEY (network_id, site_id)
        REFERENCES sites (network_id, id) ON DELETE CASCADE,
    CONSTRAINT rooms_name_is_unique UNIQUE (network_id, site_id, name)
);

CREATE TABLE clients (
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
    erased_at timestamptz,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT clients_key PRIMARY KEY (network_id, id),
    CONSTRAINT clients_institution_exists FOREIGN KEY (network_id, institution_id)
        REFERENCES institutions (network_id, id),
    CONSTRAINT clients_reference_is_unique UNIQUE (network_id, institution_id, reference)
);

CREATE TABLE interpreters (
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
    available_until timestamptz,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT interpreters_key PRIMARY KEY (network_id, id),
    CONSTRAINT interpreters_network_exists FOREIGN KEY (network_id) REFERENCES networks (network_id),
    CONSTRAINT interpreters_can_be_reached CHECK (phone IS NOT NULL OR email IS NOT NULL),
    CONSTRAINT interpreters_gender_is_known CHECK (gender IN ('female', 'male', 'other')),
    CONSTRAINT interpreters_modes_are_known
        CHECK (modes <@ ARRAY['in_person', 'phone', 'video'] AND modes <> '{}'),
    CONSTRAINT interpreters_qualification_is_known
        CHECK (qualification IN ('certified', 'trained', 'language_speaker')),
    CONSTRAINT interpreters_engagement_is_known
        CHECK (engagement IN ('staff', 'freelance', 'volunteer')),
    CONSTRAINT interpreters_outside_hours_is_known CHECK (outside_hours IN ('ask', 'never')),
    CONSTRAINT interpreters_home_is_on_earth CHECK (
        latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180
        AND (latitude IS NULL) = (longitude IS NULL)
    ),
    CONSTRAINT interpreters_radius_is_sane CHECK (travel_radius_km BETWEEN 0 AND 2000)
);

CREATE TABLE interpreter_languages (
    network_id uuid NOT NULL,
    interpreter_id uuid NOT NULL,
    language text NOT NULL,
    position smallint NOT NULL,
    level text NOT NULL,
    dialects text[] NOT NULL,
    CONSTRAINT interpreter_languages_key PRIMARY KEY (network_id, interpreter_id, language),
    CONSTRAINT interpreter_languages_interpreter_exists FOREIGN KEY (network_id, interpreter_id)
        REFERENCES interpreters (network_id, id) ON DELETE CASCADE,
    CONSTRAINT interpreter_languages_level_is_known CHECK (level IN ('native', 'fluent', 'working'))
);
CREATE INDEX interpreter_languages_by_language
    ON interpreter_languages (network_id, language, interpreter_id);

CREATE TABLE credentials (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    interpreter_id uuid NOT NULL,
    kind text NOT NULL,
    number text,
    issued_on date,
    expires_on date,
    created_at timestamptz NOT NULL,
    CONSTRAINT credentials_key PRIMARY KEY (network_id, id),
    CONSTRAINT credentials_interpreter_exists FOREIGN KEY (network_id, interpreter_id)
        REFERENCES interpreters (network_id, id) ON DELETE CASCADE,
    CONSTRAINT credentials_expire_after_issue CHECK (expires_on >= issued_on)
);
CREATE INDEX credentials_of_interpreter ON credentials (network_id, interpreter_id, kind);

-- Weekly hours in the interpreter's own zone; minutes of the local day, quarter hours.
CREATE TABLE availability (
    network_id uuid NOT NULL,
    interpreter_id uuid NOT NULL,
    day smallint NOT NULL,
    from_minute smallint NOT NULL,
    to_minute smallint NOT NULL,
    CONSTRAINT availability_key PRIMARY KEY (network_id, interpreter_id, day, from_minute),
    CONSTRAINT availability_interpreter_exists FOREIGN KEY (network_id, interpreter_id)
        REFERENCES interpreters (network_id, id) ON DELETE CASCADE,
    CONSTRAINT availability_day_is_known CHECK (day BETWEEN 0 AND 6),
    CONSTRAINT availability_hours_are_quarters CHECK (
        from_minute BETWEEN 0 AND 1425 AND to_minute BETWEEN 15 AND 1440
        AND from_minute % 15 = 0 AND to_minute % 15 = 0 AND from_minute < to_minute
    )
);

CREATE TABLE absences (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    interpreter_id uuid NOT NULL,
    absent tstzrange NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT absences_key PRIMARY KEY (network_id, id),
    CONSTRAINT absences_interpreter_exists FOREIGN KEY (network_id, interpreter_id)
        REFERENCES interpreters (network_id, id) ON DELETE CASCADE,
    CONSTRAINT absences_are_half_open
        CHECK (NOT isempty(absent) AND lower_inc(absent) AND NOT upper_inc(absent))
);
CREATE INDEX absences_of_interpreter ON absences USING gist (network_id, interpreter_id, absent);

-- One row per interpreter and unordered pair of languages: what a search needs, denormalised.
-- `week` is the local week in quarter hours, Monday first, Monday repeated at the end so that no
-- window wraps; `modes` is a bit mask (1 in person, 2 phone, 4 video); `cell` is H3 resolution 4.
CREATE TABLE supply (
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
    available_until timestamptz,
    CONSTRAINT supply_key PRIMARY KEY (network_id, pair, interpreter_id),
    CONSTRAINT supply_interpreter_exists FOREIGN KEY (network_id, interpreter_id)
        REFERENCES interpreters (network_id, id) ON DELETE CASCADE
);
CREATE INDEX supply_by_cell ON supply (network_id, pair, cell);
-- Who travels farther than the cells around a place reach, or whose home is unknown.
CREATE INDEX supply_far ON supply (network_id, pair) WHERE travel_radius_km > 100 OR cell IS NULL;
CREATE INDEX supply_of_interpreter ON supply (network_id, interpreter_id);
CREATE INDEX supply_by_score ON supply (network_id, pair, static_score DESC, interpreter_id);

CREATE TABLE users (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    display_name text,
    email text,
    phone text,
    roles text[] NOT NULL,
    institution_id uuid,
    interpreter_id uuid,
    active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT users_key PRIMARY KEY (network_id, id),
    CONSTRAINT users_institution_exists FOREIGN KEY (network_id, institution_id)
        REFERENCES institutions (network_id, id),
    CONSTRAINT users_interpreter_exists FOREIGN KEY (network_id, interpreter_id)
        REFERENCES interpreters (network_id, id),
    CONSTRAINT users_roles_are_known
        CHECK (roles <@ ARRAY['coordinator', 'finance', 'consultant', 'interpreter'])
);

-- Opaque tokens, stored hashed (SHA-256 of 32 random bytes needs no salt).
CREATE TABLE keys (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    token_hash bytea NOT NULL,
    role text NOT NULL,
    institution_id uuid,
    interpreter_id uuid,
    scopes text[] NOT NULL,
    mode text NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT keys_key PRIMARY KEY (network_id, id),
    CONSTRAINT keys_token_is_unique UNIQUE (network_id, token_hash),
    CONSTRAINT keys_institution_exists FOREIGN KEY (network_id, institution_id)
        REFERENCES institutions (network_id, id),
    CONSTRAINT keys_interpreter_exists FOREIGN KEY (network_id, interpreter_id)
        REFERENCES interpreters (network_id, id),
    CONSTRAINT keys_mode_is_known CHECK (mode IN ('live', 'test')),
    CONSTRAINT keys_role_fits_owner CHECK (
        CASE role
            WHEN 'coordinator' THEN institution_id IS NULL AND interpreter_id IS NULL
            WHEN 'finance' THEN institution_id IS NULL AND interpreter_id IS NULL
            WHEN 'consultant' THEN institution_id IS NOT NULL AND interpreter_id IS NULL
            WHEN 'institution' THEN institution_id IS NOT NULL AND interpreter_id IS NULL
            WHEN 'interpreter' THEN institution_id IS NULL AND interpreter_id IS NOT NULL
            ELSE false
        END
    )
);
CREATE INDEX keys_of_institution ON keys (network_id, institution_id);
