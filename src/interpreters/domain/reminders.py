"""When somebody is reminded of a session: the day before, and an hour before."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal, TypeAlias

import msgspec

from interpreters.domain.windows import DAY, at_place, local_instant

ReminderKind: TypeAlias = Literal["day", "hour"]
MORNING: Final = 9 * 60  # minutes of the day before, by the clock of the place
HOUR: Final = timedelta(hours=1)


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """One reminder, and when it goes out."""

    kind: ReminderKind
    at: datetime


def reminders_of(starts_at: datetime, time_zone: str) -> Sequence[Reminder]:
    """Return both, the earlier first: at 09:00 of the day before at the place, and an hour before.

    Raises:
        UnknownTimeZone: the zone does not exist.
    """
    day = at_place(instant=starts_at, time_zone=time_zone).date() - DAY
    morning = local_instant(date=day, minute_of_day=MORNING, time_zone=time_zone)
    return (Reminder(kind="day", at=morning), Reminder(kind="hour", at=starts_at - HOUR))


def next_reminder(starts_at: datetime, time_zone: str, now: datetime) -> Reminder | None:
    """Return the first that is still to come; what is over when it is planned is left out."""
    return next((one for one in reminders_of(starts_at, time_zone) if one.at > now), None)


def reminder_now(starts_at: datetime, time_zone: str, now: datetime) -> Reminder | None:
    """Return the one it is time for, the later when both are; None before them and at the start."""
    if now >= starts_at:
        return None
    ready = [one for one in reminders_of(starts_at, time_zone) if one.at <= now]
    if _day(now, time_zone) == _day(starts_at, time_zone):  # "tomorrow" would be wrong by now
        ready = [one for one in ready if one.kind != "day"]
    return ready[-1] if ready else None


def _day(instant: datetime, time_zone: str) -> date:
    return at_place(instant=instant, time_zone=time_zone).date()
