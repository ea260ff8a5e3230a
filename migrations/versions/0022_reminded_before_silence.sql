-- When somebody who has not approved yet is reminded, and what the reminder's link is known by:
-- the first mail's link stays good beside it.
--
-- Expand only; the running release bears it. `approvals` is small: the index takes a moment.
-- squawk-ignore-file require-concurrent-index-creation

SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

-- `remind_at` is null where a reminder went out, and where none will.
ALTER TABLE approvals ADD COLUMN remind_at timestamptz;
ALTER TABLE approvals ADD COLUMN reminder_hash bytea;
CREATE UNIQUE INDEX approvals_reminders ON approvals (network_id, reminder_hash)
    WHERE reminder_hash IS NOT NULL;
