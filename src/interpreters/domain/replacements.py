"""A replacement instead of a late fee: another session in the time that was booked, by the same
interpreter, who is committed to it.

The fee goes, and what is owed for the replacement is at least what the fee was: the larger of the
replaced, the replacement as booked, and what it was. Time is held against time and the way against
the way, in money, so a shorter session, or one by phone, earns nobody less. (Framework agreement
of the Swedish state; contract of Region Skåne.)
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from interpreters.domain.errors import Refusal
from interpreters.domain.pricing import Line, Price

REPLACED: Final = "replaced"
"""Why a fee is taken back: a replacement was booked."""
CALLED_OFF: Final = "replacement-called-off"
"""Why it is owed again."""
FLOOR: Final = "replaces"  # how the rule of an entry says what it is at least


class FeeNotReplaceable(Refusal):
    """In time, free, under a rule without replacements, or decided otherwise since."""

    code = "fee-not-replaceable"
    title = "For this booking no fee is owed that a replacement could stand for"


class AlreadyReplaced(Refusal):
    """Once, whatever became of the replacement."""

    code = "already-replaced"
    title = "A replacement was asked for this booking already"


class OutsideReplacedTime(Refusal):
    """The interpreter is committed to the time that was booked, and to no other."""

    code = "outside-replaced-time"
    title = "A replacement lies within the time that was booked"


class ReplacementInGroup(Refusal):
    """Dates of a series and places of a team stand and fall together."""

    code = "replacement-in-group"
    title = "What is of a series or for several interpreters replaces nothing and is not replaced"


class ReplacementOfReplacement(Refusal):
    """One stretch of time is sold anew once."""

    code = "replacement-of-replacement"
    title = "A replacement is not replaced"


class ReplacementDoesNotFit(Refusal):
    """Committed is to what they can do and reach."""

    code = "replacement-does-not-fit"
    title = "The interpreter of that booking cannot do what is asked now"


class Floor(msgspec.Struct, frozen=True, kw_only=True):
    """What the replaced booking cost and earned, in minor units: its time, and its way."""

    booking: str
    charge_time_minor: int
    charge_travel_minor: int
    pay_time_minor: int
    pay_travel_minor: int


def floor_of(*, booking: str, lines: Iterable[Mapping[str, Any]]) -> Floor:
    """Return what the lines of a fee, as the ledger keeps them, come to."""
    sums = {"charge_time": 0, "charge_travel": 0, "pay_time": 0, "pay_travel": 0}
    for line in lines:
        part = "travel" if line["kind"] == "travel" else "time"
        for side in ("charge", "pay"):
            sums[f"{side}_{part}"] += line[f"{side}_minor"]
    return Floor(booking=booking, **{f"{name}_minor": amount for name, amount in sums.items()})


def raised(price: Price, floor: Floor | None) -> Price:
    """Return the price with a line for what it comes to less than the floor."""
    if floor is None or price.rate is None:
        return price
    line = Line(
        kind="replaced",
        charge_minor=_missing(price.lines, "charge", floor),
        pay_minor=_missing(price.lines, "pay", floor),
    )
    if not line.charge_minor and not line.pay_minor:
        return price
    return msgspec.structs.replace(price, lines=[*price.lines, line])


def _missing(lines: Sequence[Line], side: str, floor: Floor) -> int:
    way: int = sum(getattr(one, f"{side}_minor") for one in lines if one.kind == "travel")
    time: int = sum(getattr(one, f"{side}_minor") for one in lines) - way
    least_time: int = getattr(floor, f"{side}_time_minor")
    least_way: int = getattr(floor, f"{side}_travel_minor")
    return max(0, least_time - time) + max(0, least_way - way)
