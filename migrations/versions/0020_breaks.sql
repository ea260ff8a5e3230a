-- Breaks of sessions; requests that replace a booking which was called off late.
--
-- Expand only; the running release bears it. A constraint goes and is replaced by a wider one in
-- the same transaction; each row has what the new ones ask for, for nobody could write otherwise.
-- `becomes` may be empty of breaks alone, which only the newer release writes; the running one
-- answers what it finds. Writing waits for the second or two in which a million rows are looked
-- through.
-- squawk-ignore-file ban-drop-constraint, constraint-missing-not-valid, ban-drop-not-null, require-concurrent-index-creation

SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

-- How long a session's breaks were together, said by who says when it ended.
ALTER TABLE bookings ADD COLUMN break_minutes integer NOT NULL DEFAULT 0;
ALTER TABLE bookings ADD CONSTRAINT bookings_breaks_are_of_a_session
    CHECK (break_minutes >= 0 AND (break_minutes = 0 OR ended_at IS NOT NULL));

-- The same in the ledger; of an adjustment the difference.
ALTER TABLE usage_entries ADD COLUMN break_minutes integer NOT NULL DEFAULT 0;
ALTER TABLE usage_entries ADD CONSTRAINT usage_entries_breaks_are_sane
    CHECK (kind = 'adjustment' OR break_minutes BETWEEN 0 AND actual_minutes);

-- A change of breaks is one of minutes, not of an instant.
ALTER TABLE time_changes ADD COLUMN was_minutes integer;
ALTER TABLE time_changes ADD COLUMN becomes_minutes integer;
ALTER TABLE time_changes ALTER COLUMN becomes DROP NOT NULL;
ALTER TABLE time_changes DROP CONSTRAINT time_changes_field_is_known;
ALTER TABLE time_changes ADD CONSTRAINT time_changes_field_is_known
    CHECK (field IN ('checked_in_at', 'started_at', 'ended_at', 'break_minutes'));
ALTER TABLE time_changes ADD CONSTRAINT time_changes_say_what_became
    CHECK (CASE WHEN field = 'break_minutes' THEN becomes_minutes IS NOT NULL AND becomes IS NULL
           ELSE becomes IS NOT NULL AND becomes_minutes IS NULL END);

-- The booking, called off late, that the request replaces: once, whoever asks first.
ALTER TABLE requests ADD COLUMN replaces_id uuid;
CREATE UNIQUE INDEX requests_replace_a_booking_once ON requests (network_id, replaces_id)
    WHERE replaces_id IS NOT NULL;

-- A fee goes once for a replacement, and comes back once.
CREATE UNIQUE INDEX usage_entries_replaced_once
    ON usage_entries (network_id, corrects_id, reason_code)
    WHERE reason_code IN ('replaced', 'replacement-called-off');
