"""Corrections of the ledger: one more entry with the difference, never a change of what stands."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.owing import owing_of
from interpreters.application.pricing import Charged
from interpreters.application.usage import new_entry, record_entry
from interpreters.database import Db
from interpreters.domain.adjustments import CHANGED_TIMES, line_differences, total
from interpreters.domain.errors import FieldError, Invalid
from interpreters.domain.ids import TARIFF, new_id, read_id
from interpreters.domain.pricing import UNPAID_BREAKS, Priced, price
from interpreters.domain.replacements import FLOOR, Floor, raised
from interpreters.domain.tariffs import Terms
from interpreters.domain.usage import actual_minutes
from interpreters.domain.windows import MINUTE, Window
from interpreters.sql import tariffs, usage_entries
from interpreters.sql.bookings import Booking
from interpreters.sql.outbox import Notice
from interpreters.sql.requests import Request
from interpreters.sql.usage_entries import UsageEntry

OWED: Final = ("session", "late_cancellation", "client_no_show")  # what a booking is owed for once


class Adjustment(msgspec.Struct, frozen=True, kw_only=True):
    """So much more (or, below zero, less) than was entered, and by a code why."""

    minutes: int = 0
    charge_minor: int = 0
    pay_minor: int = 0
    reason_code: str


async def reprice(db: Db, *, network_id: UUID, booking: Booking, now: datetime) -> Notice | None:
    """Enter what the booking's present times come to, less what was entered for its times.

    It is reckoned by the rule of the entry it corrects: the tariff, the qualification and the way
    of then. What people decided besides (an adjustment of a dispute, an expense) stays on top.
    None where there is no difference. The caller holds the booking's request.
    """
    assert booking.started_at is not None and booking.ended_at is not None  # noqa: PT018 - a session was held
    entered = await usage_entries.of_booking(db, network_id=network_id, booking_id=booking.id)
    first = next((one for one in entered if one.kind == "session"), None)
    if first is None:
        return None
    counted = [first, *(one for one in entered if one.reason_code == CHANGED_TIMES)]
    actual = actual_minutes(
        booked_starts_at=first.booked_starts_at,
        started_at=booking.started_at,
        ended_at=booking.ended_at,
    )
    owed = await _owed_again(db, network_id, first, actual, booking.break_minutes)
    entry = _difference(counted, owed, actual=actual, breaks=booking.break_minutes, now=now)
    minutes = (entry.actual_minutes, entry.break_minutes, entry.billable_minutes)
    if not entry.lines and not any(minutes):
        return None
    return await record_entry(db, network_id, entry)


async def adjust(
    db: Db,
    *,
    network_id: UUID,
    request: Request,
    booking: Booking,
    adjustment: Adjustment,
    now: datetime,
) -> Notice | None:
    """Enter what somebody decided: so much more or less. The caller holds the booking's request.

    Raises:
        Invalid: the booking's minutes, charge or pay would fall below nothing.
    """
    entered = await usage_entries.of_booking(db, network_id=network_id, booking_id=booking.id)
    _refuse_below_nothing(entered, adjustment)
    owing = await owing_of(db, network_id=network_id, request=request, booking=booking)
    entry = msgspec.structs.replace(
        new_entry(owing, "adjustment", _decided(adjustment), actual=0, now=now),
        booked_minutes=0,
        reason_code=adjustment.reason_code,
    )
    first = next((one for one in entered if one.kind in OWED), None)
    if first is not None:  # the day, the currency and the grant of what it corrects
        entry = msgspec.structs.replace(
            entry,
            corrects_id=first.id,
            booked_on=first.booked_on,
            currency=first.currency,
            client_ids=first.client_ids,
            funding_id=first.funding_id,
        )
    return await record_entry(db, network_id, entry)


async def _owed_again(
    db: Db, network_id: UUID, first: UsageEntry, actual: int, breaks: int
) -> Charged:
    terms = await _terms(db, network_id, first)
    session = msgspec.structs.replace(_session(first, actual), break_minutes=breaks)
    kept = (first.rule or {}).get(FLOOR)
    floor = None if kept is None else msgspec.convert(kept, Floor)
    found = raised(price(session=session, terms=terms), floor)
    if first.rule is None or found.rate is None:
        return Charged(billable_minutes=found.billable_minutes)
    rule = {**first.rule, "rate": msgspec.to_builtins(found.rate)}
    rule.pop(UNPAID_BREAKS, None)
    if breaks and terms is not None and not terms.breaks_paid:
        rule[UNPAID_BREAKS] = breaks
    return Charged(
        billable_minutes=found.billable_minutes,
        charge_minor=found.charge_minor,
        pay_minor=found.pay_minor,
        lines=[msgspec.to_builtins(one) for one in found.lines],
        rule=rule,
    )


def _difference(
    counted: Sequence[UsageEntry], owed: Charged, *, actual: int, breaks: int, now: datetime
) -> UsageEntry:
    """Return the entry that brings these, the first and its corrections, to what is owed."""
    first = counted[0]
    lines = line_differences(
        before=[line for one in counted for line in one.lines], after=owed.lines
    )
    return msgspec.structs.replace(
        first,
        id=new_id(now),
        kind="adjustment",
        booked_minutes=0,
        actual_minutes=actual - sum(one.actual_minutes for one in counted),
        break_minutes=breaks - sum(one.break_minutes for one in counted),
        billable_minutes=owed.billable_minutes - sum(one.billable_minutes for one in counted),
        charge_minor=total(lines, "charge_minor"),
        pay_minor=total(lines, "pay_minor"),
        lines=lines,
        rule=owed.rule,
        funding_shares=(),
        recorded_at=now,
        corrects_id=first.id,
        reason_code=CHANGED_TIMES,
    )


async def _terms(db: Db, network_id: UUID, first: UsageEntry) -> Terms | None:
    named = (first.rule or {}).get("tariff")
    if named is None:
        return None
    tariff_id = read_id(TARIFF, named["id"])
    found = await tariffs.find(db, network_id=network_id, tariff_id=tariff_id)
    assert found is not None  # tariffs only grow
    return found.terms


def _session(first: UsageEntry, actual: int) -> Priced:
    """Return the session as it was when it was entered, with other actual minutes."""
    rule = first.rule or {}
    starts_at = first.booked_starts_at
    return Priced(
        mode=first.mode,
        booked=Window(starts_at=starts_at, ends_at=starts_at + first.booked_minutes * MINUTE),
        actual_minutes=actual,
        time_zone=rule.get("time_zone", "UTC"),
        country=rule.get("country"),
        qualification=rule.get("qualification"),
        is_urgent=rule.get("urgent", False),
        is_unpaid=rule.get("pay_nothing", False),
        km=next((one["km"] for one in first.lines if one["kind"] == "travel"), None),
    )


def _decided(adjustment: Adjustment) -> Charged:
    line = {
        "kind": "adjustment",
        "minutes": adjustment.minutes,
        "charge_minor": adjustment.charge_minor,
        "pay_minor": adjustment.pay_minor,
    }
    return Charged(
        billable_minutes=adjustment.minutes,
        charge_minor=adjustment.charge_minor,
        pay_minor=adjustment.pay_minor,
        lines=[line],
    )


def _refuse_below_nothing(entered: Sequence[UsageEntry], adjustment: Adjustment) -> None:
    stands = {
        "minutes": sum(one.billable_minutes for one in entered),
        "charge_minor": sum(one.charge_minor for one in entered),
        "pay_minor": sum(one.pay_minor for one in entered),
    }
    detail = "It would take off more than was entered for the booking"
    wrong = [
        FieldError(pointer=f"/correction/adjustment/{name}", code="out-of-range", detail=detail)
        for name, value in stands.items()
        if getattr(adjustment, name) < min(0, -value)
    ]
    if wrong:
        raise Invalid(wrong)
