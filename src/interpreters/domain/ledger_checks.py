"""Whether the ledger adds up, looked at from outside: nothing here is used to make an entry.

Every entry is posted twice. What its lines cost is debited to who pays: donors their shares, the
institution the rest. What the entry says is credited: the interpreter's pay, and the network's
margin, which may be below zero. Debits and credits are the same, or something is wrong.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

import msgspec

from interpreters.domain.ids import BOOKING, STATEMENT, USAGE_ENTRY, show_id
from interpreters.domain.usage import actual_minutes
from interpreters.domain.windows import Window

SHARE: Final = "charge_minor"  # of a donor's share


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Something that does not add up: the id of the thing, and what is wrong with it."""

    id: str
    what: str


class CheckedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as it is stored."""

    id: UUID
    kind: str
    charge_minor: int
    pay_minor: int
    booked_minutes: int
    actual_minutes: int
    break_minutes: int = 0
    billable_minutes: int
    lines: Sequence[Mapping[str, Any]]
    funding_shares: Sequence[Mapping[str, Any]]


class CheckedBooking(msgspec.Struct, frozen=True, kw_only=True):
    """A booking with how often it is owed for, and the minutes entered for it.

    `booked_minutes`, `actual_minutes` and `entered_break_minutes` are those of its session, with
    what followed from times that were changed later; None where no session was entered.
    """

    id: UUID
    state: str
    session: Window
    started_at: datetime | None
    ended_at: datetime | None
    break_minutes: int
    sessions: int
    others: int
    booked_minutes: int | None
    actual_minutes: int | None
    entered_break_minutes: int | None


class CheckedStatement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement's own sums, as text by name, and the sums of what is on it."""

    id: UUID
    number: str
    said: Mapping[str, int]
    summed: Mapping[str, int]
    strangers: int


def postings(entry: CheckedEntry) -> list[tuple[str, int]]:
    """Return the entry's two sides: accounts with minor units, debits above zero, credits below."""
    cost = sum(line.get("charge_minor", 0) for line in entry.lines)
    donors = [(f"donor:{one.get('donor', '')}", int(one[SHARE])) for one in entry.funding_shares]
    return [
        *donors,
        ("institution", cost - sum(amount for _, amount in donors)),
        ("interpreter", -entry.pay_minor),
        ("margin", -(entry.charge_minor - entry.pay_minor)),
    ]


def entry_faults(entry: CheckedEntry) -> Iterator[Fault]:
    """Yield what does not add up within an entry."""
    named = show_id(USAGE_ENTRY, entry.id)
    left = sum(amount for _, amount in postings(entry))
    if left:
        yield Fault(id=named, what=f"its debits and credits differ by {left}")
    paid = sum(line.get("pay_minor", 0) for line in entry.lines)
    if paid != entry.pay_minor:
        yield Fault(id=named, what=f"it pays {entry.pay_minor}, its lines {paid}")
    shares = sum(int(one[SHARE]) for one in entry.funding_shares)
    if entry.funding_shares and shares != entry.charge_minor:
        yield Fault(id=named, what=f"it charges {entry.charge_minor}, its shares are {shares}")
    least = max(entry.booked_minutes, entry.actual_minutes) - entry.break_minutes
    if entry.kind == "session" and entry.billable_minutes < least:
        yield Fault(id=named, what=f"it bills {entry.billable_minutes} minutes of {least}")


def booking_faults(booking: CheckedBooking) -> Iterator[Fault]:
    """Yield what does not fit between a booking and what was entered for it."""
    named = show_id(BOOKING, booking.id)
    wanted = 1 if booking.state == "completed" else 0
    if booking.sessions != wanted:
        yield Fault(id=named, what=f"{booking.state}, with {booking.sessions} sessions entered")
    if booking.sessions + booking.others > 1:
        yield Fault(id=named, what="it is owed for more than once")
    if booking.sessions and booking.booked_minutes != booking.session.minutes:
        what = f"{booking.session.minutes} minutes booked, {booking.booked_minutes} entered"
        yield Fault(id=named, what=what)
    if booking.sessions and booking.break_minutes != booking.entered_break_minutes:
        what = f"{booking.break_minutes} minutes of breaks, {booking.entered_break_minutes} entered"
        yield Fault(id=named, what=what)
    if not booking.sessions or booking.started_at is None or booking.ended_at is None:
        return
    lasted = actual_minutes(
        booked_starts_at=booking.session.starts_at,
        started_at=booking.started_at,
        ended_at=booking.ended_at,
    )
    if lasted != booking.actual_minutes:
        yield Fault(id=named, what=f"it lasted {lasted} minutes, {booking.actual_minutes} entered")


def statement_faults(statement: CheckedStatement) -> Iterator[Fault]:
    """Yield what differs between a statement and what is on it."""
    named = f"{show_id(STATEMENT, statement.id)} ({statement.number})"
    for name in sorted(statement.said.keys() | statement.summed.keys()):
        said, summed = statement.said.get(name, 0), statement.summed.get(name, 0)
        if said != summed:
            yield Fault(id=named, what=f"it says {name} {said}, its entries are {summed}")
    if statement.strangers:
        what = f"{statement.strangers} of its entries are somebody else's, or of a later month"
        yield Fault(id=named, what=what)


def number_faults(numbers: Sequence[str]) -> Iterator[Fault]:
    """Yield the gaps and repetitions in the numbers of each year."""
    for series, group in groupby(sorted(numbers), key=lambda one: one.rpartition("-")[0]):
        counts = [int(one.rpartition("-")[2]) for one in group]
        if counts != list(range(1, len(counts) + 1)):
            yield Fault(id=series, what="its numbers have gaps or repetitions")
