"""Whether what was entered for a booking is what its recorded facts come to.

The facts are the booking's times, mode and zone, the request's, the changes of times, the tariff
and the policy that the entry names, and the shares of its donors. What nobody keeps a history of
is taken from the entry's rule as it is: the interpreter's qualification and whether they are paid,
the country, the way there. Which tariff an institution had on a day is not looked at, only that
the one that is named held on it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from interpreters.domain.ids import BOOKING, USAGE_ENTRY, show_id
from interpreters.domain.ledger_checks import Fault
from interpreters.domain.ledger_notices import rule_again
from interpreters.domain.ledger_prices import (
    MINUTE,
    Again,
    Facts,
    Json,
    fee_again,
    price_again,
    shares_again,
)
from interpreters.domain.ledger_replacements import (
    Standing,
    moved_of,
    raised_again,
    replaced_faults,
)

CHANGED: Final = "changed-times"
TAKEN_OFF: Final = "unpaid_break_minutes"
URGENT_MINUTES: Final = 120
LATER_FIELDS: Final = {"replacement": False}  # rules that were stored before do not say it
OWED: Final = ("session", "client_no_show", "late_cancellation")
NUMBERS: Final = ("minutes", "km", "charge_minor", "pay_minor")


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The network's tariffs and policies as they are stored, by their ids as they are shown."""

    tariffs: Mapping[str, "Kept"]
    policies: Mapping[str, "Kept"]


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A tariff's terms, or a policy's rules, and the days on which it holds."""

    valid_from: date
    valid_until: date | None
    content: Any


class EnteredMoney(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as it is stored."""

    id: UUID
    kind: str
    mode: str
    booked_starts_at: datetime
    booked_minutes: int
    actual_minutes: int
    break_minutes: int = 0
    billable_minutes: int
    charge_minor: int
    pay_minor: int
    lines: list[dict[str, Any]]
    rule: dict[str, Any] | None
    funding_shares: list[dict[str, Any]]
    reason_code: str | None


class CheckedMoney(msgspec.Struct, frozen=True, kw_only=True):
    """A booking with everything entered for it, in the order in which it was entered.

    `first_…` is what was recorded before anybody changed it. `standing` are the bookings of the
    request that replaces this one; `replaced_lines` those of the fee that its own request replaces,
    for which `stands_for` is said to stand.
    """

    id: UUID
    mode: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    started_at: datetime | None
    ended_at: datetime | None
    break_minutes: int = 0
    closed_at: datetime | None
    first_started_at: datetime | None
    first_ended_at: datetime | None
    first_break_minutes: int | None = None
    asked_at: datetime
    asked_for_now: bool
    entries: Sequence[EnteredMoney]
    standing: Sequence[Standing] = ()
    stands_for: str | None = None
    replaced_lines: Sequence[dict[str, Any]] | None = None

    @property
    def floor(self) -> Sequence[dict[str, Any]] | None:
        """The lines of the fee that this booking stands for."""
        return self.replaced_lines if self.stands_for == show_id(BOOKING, self.id) else None


def money_faults(one: CheckedMoney, rules: Rules) -> Iterator[Fault]:
    """Yield what differs between the entries of a booking and what its facts come to."""
    for entry in one.entries:
        yield from _named(entry, _share_faults(entry))
    owed = next((entry for entry in one.entries if entry.kind in OWED), None)
    if owed is None:
        return
    yield from _named(owed, _fact_faults(one, owed))
    tariff = None if owed.rule is None else rules.tariffs.get(_id_of(owed.rule, "tariff"))
    if owed.rule is not None and tariff is None:
        yield from _named(owed, ["it names a tariff that is not there"])
        return
    terms = None if tariff is None else tariff.content
    if tariff is not None:
        yield from _named(owed, _day_faults(one, tariff))
    if owed.kind == "late_cancellation":
        yield from _named(owed, _fee_faults(one, owed, terms, rules))
        return
    yield from _named(owed, _session_faults(one, owed, terms))
    changed = [entry for entry in one.entries if entry.reason_code == CHANGED]
    if changed:
        yield from _changed_faults(one, owed, changed, terms)


