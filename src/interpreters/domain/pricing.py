"""What a session costs and earns by a tariff, line by line.

The arithmetic, stated once. All amounts are integers in minor units; nothing is a float.

- Billed minutes are the larger of booked and actual, less the breaks where the tariff does not pay
  them, at least the mode's minimum, rounded up to the mode's increment. They run on from the
  booked start, as elapsed minutes: a night on which the clock changes is an hour longer or shorter
  on the wall and not here, and a session over midnight is one session. A break so comes off their
  end: how long it was is known, and not when.
- The line `base`: all billed minutes x the rate / 60.
- A line `supplement` for each supplement with minutes of its own: minutes x the rate x per cent /
  6000. A minute belongs to what the place's clock and calendar show as it begins; where several
  supplements cover it, only the highest has it (of equal ones the first in the tariff).
- The line `travel`: kilometres of the round trip x the rate of a kilometre.
- Each line is rounded once, half a minor unit up; charge and pay each for themselves. Sums are
  sums of rounded lines, so no total ever differs from its parts.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final, Literal

import msgspec

from interpreters.domain.public_holidays import is_public_holiday
from interpreters.domain.tariffs import (
    ModeIncrement,
    ModeMinutes,
    Rate,
    Supplement,
    Terms,
    When,
    minute_of_day,
    rate_of,
)
from interpreters.domain.travel import DETOUR, Point, distance_km
from interpreters.domain.windows import DAY, MINUTE, Window, even_pieces

SATURDAY: Final = 5
URGENT: Final = timedelta(hours=2)
HOUR_MINUTES: Final = 60
WHOLE: Final = 100  # per cent
UNPAID_BREAKS: Final = "unpaid_break_minutes"  # how the rule of an entry says what was taken off


class Priced(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a session when it is priced.

    `place` is where its clock hangs: the site's zone and its institution's country. `km` is the
    round trip, None where it is not known or nobody travels. `is_unpaid`: a volunteer's.
    `break_minutes` lie within the actual minutes.
    """

    mode: str
    booked: Window
    actual_minutes: int
    break_minutes: int = 0
    time_zone: str
    country: str | None
    qualification: str | None
    is_urgent: bool = False
    is_unpaid: bool = False
    km: int | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a price: so many minutes (or kilometres) at a rate, rounded once."""

    kind: Literal["base", "supplement", "travel", "replaced", "adjustment", "expense"]
    when: When | None = None
    percent: int | None = None
    minutes: int | None = None
    km: int | None = None
    charge_minor: int
    pay_minor: int


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What is billed, and why; without a `rate` nothing is charged or paid."""

    billable_minutes: int
    lines: Sequence[Line]
    rate: Rate | None

    @property
    def charge_minor(self) -> int:
        """What the institution owes."""
        return sum(one.charge_minor for one in self.lines)

    @property
    def pay_minor(self) -> int:
        """What the interpreter is owed."""
        return sum(one.pay_minor for one in self.lines)


def price(*, session: Priced, terms: Terms | None) -> Price:
    """Return what the session costs and earns; by no tariff, or no rate, nothing but its minutes.

    Raises:
        UnknownTimeZone: the place's zone does not exist.
    """
    least = max(session.booked.minutes, session.actual_minutes)
    if terms is None:
        return Price(billable_minutes=least, lines=(), rate=None)
    breaks = 0 if terms.breaks_paid else session.break_minutes
    billable = billable_minutes(
        least=max(0, least - breaks),
        mode=session.mode,
        minimum=terms.minimum_minutes,
        increment=terms.increment_minutes,
    )
    rate = rate_of(
        rates=terms.rates,
        mode=session.mode,
        qualification=session.qualification,
        minutes=billable,
    )
    if rate is None:
        return Price(billable_minutes=least, lines=(), rate=None)
    lines = tuple(_lines(session, terms, rate, billable))
    return Price(billable_minutes=billable, lines=lines, rate=rate)


