-- When an offer was first on its interpreter's screen, and what a phone says later of being late.
--
-- Expand only; the running release bears it. A constraint goes and is replaced by a wider one in
-- the same transaction; old rows are few and are looked at here.
-- squawk-ignore-file ban-drop-constraint, constraint-missing-not-valid

SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

ALTER TABLE offers ADD COLUMN seen_at timestamptz;

-- `late_told_at`: when it came to us that the interpreter is late.
ALTER TABLE time_changes ADD CONSTRAINT time_changes_field_is_a_time
    CHECK (field IN ('checked_in_at', 'started_at', 'ended_at', 'break_minutes', 'late_told_at'));
ALTER TABLE time_changes DROP CONSTRAINT time_changes_field_is_known;
