"""Replacements, reckoned again for the ledger's checker alone: fees that went, and came back.

Nothing that makes entries is used here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias
from uuid import UUID

import msgspec

from interpreters.domain.cancellations import OUR_FAULT
from interpreters.domain.ids import BOOKING, show_id
from interpreters.domain.ledger_prices import Again

Json: TypeAlias = Mapping[str, Any]
GONE: Final = "replaced"
BACK: Final = "replacement-called-off"
NUMBERS: Final = ("minutes", "km", "charge_minor", "pay_minor")


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A booking of the request that replaces another booking."""

    id: UUID
    state: str
    close_reason_code: str | None


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """An entry by which a fee went or came back."""

    reason_code: str
    booked_minutes: int
    actual_minutes: int
    billable_minutes: int
    lines: Sequence[Json]
    rule: Json | None


def moved_of(entries: Iterable[Any]) -> list[Moved]:
    """Return those of a booking's entries by which its fee went or came back."""
    return [
        msgspec.convert(one, Moved, from_attributes=True)
        for one in entries
        if one.reason_code in (GONE, BACK)
    ]


def replaced_faults(
    fee: Json, lines: Sequence[Json], moved: Sequence[Moved], standing: Sequence[Standing]
) -> Iterator[str]:
    """Yield what is off about a fee, by its rule and lines, for which something else stands."""
    gone = [one for one in moved if one.reason_code == GONE]
    back = [one for one in moved if one.reason_code == BACK]
    if standing and not gone:
        yield "something else stands for it, and it was not taken back"
    if not gone:
        return
    if not fee.get("policy_rule", {}).get("replacement"):
        yield "it was taken back, and its rule lets nothing stand for it"
    if len(gone) > 1 or len(back) > 1:
        yield "it was taken back, or came back, more than once"
    if any(not _is_all_of_it(one, lines, sign=-1) for one in gone):
        yield "what was taken back is not all of it"
    if any(not _is_all_of_it(one, lines, sign=1) for one in back):
        yield "what came back is not all of it"
    yield from _end_faults(gone[0], back, standing)


def _end_faults(gone: Moved, back: Sequence[Moved], standing: Sequence[Standing]) -> Iterator[str]:
    named = (gone.rule or {}).get("replaced_by")
    found = next((one for one in standing if show_id(BOOKING, one.id) == named), None)
    if found is None:
        yield "it was taken back for a booking that does not stand for it"
        return
    called_off = found.state == "cancelled"
    if back and not called_off:
        yield "it came back, and what stood for it was not called off"
    if called_off and not back and found.close_reason_code not in OUR_FAULT:
        yield "what stood for it was called off, and it did not come back"


def raised_again(again: Again, fee: Sequence[Json] | None) -> Again:
    """Return the price with what it is less than the fee it stands for: time and way apart."""
    if fee is None or again.rate is None:
        return again
    more = {
        f"{side}_minor": sum(
            max(0, _part(fee, side, way=way) - _part(again.lines, side, way=way))
            for way in (False, True)
        )
        for side in ("charge", "pay")
    }
    if not any(more.values()):
        return again
    return msgspec.structs.replace(again, lines=[*again.lines, {"kind": "replaced", **more}])


def _part(lines: Iterable[Json], side: str, *, way: bool) -> int:
    return sum(one[f"{side}_minor"] for one in lines if (one["kind"] == "travel") == way)


def _is_all_of_it(one: Moved, lines: Sequence[Json], *, sign: int) -> bool:
    if one.booked_minutes or one.actual_minutes or one.billable_minutes:
        return False
    return _amounts(one.lines, 1) == _amounts(lines, sign)


def _amounts(lines: Sequence[Json], sign: int) -> list[tuple[Any, ...]]:
    return sorted(
        (str(one["kind"]), str(one.get("when")), one.get("percent") or 0,
         *(sign * (one.get(name) or 0) for name in NUMBERS))
        for one in lines
        if any(one.get(name) for name in NUMBERS)
    )  # fmt: skip