def billable_minutes(
    *, least: int, mode: str, minimum: ModeMinutes, increment: ModeIncrement
) -> int:
    """Return the minutes billed: at least the mode's minimum, in whole increments of the mode."""
    step = int(getattr(increment, mode))
    return -(-max(least, int(getattr(minimum, mode))) // step) * step


def is_urgent(*, starts_now: bool, asked_at: datetime, starts_at: datetime) -> bool:
    """Say whether it was asked for as `now`, or less than 2 h before it was to start."""
    return starts_now or starts_at - asked_at < URGENT


def round_trip_km(*, home: Point | None, place: Point | None) -> int | None:
    """Return the round trip from home: straight line x 1.3 both ways, whole kilometres up.

    None where home or place are not known.
    """
    if home is None or place is None:
        return None
    straight = distance_km(
        lat1=home.latitude, lon1=home.longitude, lat2=place.latitude, lon2=place.longitude
    )
    # 10 km are 26 there and back, also when the arithmetic makes them 26.000000000000004
    return math.ceil(round(2 * straight * DETOUR, 6))


def rounded(amount: int, divisor: int) -> int:
    """Return the quotient, half a unit rounded up; neither is negative."""
    return (2 * amount + divisor) // (2 * divisor)


def shared(line: Line, *, charge_percent: int, pay_percent: int) -> Line:
    """Return the line at so many per cent of what it costs and of what it earns."""
    return msgspec.structs.replace(
        line,
        charge_minor=rounded(line.charge_minor * charge_percent, WHOLE),
        pay_minor=rounded(line.pay_minor * pay_percent, WHOLE),
    )


def _lines(session: Priced, terms: Terms, rate: Rate, billable: int) -> Iterator[Line]:
    paid = 0 if session.is_unpaid else 1
    hour = Line(
        kind="base",
        minutes=billable,
        charge_minor=rounded(billable * rate.charge_per_hour_minor, HOUR_MINUTES),
        pay_minor=rounded(billable * rate.pay_per_hour_minor * paid, HOUR_MINUTES),
    )
    yield hour
    for supplement, minutes in supplement_minutes(
        session=session, supplements=terms.supplements, billable=billable
    ):
        share = minutes * supplement.percent
        yield Line(
            kind="supplement",
            when=supplement.when,
            percent=supplement.percent,
            minutes=minutes,
            charge_minor=rounded(share * rate.charge_per_hour_minor, HOUR_MINUTES * WHOLE),
            pay_minor=rounded(share * rate.pay_per_hour_minor * paid, HOUR_MINUTES * WHOLE),
        )
    if terms.travel is not None and session.km:
        yield Line(
            kind="travel",
            km=session.km,
            charge_minor=session.km * terms.travel.charge_per_km_minor,
            pay_minor=session.km * terms.travel.pay_per_km_minor * paid,
        )


def supplement_minutes(
    *, session: Priced, supplements: Sequence[Supplement], billable: int
) -> list[tuple[Supplement, int]]:
    """Return the supplements that have minutes, in the tariff's order, with how many."""
    if not supplements or not billable:
        return []
    start = session.booked.starts_at
    whole = Window(starts_at=start, ends_at=start + billable * MINUTE)
    counts = [0] * len(supplements)
    for piece, offset in even_pieces(window=whole, time_zone=session.time_zone):
        for wall, upper in pairwise(_cuts(piece, offset, supplements)):
            highest = _highest(supplements, wall, session)
            if highest is not None:
                counts[highest] += _begun(upper - offset, start) - _begun(wall - offset, start)
    return [(one, count) for one, count in zip(supplements, counts, strict=True) if count]


def _cuts(piece: Window, offset: timedelta, supplements: Sequence[Supplement]) -> list[datetime]:
    """Return the wall times between which nothing changes: midnights, evenings' ends, the piece's.

    Within a piece the wall clock runs evenly; the times are its own, marked as if they were UTC.
    """
    first, last = piece.starts_at + offset, piece.ends_at + offset
    marks = {0}
    for one in supplements:
        marks |= {minute_of_day(clock) for clock in (one.from_, one.to) if clock is not None}
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    cuts = {first, last}
    while midnight < last:
        cuts |= {midnight + mark * MINUTE for mark in marks}
        midnight += DAY
    return sorted(cut for cut in cuts if first <= cut <= last)


def _highest(supplements: Sequence[Supplement], wall: datetime, session: Priced) -> int | None:
    """Return which supplement is the highest at this wall time, the first of equals."""
    covering = [place for place, one in enumerate(supplements) if _covers(one, wall, session)]
    return max(covering, key=lambda place: (supplements[place].percent, -place), default=None)


def _covers(supplement: Supplement, wall: datetime, session: Priced) -> bool:
    if supplement.when == "urgent":
        return session.is_urgent
    if supplement.when == "weekend":
        return wall.weekday() >= SATURDAY
    if supplement.when == "public_holiday":
        return is_public_holiday(day=_day(wall), country=session.country)
    assert supplement.from_ is not None  # an evening has its hours
    assert supplement.to is not None
    minute, start, end = (
        wall.hour * 60 + wall.minute,
        minute_of_day(supplement.from_),
        minute_of_day(supplement.to),
    )
    return start <= minute < end if start < end else minute >= start or minute < end


def _day(wall: datetime) -> date:
    return wall.date()


def _begun(instant: datetime, start: datetime) -> int:
    """Return how many minutes of the session begin before this instant."""
    return -((start - instant) // MINUTE)
