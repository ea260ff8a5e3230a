"""Quiet hours: they delay the notice, never the offer or the wave."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from interpreters.domain.ladders import QuietHours
from interpreters.domain.windows import DAY, at_place, local_instant

POLICY: Final[QuietHours] = "urgent_rings"


def notice_at(
    now: datetime,
    quiet_hours: Mapping[str, str] | None,
    zone: str,
    *,
    urgent: bool,
    opt_in: bool,
    policy: QuietHours = POLICY,
) -> datetime:
    """Return when somebody may be told: now, or when their quiet hours end.

    `quiet_hours` is `{"from": "22:00", "to": "07:00"}` by the clock of `zone`; `from` is quiet,
    `to` is not, and where both are one time there are none. With `policy` `keep` nothing rings in
    them, with `urgent_rings` what is urgent does for those who take urgent jobs (`opt_in`), with
    `ring` everything does.

    Raises:
        UnknownTimeZone: the zone does not exist.
    """
    if quiet_hours is None or policy == "ring" or (policy == "urgent_rings" and urgent and opt_in):
        return now
    begins, ends = _minute(quiet_hours["from"]), _minute(quiet_hours["to"])
    if begins == ends:
        return now
    today = at_place(instant=now, time_zone=zone).date()
    for day in (today - DAY, today):  # quiet hours that began yesterday, or today
        start, end = _span(day, begins, ends, zone)
        if start <= now < end:
            return end
    return now


def _span(day: date, begins: int, ends: int, zone: str) -> tuple[datetime, datetime]:
    """The quiet hours that begin on the day; they end on the next where `to` is not after `from`.

    A time shown twice in autumn counts from the first to the first.
    """
    last = day if begins < ends else day + DAY
    return (
        local_instant(date=day, minute_of_day=begins, time_zone=zone),
        local_instant(date=last, minute_of_day=ends, time_zone=zone),
    )


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:5])
