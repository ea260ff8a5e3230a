"""Tariffs: what an hour and a kilometre cost and earn, which one applies, and its rate.

Money is in minor units of the tariff's currency. A tariff never changes: another price is another
tariff, and every entry names the one it was made by.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Annotated, Literal, TypeVar
from uuid import UUID

import msgspec

from interpreters.domain.errors import FieldError

Mode = Literal["in_person", "phone", "video"]
Qualification = Literal["certified", "trained", "language_speaker"]
When = Literal["evening", "weekend", "public_holiday", "urgent"]
Clock = Annotated[str, msgspec.Meta(pattern="^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$(?!\\n)")]
MinorUnits = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
Minutes = Annotated[int, msgspec.Meta(ge=0, le=1440)]
Increment = Annotated[int, msgspec.Meta(ge=1, le=1440)]
Percent = Annotated[int, msgspec.Meta(ge=1, le=1000)]

D = TypeVar("D", bound="Dated")


class Rate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an hour costs and earns, for interpreters of one qualification (None: of any).

    It is for sessions with at least `from_minutes` to be billed, and then for all of them.
    """

    mode: Mode
    qualification: Qualification | None = None
    from_minutes: Minutes = 0
    charge_per_hour_minor: MinorUnits
    pay_per_hour_minor: MinorUnits


class ModeMinutes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The least minutes billed in each mode; none where it is not named."""

    in_person: Minutes = 0
    phone: Minutes = 0
    video: Minutes = 0


class ModeIncrement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What billed minutes are rounded up to in each mode; the minute where it is not named."""

    in_person: Increment = 1
    phone: Increment = 1
    video: Increment = 1


class Supplement(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    rename={"from_": "from"},
):
    """So much on top, in per cent of the rate; an evening runs `from` to `to` of the wall clock."""

    when: When
    from_: Clock | None = None
    to: Clock | None = None
    percent: Percent


class Travel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a kilometre of the round trip costs and earns."""

    charge_per_km_minor: MinorUnits
    pay_per_km_minor: MinorUnits


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a tariff says. Where `breaks_paid` is not, a session's breaks are taken off."""

    rates: Sequence[Rate]
    minimum_minutes: ModeMinutes = ModeMinutes()
    increment_minutes: ModeIncrement = ModeIncrement()
    supplements: Sequence[Supplement] = ()
    travel: Travel | None = None
    breaks_paid: bool = True


class Dated(msgspec.Struct, frozen=True, kw_only=True):
    """Rules with a name and the days they hold: from `valid_from` up to, not on, `valid_until`."""

    id: UUID
    name: str
    is_default: bool
    valid_from: date
    valid_until: date | None


class Tariff(Dated, frozen=True, kw_only=True):
    """A tariff of the network."""

    currency: str
    terms: Terms
    created_at: datetime


def applying(*, versions: Sequence[D], own_id: UUID | None, day: date) -> D | None:
    """Return the rules that apply to an institution on a day of the place, if any do.

    The institution's own when they hold on that day; else those of the same name that do; else
    the network's default that does. Of several, those that hold from the latest day, and of these
    the last made: sending a tariff again with a wrong price put right is all it takes.
    """
    valid = [one for one in versions if _holds(one, day)]
    own = next((one for one in versions if one.id == own_id), None)
    if own is not None and own in valid:
        return own
    named = [one for one in valid if own is not None and one.name == own.name]
    return max(
        named or [one for one in valid if one.is_default],
        key=lambda one: (one.valid_from, one.id),
        default=None,
    )


def rate_of(
    *, rates: Sequence[Rate], mode: str, qualification: str | None, minutes: int
) -> Rate | None:
    """Return the rate for so many billed minutes: one that names the qualification before one for
    all, then the longest `from_minutes`.
    """
    fitting = [
        one
        for one in rates
        if one.mode == mode
        and one.qualification in (None, qualification)
        and one.from_minutes <= minutes
    ]
    return max(
        fitting,
        key=lambda one: (one.qualification is not None, one.from_minutes),
        default=None,
    )


def minute_of_day(clock: str) -> int:
    """Return the minutes since midnight of a time such as `18:30`; `24:00` is 1440."""
    return int(clock[:2]) * 60 + int(clock[3:])


def terms_errors(terms: Terms) -> list[FieldError]:
    """Return what is wrong between the fields of a tariff, each by its place."""
    return [*_twice(terms), *_evenings(terms.supplements)]


def _holds(one: Dated, day: date) -> bool:
    return one.valid_from <= day and (one.valid_until is None or day < one.valid_until)


def _twice(terms: Terms) -> Iterator[FieldError]:
    """Two rates for the same sessions, or a supplement that is there twice."""
    fields: dict[str, list[tuple[object, ...]]] = {
        "rates": [(one.mode, one.qualification, one.from_minutes) for one in terms.rates],
        "supplements": [(one.when, one.from_, one.to) for one in terms.supplements],
    }
    for field, keys in fields.items():
        for place, key in enumerate(keys):
            if key in keys[:place]:
                detail = f"The same as /{field}/{keys.index(key)}, with its own numbers"
                yield FieldError(pointer=f"/{field}/{place}", code="duplicate", detail=detail)


def _evenings(supplements: Sequence[Supplement]) -> Iterator[FieldError]:
    for place, one in enumerate(supplements):
        for field, value in (("from", one.from_), ("to", one.to)):
            pointer = f"/supplements/{place}/{field}"
            if one.when == "evening" and value is None:
                yield FieldError(pointer=pointer, code="required", detail="When does it begin, end")
            if one.when != "evening" and value is not None:
                detail = "Only an evening has hours"
                yield FieldError(pointer=pointer, code="unknown-field", detail=detail)
        if one.from_ is not None and one.to is not None and _is_empty(one.from_, one.to):
            detail = "It ends as it begins; a whole day is 00:00 to 24:00"
            yield FieldError(
                pointer=f"/supplements/{place}/to", code="ends-before-start", detail=detail
            )


def _is_empty(from_: str, to: str) -> bool:
    """`22:00` to `06:00` is over midnight; `00:00` to `24:00` the whole day."""
    return from_ in {to, "24:00"}
