-- Webhooks: who is told of events, and what became of each.
--
-- Expand only; the running release bears it. What is said to be sealed is encrypted by the
-- application.

SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

-- `url`, `secret` and `old_secret` are sealed. Told is what stands after `after_place` in the feed
-- of the institution, or (none) of the network. Switched off by the receiver (410) or after days of failing.
CREATE TABLE webhook_endpoints (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    institution_id uuid,
    url text NOT NULL,
    secret text NOT NULL,
    old_secret text,
    old_secret_until timestamptz,
    types text[] NOT NULL,
    active boolean NOT NULL,
    failing_since timestamptz,
    after_place bigint NOT NULL,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT webhook_endpoints_key PRIMARY KEY (network_id, id),
    CONSTRAINT webhook_endpoints_institution_exists FOREIGN KEY (network_id, institution_id)
        REFERENCES institutions (network_id, id)
);

-- `place` orders what is about one subject; a ping has 0 and no event. `next_try_at` is also how
-- long whoever is just sending it has it for themselves.
CREATE TABLE webhook_deliveries (
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
    next_try_at timestamptz,
    status smallint,
    error text,
    created_at timestamptz NOT NULL,
    delivered_at timestamptz,
    CONSTRAINT webhook_deliveries_key PRIMARY KEY (network_id, id),
    CONSTRAINT webhook_deliveries_endpoint_exists FOREIGN KEY (network_id, endpoint_id)
        REFERENCES webhook_endpoints (network_id, id) ON DELETE CASCADE,
    CONSTRAINT webhook_deliveries_state_is_known
        CHECK (state IN ('waiting', 'delivered', 'failed'))
);
CREATE INDEX webhook_deliveries_waiting
    ON webhook_deliveries (network_id, endpoint_id, subject_id, place) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_of_endpoint ON webhook_deliveries (network_id, endpoint_id, id DESC);

DO $$
DECLARE
    tenant text;
BEGIN
    FOREACH tenant IN ARRAY ARRAY['webhook_endpoints', 'webhook_deliveries'] LOOP
        EXECUTE 'ALTER TABLE ' || quote_ident(tenant) || ' ENABLE ROW LEVEL SECURITY';
        EXECUTE 'CREATE POLICY ' || quote_ident(tenant || '_of_one_network') || ' ON '
            || quote_ident(tenant)
            || ' USING (network_id = nullif(current_setting(''app.network_id'', true), '''')::uuid)';
        EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON ' || quote_ident(tenant)
            || ' TO interpreters_app';
    END LOOP;
END
$$;
