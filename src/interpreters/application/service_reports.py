"""How well people were served: what became of requests, how long they waited, who did the work."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from statistics import median
from typing import Final
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.cancellations import OUR_FAULT
from interpreters.domain.errors import NotFound
from interpreters.domain.service_levels import Outcomes, gini, minutes_until
from interpreters.domain.windows import local_instant
from interpreters.sql import institutions, networks, service_reports, usage_reports
from interpreters.sql.service_reports import Asked, Outcome, Share

WEEK_DAYS: Final = 7


class ServiceQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Days in the network's zone, `until` not included; of one institution, or of all."""

    from_: date
    until: date
    institution_id: UUID | None = None


class Fairness(msgspec.Struct, frozen=True, kw_only=True):
    """How the work is shared: minutes booked of minutes offered, by each active interpreter.

    `share` is minutes worked for each minute offered over the days of the report.
    """

    shares: Sequence[tuple[Share, float]]
    with_nothing: int
    median_share: float | None
    gini: float | None


class ServiceReport(msgspec.Struct, frozen=True, kw_only=True):
    """The answer; `fairness` None for institutions, and of one institution alone."""

    question: ServiceQuestion
    outcomes: Outcomes
    unfilled_by_reason: dict[str, int]
    answered: int
    unanswered: int
    p50_minutes: int | None
    p90_minutes: int | None
    bookings: dict[str, int]
    offers: dict[str, int]
    fairness: Fairness | None


async def report_service(
    db: Db, caller: Caller, *, question: Callable[[], ServiceQuestion], now: datetime
) -> ServiceReport:
    """Return how well people were served: the network's institutions, or one's own.

    Raises:
        Forbidden: interpreters have no reports.
        NotFound: there is no such institution in what the caller may see.
    """
    permit(caller, "usage:read", "coordinator", "finance", "consultant", "institution")
    asked = question()
    only = await _only(db, caller, asked.institution_id)
    network = await networks.get(db, network_id=caller.network_id)
    starts_at, ends_at = (
        local_instant(date=day, minute_of_day=0, time_zone=network.time_zone)
        for day in (asked.from_, asked.until)
    )
    await usage_reports.make_room(db)
    wanted = Asked(only=only, starts_at=starts_at, ends_at=ends_at)
    found = await service_reports.outcomes(
        db, network_id=caller.network_id, asked=wanted, waived=OUR_FAULT
    )
    waited = await service_reports.waited(db, network_id=caller.network_id, asked=wanted, now=now)
    return ServiceReport(
        question=asked,
        outcomes=_outcomes(found),
        unfilled_by_reason=_reasons(found),
        answered=sum(one.requests for one in waited if one.answered),
        unanswered=sum(one.requests for one in waited if not one.answered),
        p50_minutes=minutes_until(50, waited),
        p90_minutes=minutes_until(90, waited),
        bookings=await service_reports.bookings(db, network_id=caller.network_id, asked=wanted),
        offers=await service_reports.offers(db, network_id=caller.network_id, asked=wanted),
        fairness=None if only else await _fairness(db, caller.network_id, asked, ends_at),
    )


async def _only(db: Db, caller: Caller, wanted: UUID | None) -> UUID | None:
    if wanted is None:
        return caller.institution_id
    if caller.institution_id not in (None, wanted):
        raise NotFound
    found = await institutions.find(db, network_id=caller.network_id, institution_id=wanted)
    if found is None:
        raise NotFound
    return wanted


def _outcomes(found: Sequence[Outcome]) -> Outcomes:
    counts = dict.fromkeys(Outcomes.__struct_fields__, 0)
    for one in found:
        counts["requests"] += one.requests
        counts[one.outcome] += one.requests
        counts["held_in_full"] += one.in_full
    return Outcomes(**counts)


def _reasons(found: Sequence[Outcome]) -> dict[str, int]:
    reasons: dict[str, int] = {}
    for one in found:
        if one.outcome == "unfilled":
            name = one.reason or "unknown"
            reasons[name] = reasons.get(name, 0) + one.requests
    return dict(sorted(reasons.items()))


async def _fairness(
    db: Db, network_id: UUID, asked: ServiceQuestion, ends_at: datetime
) -> Fairness:
    found = await service_reports.shares(
        db, network_id=network_id, from_=asked.from_, until=asked.until, ends_at=ends_at
    )
    days = (asked.until - asked.from_).days
    shares = [(one, one.minutes * WEEK_DAYS / (one.week_minutes * days)) for one in found]
    values = [max(0.0, share) for _, share in shares]
    return Fairness(
        shares=shares,
        with_nothing=sum(one.minutes <= 0 for one in found),
        median_share=round(median(values), 4) if values else None,
        gini=gini(values),
    )
