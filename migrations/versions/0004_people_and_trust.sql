-- People who sign in, messages to them, the helped person's link, imports, the sandbox.
--
-- Expand only; the running release bears it (new tables, columns with a default or none). What is
-- said to be sealed is encrypted by the application; a `mark` is the HMAC by which it is found.

-- The tables that get an index hold a roster (thousands of rows), the two constraints that go are
-- replaced by wider ones in the same transaction.
-- squawk-ignore-file require-concurrent-index-creation, ban-drop-constraint

SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

-- How long what is kept, in days by what it is (docs/privacy.md); whose twin a sandbox is; a text
-- sealed when the network was opened: it tells whether a process holds the right secret keys.
ALTER TABLE networks ADD COLUMN retention jsonb NOT NULL DEFAULT '{}';
ALTER TABLE networks ADD COLUMN sandbox_of uuid;
ALTER TABLE networks ADD COLUMN sealed_check text;
ALTER TABLE networks ADD COLUMN applications_open boolean NOT NULL DEFAULT false;
ALTER TABLE networks ADD COLUMN volunteer_topics text[];

-- Whether clients may be given their link (off unless the institution wants it); what to call it
-- in an import.
ALTER TABLE institutions ADD COLUMN client_links boolean NOT NULL DEFAULT false;
ALTER TABLE institutions ADD COLUMN external_reference text;

-- From applying or being invited to being asked; `active` stays the switch of who is.
ALTER TABLE interpreters ADD COLUMN stage text NOT NULL DEFAULT 'active';
ALTER TABLE interpreters ADD COLUMN stage_reason text;
ALTER TABLE interpreters ADD COLUMN external_reference text;
ALTER TABLE interpreters ADD COLUMN email_mark bytea;
ALTER TABLE interpreters ADD COLUMN phone_mark bytea;
ALTER TABLE interpreters ADD COLUMN erased_at timestamptz;
ALTER TABLE interpreters ADD CONSTRAINT interpreters_stage_is_known
    CHECK (stage IN ('applied', 'invited', 'vetted', 'active', 'suspended')) NOT VALID;
ALTER TABLE interpreters ADD CONSTRAINT interpreters_still_reached
    CHECK (phone IS NOT NULL OR email IS NOT NULL OR erased_at IS NOT NULL) NOT VALID;
ALTER TABLE interpreters DROP CONSTRAINT interpreters_can_be_reached;
CREATE INDEX interpreters_by_email ON interpreters (network_id, email_mark)
    WHERE email_mark IS NOT NULL;
CREATE INDEX interpreters_by_phone ON interpreters (network_id, phone_mark)
    WHERE phone_mark IS NOT NULL;
CREATE UNIQUE INDEX interpreters_reference_is_unique
    ON interpreters (network_id, external_reference) WHERE external_reference IS NOT NULL;

-- Staff and interpreters as people who sign in. A mailbox may be shared by several of them.
ALTER TABLE users ADD COLUMN language text;
ALTER TABLE users ADD COLUMN email_mark bytea;
ALTER TABLE users ADD COLUMN phone_mark bytea;
ALTER TABLE users ADD COLUMN identity_provider_id uuid;
ALTER TABLE users ADD COLUMN provider_subject text;
ALTER TABLE users ADD COLUMN invited_at timestamptz;
ALTER TABLE users ADD COLUMN joined_at timestamptz;
ALTER TABLE users ADD CONSTRAINT users_roles_fit_owner CHECK (
    ('consultant' = ANY (roles)) = (institution_id IS NOT NULL)
    AND ('interpreter' = ANY (roles)) = (interpreter_id IS NOT NULL)
) NOT VALID;
CREATE INDEX users_by_email ON users (network_id, email_mark) WHERE email_mark IS NOT NULL;
CREATE INDEX users_by_phone ON users (network_id, phone_mark) WHERE phone_mark IS NOT NULL;
CREATE UNIQUE INDEX users_interpreter_is_one ON users (network_id, interpreter_id)
    WHERE interpreter_id IS NOT NULL;
CREATE UNIQUE INDEX users_subject_is_one
    ON users (network_id, identity_provider_id, provider_subject)
    WHERE provider_subject IS NOT NULL;

-- An invitation: a link of one use, for one user, whoever else reads the mailbox.
CREATE TABLE invitations (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT invitations_key PRIMARY KEY (network_id, id),
    CONSTRAINT invitations_token_is_unique UNIQUE (network_id, token_hash),
    CONSTRAINT invitations_user_exists FOREIGN KEY (network_id, user_id)
        REFERENCES users (network_id, id) ON DELETE CASCADE
);
CREATE INDEX invitations_of_user ON invitations (network_id, user_id);

-- One try to sign in: whoever asked holds the token, the person holds the code. It is kept also
-- for an address that nobody has, so that both look alike.
CREATE TABLE sign_in_attempts (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    token_hash bytea NOT NULL,
    person_mark bytea NOT NULL,
    address_mark bytea NOT NULL,
    channel text NOT NULL,
    recipient text NOT NULL,
    code_hash bytea NOT NULL,
    tries smallint NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT sign_in_attempts_key PRIMARY KEY (network_id, id),
    CONSTRAINT sign_in_attempts_token_is_unique UNIQUE (network_id, token_hash),
    CONSTRAINT sign_in_attempts_channel_is_known CHECK (channel IN ('mail', 'text')),
    CONSTRAINT sign_in_attempts_tries_are_few CHECK (tries BETWEEN 0 AND 5)
);
CREATE INDEX sign_in_attempts_of_person ON sign_in_attempts (network_id, person_mark, created_at);
CREATE INDEX sign_in_attempts_by_age ON sign_in_attempts (network_id, created_at);