def _fact_faults(one: CheckedMoney, entry: EnteredMoney) -> Iterator[str]:
    """Yield where the entry and the booking do not say the same."""
    if entry.mode != one.mode or entry.booked_starts_at != one.starts_at:
        yield "its mode or its booked start is not the booking's"
    rule = entry.rule
    if rule is None:
        if entry.charge_minor or entry.pay_minor:
            yield "it costs or pays something, and names no rule"
        return
    if rule.get("time_zone") != one.time_zone:
        yield f"it was reckoned in {rule.get('time_zone')}, the booking is in {one.time_zone}"
    urgent = one.asked_for_now or one.starts_at - one.asked_at < URGENT_MINUTES * MINUTE
    if rule.get("urgent", False) != urgent:
        yield "whether it was urgent is not what the request says"


def _day_faults(one: CheckedMoney, kept: Kept) -> Iterator[str]:
    day = one.starts_at.astimezone(ZoneInfo(one.time_zone)).date()
    if day < kept.valid_from or (kept.valid_until is not None and day >= kept.valid_until):
        yield f"it was reckoned by rules that did not hold on {day}"


def _session_faults(one: CheckedMoney, entry: EnteredMoney, terms: Json | None) -> Iterator[str]:
    actual = breaks = 0
    if entry.kind == "session":
        began = one.first_started_at or one.started_at
        ended = one.first_ended_at or one.ended_at
        if began is None or ended is None:
            return  # the booking's own fault
        actual = _lasted(one.starts_at, began, ended)
        if entry.actual_minutes != actual:
            yield f"its times come to {actual} minutes, it says {entry.actual_minutes}"
        breaks = _first_breaks(one)
        if entry.break_minutes != breaks:
            yield f"its breaks were {breaks} minutes, it says {entry.break_minutes}"
    facts = msgspec.structs.replace(_facts(one, entry, actual), breaks=breaks)
    yield from _differences(entry, raised_again(price_again(terms, facts), one.floor))
    yield from _break_faults(entry, terms, breaks)


def _first_breaks(one: CheckedMoney) -> int:
    first = one.first_break_minutes
    return one.break_minutes if first is None else first


def _break_faults(entry: EnteredMoney, terms: Json | None, breaks: int) -> Iterator[str]:
    """Yield whether the rule does not say what was taken off, or says more."""
    if entry.rule is None or terms is None:
        return
    taken, said = 0 if terms.get("breaks_paid", True) else breaks, entry.rule.get(TAKEN_OFF, 0)
    if said != taken:
        yield f"by its tariff {taken} minutes of breaks are taken off, it says {said}"


def _fee_faults(
    one: CheckedMoney, entry: EnteredMoney, terms: Json | None, rules: Rules
) -> Iterator[str]:
    rule = entry.rule or {}
    policy, chosen = rules.policies.get(_id_of(rule, "policy")), rule.get("policy_rule")
    content = [] if policy is None else [LATER_FIELDS | each for each in policy.content]
    chosen = None if chosen is None else LATER_FIELDS | chosen
    if policy is None or chosen is None or chosen not in content:
        yield "it names a policy, or a rule of one, that is not there"
        return
    yield from _day_faults(one, policy)
    notice_at = datetime.fromisoformat(rule["notice_at"])
    if notice_at != one.closed_at:
        yield "the notice is not of when the booking was called off"
    facts = _facts(one, entry, 0)
    asks_for_ways = any(each.get("min_travel_km") for each in content)
    if not asks_for_ways and rule_again(content, facts, notice_at) != chosen:
        yield "by its policy the notice falls under another rule, or none"
    yield from _differences(entry, fee_again(terms, chosen, facts))
    yield from replaced_faults(rule, entry.lines, moved_of(one.entries), one.standing)


