"""How the work is shared: what each was offered and worked for each hour they were there."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.service_levels import gini
from interpreters.domain.windows import at_place, local_instant
from interpreters.sql import fairness, networks, usage_reports
from interpreters.sql.fairness import Hours

__all__ = ["FairnessReport", "Hours", "report_fairness"]

DAYS: Final = timedelta(days=28)  # four weeks: each weekday as often as any other


class FairnessReport(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody's hours from `from_` up to `until`, and how unequal they are (C. Gini, 1912).

    By the hour available; who was not available at all is not counted. `without_any` were, and
    worked nothing.
    """

    from_: date
    until: date
    gini_offered: float | None
    gini_worked: float | None
    without_any: int
    people: Sequence[Hours]


async def report_fairness(
    db: Db, caller: Caller, *, until: Callable[[], date | None], now: datetime
) -> FairnessReport:
    """Return how the work of the 28 days before a day was shared; by default before today.

    Raises:
        Forbidden: only coordinators see whose time it is.
    """
    permit(caller, "usage:read", "coordinator")
    said = until()
    network = await networks.get(db, network_id=caller.network_id)
    last = said or at_place(instant=now, time_zone=network.time_zone).date()
    first = last - DAYS
    starts_at, ends_at = (
        local_instant(date=day, minute_of_day=0, time_zone=network.time_zone)
        for day in (first, last)
    )
    await usage_reports.make_room(db)
    people = await fairness.hours(
        db, network_id=caller.network_id, starts_at=starts_at, ends_at=ends_at, from_=first,
        until=last,
    )  # fmt: skip
    there = [one for one in people if one.available_minutes > 0]
    return FairnessReport(
        from_=first,
        until=last,
        gini_offered=gini([one.offered_minutes / one.available_minutes for one in there]),
        gini_worked=gini([max(0, one.worked_minutes) / one.available_minutes for one in there]),
        without_any=sum(one.worked_minutes <= 0 for one in there),
        people=people,
    )
