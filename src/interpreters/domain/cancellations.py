"""Cancellation policies: until when calling off is free, and what it costs afterwards.

What counts is when the notice arrived. Exactly at the limit is free; after the start nothing is.
Where no rule is about the booking there is no fee.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal

import msgspec

from interpreters.domain.errors import FieldError
from interpreters.domain.opening_hours import FRIDAY, days_of, working_time
from interpreters.domain.pricing import Price, Priced, price, shared
from interpreters.domain.public_holidays import is_public_holiday
from interpreters.domain.tariffs import Dated, Minutes, Mode, Terms
from interpreters.domain.windows import DAY, MINUTE, SECOND, Window, at_place, local_instant

NoticeClock = Literal["elapsed", "working_time", "working_days"]
Hours = Annotated[int, msgspec.Meta(ge=0, le=2160)]
Share = Annotated[int, msgspec.Meta(ge=0, le=100)]

# Said by a coordinator, these make calling off free: the customer did nothing.
OUR_FAULT: Final = ("interpreter_fault", "system_fault", "our_error", "waived")
LOOK_BACK: Final = timedelta(days=730)


class PolicyRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Calling off later than this costs a share of the price.

    `mode` None is any; it is for sessions booked for at least `min_minutes`, to which the
    interpreter travels at least `min_travel_km` there and back. `free_until_hours` None is never
    free; `free_until_minutes` come on top. `pay_percent` None is the same share as `fee_percent`.
    `at_most_minutes` is how much of the booked time is priced (0: the tariff's minimum).
    With `late_over_days_off` a notice is late too when only days off lie between it and the day
    of the session: on Friday for Monday, on the eve of a holiday for the day after.
    With `replacement` another session in the time that was booked may stand for the fee.
    """

    mode: Mode | None = None
    min_minutes: Minutes = 0
    min_travel_km: Annotated[int, msgspec.Meta(ge=0, le=2000)] = 0
    free_until_hours: Hours | None
    free_until_minutes: Annotated[int, msgspec.Meta(ge=0, le=59)] = 0
    clock: NoticeClock = "elapsed"
    fee_percent: Share
    pay_percent: Share | None = None
    with_travel: bool = False
    at_most_minutes: Minutes | None = None
    late_over_days_off: bool = False
    replacement: bool = False

    @property
    def free_until(self) -> timedelta | None:
        """How long before the start it is free at the latest."""
        if self.free_until_hours is None:
            return None
        return timedelta(hours=self.free_until_hours, minutes=self.free_until_minutes)


class Policy(Dated, frozen=True, kw_only=True):
    """A cancellation policy of the network."""

    rules: Sequence[PolicyRule]
    created_at: datetime


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """What is called off: how it was booked, and where its calendar hangs."""

    mode: str
    booked: Window
    km: int | None
    time_zone: str
    country: str | None


def late_rule(*, rules: Sequence[PolicyRule], called: Called, at: datetime) -> PolicyRule | None:
    """Return the rule by which a notice that arrives at `at` costs something; None when free.

    Of the rules for the mode those with the longest `min_minutes` that the booking reaches count,
    and of these those with the longest way. Several of them are steps: the last one passed.
    """
    passed = [one for one in rules_for(rules, called) if is_late(rule=one, called=called, at=at)]
    return min(passed, key=_notice, default=None)


def rules_for(rules: Sequence[PolicyRule], called: Called) -> list[PolicyRule]:
    """Return the rules that are about this booking, whenever it is called off."""
    fitting = [
        one
        for one in rules
        if one.mode in (None, called.mode)
        and one.min_minutes <= called.booked.minutes
        and one.min_travel_km <= (called.km or 0)
    ]
    best = max((_closeness(one) for one in fitting), default=None)
    return [one for one in fitting if _closeness(one) == best]


def is_late(*, rule: PolicyRule, called: Called, at: datetime) -> bool:
    """Say whether a notice at `at` comes later than the rule lets it come for nothing."""
    limit = rule.free_until
    if limit is None or at > called.booked.starts_at:
        return True
    if at == called.booked.starts_at:
        return limit > timedelta(0)
    ahead = Window(starts_at=at, ends_at=called.booked.starts_at)
    if rule.late_over_days_off and _only_days_off(ahead, called):
        return True
    return _counted(rule.clock, ahead, called) < limit