def _changed_faults(
    one: CheckedMoney, first: EnteredMoney, changed: Sequence[EnteredMoney], terms: Json | None
) -> Iterator[Fault]:
    """Look whether a session and what followed from other times come to its present times."""
    if one.started_at is None or one.ended_at is None:
        return
    facts = _facts(one, first, _lasted(one.starts_at, one.started_at, one.ended_at))
    again = price_again(terms, msgspec.structs.replace(facts, breaks=one.break_minutes))
    again = raised_again(again, one.floor)
    every = [first, *changed]
    named = show_id(BOOKING, one.id)
    billed = sum(entry.billable_minutes for entry in every)
    if billed != again.billable:
        yield Fault(id=named, what=f"it comes to {again.billable} billed minutes, not {billed}")
    if _sums(line for entry in every for line in entry.lines) != _sums(again.lines):
        yield Fault(id=named, what="its entries are not what its present times come to")


def _share_faults(entry: EnteredMoney) -> Iterator[str]:
    shares = entry.funding_shares
    if not all("share_basis_points" in one for one in shares):
        yield "its donors' shares are not named"
        return
    wanted = shares_again(entry.charge_minor, [one["share_basis_points"] for one in shares])
    if [one["charge_minor"] for one in shares] != wanted:
        yield f"its donors pay {', '.join(map(str, wanted))} by their shares"


def _differences(entry: EnteredMoney, again: Again) -> Iterator[str]:
    if entry.billable_minutes != again.billable:
        yield f"it comes to {again.billable} billed minutes, it says {entry.billable_minutes}"
    charge, pay = (
        sum(line[name] for line in again.lines) for name in ("charge_minor", "pay_minor")
    )
    if (entry.charge_minor, entry.pay_minor) != (charge, pay):
        said = f"{entry.charge_minor} and {entry.pay_minor}"
        yield f"it comes to a charge of {charge} and a pay of {pay}, it says {said}"
    if _sums(entry.lines) != _sums(again.lines):
        yield "its lines are not those it comes to"
    rate = None if entry.rule is None else entry.rule.get("rate")
    if again.rate is not None and rate != again.rate:
        yield "its rate is not that of its tariff"


def _facts(one: CheckedMoney, entry: EnteredMoney, actual: int) -> Facts:
    rule = entry.rule or {}
    return Facts(
        mode=one.mode,
        starts_at=one.starts_at,
        booked=(one.ends_at - one.starts_at) // MINUTE,
        actual=actual,
        time_zone=one.time_zone,
        country=rule.get("country"),
        qualification=rule.get("qualification"),
        urgent=one.asked_for_now or one.starts_at - one.asked_at < URGENT_MINUTES * MINUTE,
        unpaid=rule.get("pay_nothing", False),
        km=_km(entry) if one.mode == "in_person" else None,
    )


def _km(entry: EnteredMoney) -> int | None:
    return next((line["km"] for line in entry.lines if line["kind"] == "travel"), None)


def _lasted(booked: datetime, began: datetime, ended: datetime) -> int:
    """Return the minutes from the booked start, or a later real one, begun ones whole."""
    seconds = (ended - max(booked, began)).total_seconds()
    return max(0, int(-(-seconds // 60)))


def _sums(lines: Iterable[Json]) -> dict[tuple[Any, ...], list[int]]:
    """Return the numbers of the lines by what they are for, without those that came to nothing."""
    found: dict[tuple[Any, ...], list[int]] = {}
    for line in lines:
        numbers = found.setdefault(
            (line["kind"], line.get("when"), line.get("percent")), [0] * len(NUMBERS)
        )
        for place, name in enumerate(NUMBERS):
            numbers[place] += line.get(name) or 0
    return {what: numbers for what, numbers in found.items() if any(numbers)}


def _id_of(rule: Json, what: str) -> str:
    return str((rule.get(what) or {}).get("id"))


def _named(entry: EnteredMoney, faults: Iterable[str]) -> Iterator[Fault]:
    for what in faults:
        yield Fault(id=show_id(USAGE_ENTRY, entry.id), what=what)
