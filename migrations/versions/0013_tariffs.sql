-- Tariffs, cancellation policies, and what prices and corrections need of the ledger.
--
-- Expand only; the running release bears it. Both tables only grow, as the ledger does: another
-- price is another row, and every entry names the row it was made by.

SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

-- From `valid_from` up to, not on, `valid_until`; `terms` as they were sent (rates, minimums,
-- increments, supplements, travel), money in minor units of `currency`.
CREATE TABLE tariffs (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    is_default boolean NOT NULL,
    currency text NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    terms jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT tariffs_key PRIMARY KEY (network_id, id),
    CONSTRAINT tariffs_end_after_they_begin CHECK (valid_until > valid_from)
);
CREATE INDEX tariffs_by_name ON tariffs (network_id, name, valid_from);

-- `rules` as they were sent: until when calling off is free, and which share it costs then.
CREATE TABLE cancellation_policies (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    is_default boolean NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    rules jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT cancellation_policies_key PRIMARY KEY (network_id, id),
    CONSTRAINT cancellation_policies_end_after_they_begin CHECK (valid_until > valid_from)
);
CREATE INDEX cancellation_policies_by_name ON cancellation_policies (network_id, name, valid_from);

-- An adjustment names the entry it corrects, and by a code why. In people's own words it is
-- written elsewhere: what is sealed must be sealed anew one day, and this table never changes.
ALTER TABLE usage_entries ADD COLUMN corrects_id uuid;
ALTER TABLE usage_entries ADD COLUMN reason_code text;

-- A booking ends in one way, and is owed for once. Writing waits for the second or two in which a
-- million entries are looked through.
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX usage_entries_owed_is_one ON usage_entries (network_id, booking_id)
    WHERE kind IN ('session', 'late_cancellation', 'client_no_show');
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX usage_entries_of_booking ON usage_entries (network_id, booking_id);

DO $$
DECLARE
    tenant text;
BEGIN
    FOREACH tenant IN ARRAY ARRAY['tariffs', 'cancellation_policies'] LOOP
        EXECUTE 'ALTER TABLE ' || quote_ident(tenant) || ' ENABLE ROW LEVEL SECURITY';
        EXECUTE 'CREATE POLICY ' || quote_ident(tenant || '_of_one_network') || ' ON '
            || quote_ident(tenant)
            || ' USING (network_id = nullif(current_setting(''app.network_id'', true), '''')::uuid)';
        EXECUTE 'GRANT SELECT, INSERT ON ' || quote_ident(tenant) || ' TO interpreters_app';
    END LOOP;
END
$$;
