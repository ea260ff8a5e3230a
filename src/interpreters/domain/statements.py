"""Statements: what is owed for a month, on one side; which month a thing lands on; its totals.

`charge` is what an institution owes, `pay` what an interpreter is owed. An entry belongs to the
month in which its session was booked to start. Once that month is issued, what is entered for it
later lands on the next month that is not: so every entry is on one statement of each side, in the
end, and never on two.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

import msgspec

from interpreters.domain.errors import NotFound, Refusal

Side: TypeAlias = Literal["charge", "pay"]
State: TypeAlias = Literal["draft", "issued", "reopened"]
MONTH: Final = re.compile(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])")
HELD: Final = ("session", "adjustment")  # kinds whose minutes count
PRICED: Final = ("session", "client_no_show")  # kinds that a tariff should have had a rate for
# What begins so is of the other side alone.
HIDDEN: Final[dict[Side, tuple[str, ...]]] = {"charge": ("pay",), "pay": ("charge", "fee")}
YEARS_NUMBERS: Final = 999_999
SERIES: Final[dict[Side, str]] = {"charge": "", "pay": "P"}


class MonthNotOver(Refusal):
    """Sessions of the month may still come."""

    code = "month-not-over"
    title = "The month is not over; `early` issues it all the same"


class MonthHasOpenSessions(Refusal):
    """What they cost is not known yet."""

    code = "month-has-open-sessions"
    title = "Sessions of the month have not ended; `leave_open` has them on a later statement"


class NotIssued(Refusal):
    """There is nothing to open again."""

    code = "statement-not-issued"
    title = "The statement of this month is not issued"


class StatementLine(msgspec.Struct, frozen=True, kw_only=True):
    """One entry as one side sees it: never whose sake it was for, never what it was about.

    `day` is by the clock of the place; money in minor units. `lines` and `rule` are the side's.
    """

    entry_id: UUID
    booking_id: UUID
    kind: str
    day: date
    language: str
    mode: str
    site_id: UUID | None
    site_name: str | None
    booked_minutes: int
    actual_minutes: int
    break_minutes: int = 0
    billable_minutes: int
    amount_minor: int
    currency: str
    lines: Sequence[dict[str, Any]]
    rule: dict[str, Any] | None
    corrects_id: UUID | None
    reason_code: str | None
    disputed: bool

    @property
    def unpriced(self) -> bool:
        """Whether no tariff had a rate for it."""
        return self.rule is None and self.kind in PRICED


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """How many entries, and their money."""

    kind: str
    entries: int
    currency: str
    amount_minor: int


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Sums of all lines: minutes of sessions and their corrections, money of everything.

    `kinds` are one for each kind of entry and currency, so that money is never added across
    currencies.
    """

    entries: int
    sessions: int
    booked_minutes: int
    actual_minutes: int
    billable_minutes: int
    kinds: Sequence[Sum]

    @property
    def amounts(self) -> dict[str, int]:
        """What is owed, by currency; several only where a network changed its own."""
        sums: dict[str, int] = {}
        for one in self.kinds:
            sums[one.currency] = sums.get(one.currency, 0) + one.amount_minor
        return sums


class Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """What a statement keeps as it was when it was issued, though the world goes on.

    Lines are the ledger's and never change; names do, and disputes end. `entry_ids` are kept of a
    statement that was opened again, whose entries went on.
    """

    totals: Totals
    network_name: str
    institution_name: str | None
    site_names: dict[UUID, str]
    disputed: Sequence[UUID]
    entry_ids: Sequence[UUID] = ()


def totals_of(lines: Iterable[StatementLine]) -> Totals:
    """Return the sums of the lines."""
    listed = list(lines)
    held = [one for one in listed if one.kind in HELD]
    kinds = sorted({(one.currency, one.kind) for one in listed})
    return Totals(
        entries=len(listed),
        sessions=sum(one.kind == "session" for one in listed),
        booked_minutes=sum(one.booked_minutes for one in held),
        actual_minutes=sum(one.actual_minutes for one in held),
        billable_minutes=sum(one.billable_minutes for one in held),
        kinds=[_sum(listed, currency, kind) for currency, kind in kinds],
    )


def _sum(lines: Sequence[StatementLine], currency: str, kind: str) -> Sum:
    amounts = [one.amount_minor for one in lines if (one.currency, one.kind) == (currency, kind)]
    return Sum(kind=kind, entries=len(amounts), currency=currency, amount_minor=sum(amounts))


def read_month(text: str) -> date:
    """Return the first day of a month such as `2026-05`.

    Raises:
        NotFound: it is none.
    """
    if MONTH.fullmatch(text) is None:
        raise NotFound
    return date(int(text[:4]), int(text[5:]), 1)


def show_month(month: date) -> str:
    """Return a month as it is written, `2026-05`."""
    return f"{month:%Y-%m}"


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def month_before(month: date) -> date:
    """Return the first day of the month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def month_of(day: date) -> date:
    """Return the first day of the day's month."""
    return day.replace(day=1)


def since(*, month: date, issued: Collection[date]) -> date:
    """Return the first day whose entries land on the month, while it is not issued itself.

    Those are its own and, of the issued months that come right before it, what was left over.
    """
    first = month
    while (before := month_before(first)) in issued:
        first = before
    return first


def lands_on(*, day: date, issued: Collection[date]) -> date:
    """Return the month on whose statement an entry lands: the first that is not issued."""
    month = month_of(day)
    while month in issued:
        month = next_month(month)
    return month


def number_after(*, first: str, last: str | None) -> str:
    """Return the number that follows the last of a year: `2026-000123`, of pay `P2026-000123`.

    `first` is what `numbers_of` says lies below them all.
    """
    series, _, count = (last or first).rpartition("-")
    assert int(count) < YEARS_NUMBERS  # a number each half minute
    return f"{series}-{int(count) + 1:06}"


def numbers_of(*, side: Side, year: int) -> tuple[str, str]:
    """Return what lies just below and above the numbers of a year."""
    return f"{SERIES[side]}{year}-000000", f"{SERIES[side]}{year}-{YEARS_NUMBERS}"


def of_side(value: Any, side: Side) -> Any:
    """Return a ledger line or a rule without what is the other side's alone."""
    if isinstance(value, dict):
        return {
            name: of_side(one, side)
            for name, one in value.items()
            if not name.startswith(HIDDEN[side])
        }
    return [of_side(one, side) for one in value] if isinstance(value, list) else value