-- A device somebody is signed in on.
CREATE TABLE sign_ins (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    how text NOT NULL,
    device text,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    last_used_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT sign_ins_key PRIMARY KEY (network_id, id),
    CONSTRAINT sign_ins_token_is_unique UNIQUE (network_id, token_hash),
    CONSTRAINT sign_ins_user_exists FOREIGN KEY (network_id, user_id)
        REFERENCES users (network_id, id) ON DELETE CASCADE,
    CONSTRAINT sign_ins_how_is_known CHECK (how IN ('code', 'invitation', 'passkey', 'provider'))
);
CREATE INDEX sign_ins_of_user ON sign_ins (network_id, user_id, id DESC);

CREATE TABLE passkeys (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    credential_id bytea NOT NULL,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    name text,
    last_used_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT passkeys_key PRIMARY KEY (network_id, id),
    CONSTRAINT passkeys_credential_is_unique UNIQUE (network_id, credential_id),
    CONSTRAINT passkeys_user_exists FOREIGN KEY (network_id, user_id)
        REFERENCES users (network_id, id) ON DELETE CASCADE
);
CREATE INDEX passkeys_of_user ON passkeys (network_id, user_id);

-- A challenge waiting for its answer by a passkey; of nobody yet when it is to sign in.
CREATE TABLE passkey_challenges (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid,
    challenge bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT passkey_challenges_key PRIMARY KEY (network_id, id)
);
CREATE INDEX passkey_challenges_by_age ON passkey_challenges (network_id, expires_at);

-- An institution's (or the network's own) OpenID provider; group_roles maps its groups to roles.
CREATE TABLE identity_providers (
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
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT identity_providers_key PRIMARY KEY (network_id, id),
    CONSTRAINT identity_providers_institution_exists FOREIGN KEY (network_id, institution_id)
        REFERENCES institutions (network_id, id)
);

-- Keys: a name for software that rotates its keys, and who made them.
ALTER TABLE keys ADD COLUMN name text;
ALTER TABLE keys ADD COLUMN made_by uuid;

-- What is sent to a person. Recipient, subject and body are sealed, and emptied when they have
-- served.
CREATE TABLE messages (
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
    expires_at timestamptz,
    provider_reference text,
    sent_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT messages_key PRIMARY KEY (network_id, id),
    CONSTRAINT messages_channel_is_known CHECK (channel IN ('mail', 'text')),
    CONSTRAINT messages_state_is_known CHECK (state IN ('waiting', 'sent', 'kept', 'failed', 'dropped'))
);
CREATE INDEX messages_by_age ON messages (network_id, created_at);

-- How many texts went to a country on a day (the network's): the daily cap.
CREATE TABLE text_counts (
    network_id uuid NOT NULL,
    country text NOT NULL,
    day date NOT NULL,
    sent integer NOT NULL,
    CONSTRAINT text_counts_key PRIMARY KEY (network_id, country, day)
);

-- The helped person's link to one booking.
CREATE TABLE client_links (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    booking_id uuid NOT NULL,
    client_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    language text NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    opened_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT client_links_key PRIMARY KEY (network_id, id),
    CONSTRAINT client_links_token_is_unique UNIQUE (network_id, token_hash),
    CONSTRAINT client_links_booking_exists FOREIGN KEY (network_id, booking_id)
        REFERENCES bookings (network_id, id),
    CONSTRAINT client_links_client_exists FOREIGN KEY (network_id, client_id)
        REFERENCES clients (network_id, id)
);
CREATE INDEX client_links_of_booking ON client_links (network_id, booking_id);

-- What the helped person said through it; `said` is sealed.
CREATE TABLE client_voices (
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
    answered_at timestamptz,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT client_voices_key PRIMARY KEY (network_id, id),
    CONSTRAINT client_voices_booking_exists FOREIGN KEY (network_id, booking_id)
        REFERENCES bookings (network_id, id),
    CONSTRAINT client_voices_kind_is_known CHECK (kind IN ('another_person', 'complaint')),
    CONSTRAINT client_voices_state_is_known CHECK (state IN ('open', 'answered'))
);
CREATE INDEX client_voices_of_booking ON client_voices (network_id, booking_id);
CREATE INDEX client_voices_of_institution ON client_voices (network_id, institution_id, id DESC);

-- Work that takes longer than a call: `input` and `result` are sealed.
CREATE TABLE operations (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    owner_id uuid,
    state text NOT NULL,
    done integer NOT NULL,
    total integer,
    input bytea,
    result bytea,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    CONSTRAINT operations_key PRIMARY KEY (network_id, id),
    CONSTRAINT operations_state_is_known CHECK (state IN ('waiting', 'running', 'succeeded', 'failed')),
    CONSTRAINT operations_done_is_sane CHECK (done >= 0 AND (total IS NULL OR total >= 0))
);
CREATE INDEX operations_by_age ON operations (network_id, created_at);

-- Who read or changed what: also people, and from where they are known to come.
ALTER TABLE audit ADD COLUMN user_id uuid;
CREATE INDEX audit_by_time ON audit (network_id, at);

ALTER TABLE due ADD CONSTRAINT due_kind_has_a_job CHECK (kind IN (
    'outbox', 'ladder', 'offers', 'retention', 'message', 'operation', 'scenario'
)) NOT VALID;
ALTER TABLE due DROP CONSTRAINT due_kind_is_known;

DO $$
DECLARE
    tenant text;
BEGIN
    FOREACH tenant IN ARRAY ARRAY[
        'invitations', 'sign_in_attempts', 'sign_ins', 'passkeys', 'passkey_challenges',
        'identity_providers', 'messages', 'text_counts', 'client_links', 'client_voices',
        'operations'
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