def free_until(*, rules: Sequence[PolicyRule], called: Called) -> datetime | None:
    """Return the last second at which calling off is still free; None when it never was.

    Without a rule about the booking it is free until it starts.
    """
    starts_at = called.booked.starts_at

    def is_free(at: datetime) -> bool:
        return late_rule(rules=rules, called=called, at=at) is None

    if not rules_for(rules, called) or is_free(starts_at):
        return starts_at
    back = DAY
    while not is_free(starts_at - back):
        back *= 2
        if back > LOOK_BACK:
            return None
    free, late = 0, back // SECOND  # seconds after `starts_at - back`
    while late - free > 1:
        middle = (free + late) // 2
        free, late = (
            (middle, late) if is_free(starts_at - back + middle * SECOND) else (free, middle)
        )
    return starts_at - back + free * SECOND


def fee(*, session: Priced, terms: Terms | None, rule: PolicyRule) -> Price:
    """Return what calling the session off costs and earns: the rule's share of each line of the
    booked price, travel left out unless the rule names it, each line rounded once more.
    """
    starts_at, minutes = session.booked.starts_at, session.booked.minutes
    if rule.at_most_minutes is not None:
        minutes = max(1, min(minutes, rule.at_most_minutes))
    booked = Window(starts_at=starts_at, ends_at=starts_at + minutes * MINUTE)
    whole = price(
        session=msgspec.structs.replace(session, booked=booked, actual_minutes=0), terms=terms
    )
    pay = rule.fee_percent if rule.pay_percent is None else rule.pay_percent
    lines = [
        shared(one, charge_percent=rule.fee_percent, pay_percent=pay)
        for one in whole.lines
        if one.kind != "travel" or rule.with_travel
    ]
    return msgspec.structs.replace(whole, lines=lines)


def rules_errors(rules: Sequence[PolicyRule]) -> list[FieldError]:
    """Return what is wrong between the rules of a policy: two for the same notice."""
    keys = [(one.mode, one.min_minutes, one.min_travel_km, one.free_until) for one in rules]
    return [
        FieldError(
            pointer=f"/rules/{place}",
            code="duplicate",
            detail=f"For the same notice as /rules/{keys.index(key)}",
        )
        for place, key in enumerate(keys)
        if key in keys[:place]
    ]


def _closeness(rule: PolicyRule) -> tuple[bool, int, int]:
    return (rule.mode is not None, rule.min_minutes, rule.min_travel_km)


def _notice(rule: PolicyRule) -> timedelta:
    limit = rule.free_until
    return timedelta.max if limit is None else limit


def _counted(clock: NoticeClock, ahead: Window, called: Called) -> timedelta:
    if clock == "elapsed":
        return ahead.ends_at - ahead.starts_at
    if clock == "working_time":
        return working_time(window=ahead, time_zone=called.time_zone, country=called.country)
    return _whole_days(ahead, called) * DAY


def _only_days_off(ahead: Window, called: Called) -> bool:
    """Say whether there is a day between the two days, and none of them is worked."""
    first, last = (
        at_place(instant=instant, time_zone=called.time_zone).date()
        for instant in (ahead.starts_at, ahead.ends_at)
    )
    between = [first + number * DAY for number in range(1, (last - first).days)]
    return bool(between) and not any(_is_worked(day, called) for day in between)


def _whole_days(ahead: Window, called: Called) -> int:
    """Return how many working days of the place lie in the window from midnight to midnight.

    The day of a night on which the clock changes has 23 or 25 hours and is a whole one too.
    """
    return sum(
        _midnight(day, called) >= ahead.starts_at
        and _midnight(day + DAY, called) == piece.ends_at
        and _is_worked(day, called)
        for day, piece in days_of(ahead, called.time_zone)
    )


def _midnight(day: date, called: Called) -> datetime:
    return local_instant(date=day, minute_of_day=0, time_zone=called.time_zone)


def _is_worked(day: date, called: Called) -> bool:
    return day.weekday() <= FRIDAY and not is_public_holiday(day=day, country=called.country)
