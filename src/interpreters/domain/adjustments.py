"""Adjustments: the difference between what was entered for a session and what it should come to.

The ledger only grows, so a correction is one more entry, with a line for each difference.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

CHANGED_TIMES: Final = "changed-times"
"""Why an adjustment was entered that follows from other times; others are people's decisions."""

_Kept: TypeAlias = Mapping[str, Any]  # a line as the ledger keeps it
NUMBERS: Final = ("minutes", "km", "charge_minor", "pay_minor")
MONEY: Final = ("charge_minor", "pay_minor")
_Named: TypeAlias = tuple[Any, Any, Any]


def line_differences(*, before: Iterable[_Kept], after: Iterable[_Kept]) -> list[dict[str, Any]]:
    """Return a line for each difference; lines are the same by kind, supplement and per cent.

    `before` may hold a line more than once (an entry and its corrections): they are added up.
    """
    was, becomes = _sums(before), _sums(after)
    differences = []
    for named in dict.fromkeys([*was, *becomes]):
        numbers = {
            name: becomes.get(named, {}).get(name, 0) - was.get(named, {}).get(name, 0)
            for name in NUMBERS
        }
        if any(numbers.values()):
            differences.append(_line(named, numbers))
    return differences


def total(lines: Sequence[_Kept], name: str) -> int:
    """Return the sum of one number of the lines."""
    return sum(one.get(name, 0) for one in lines)


def _sums(lines: Iterable[_Kept]) -> dict[_Named, dict[str, int]]:
    found: dict[_Named, dict[str, int]] = {}
    for one in lines:
        sums = found.setdefault((one["kind"], one.get("when"), one.get("percent")), {})
        for name in NUMBERS:
            sums[name] = sums.get(name, 0) + (one.get(name) or 0)
    return found


def _line(named: _Named, numbers: Mapping[str, int]) -> dict[str, Any]:
    told = dict(zip(("kind", "when", "percent"), named, strict=True))
    kept = {name: value for name, value in numbers.items() if value or name in MONEY}
    return {name: value for name, value in told.items() if value is not None} | kept
