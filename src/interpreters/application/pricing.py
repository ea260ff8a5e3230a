"""Prices: by which tariff and policy a booking is reckoned, and what the ledger keeps of it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from interpreters.application.owing import Owing
from interpreters.database import Db
from interpreters.domain import cancellations
from interpreters.domain.cancellations import Called, Policy
from interpreters.domain.ids import POLICY, TARIFF, show_id
from interpreters.domain.pricing import (
    UNPAID_BREAKS,
    Line,
    Price,
    Priced,
    price,
    round_trip_km,
)
from interpreters.domain.replacements import FLOOR, raised
from interpreters.domain.tariffs import Dated, Tariff, applying
from interpreters.domain.travel import Point
from interpreters.domain.windows import at_place
from interpreters.sql import cancellation_policies, institutions, interpreters, tariffs
from interpreters.sql.institutions import Institution
from interpreters.sql.interpreters import Interpreter
from interpreters.sql.usage_entries import UsageEntry


class Charged(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed, and by which rule; `rule` None where there was none.

    `lines` and `rule` are as the ledger keeps them: whoever has them can reckon everything again.
    """

    billable_minutes: int
    charge_minor: int = 0
    pay_minor: int = 0
    lines: Sequence[dict[str, Any]] = ()
    rule: dict[str, Any] | None = None


class Calling(msgspec.Struct, frozen=True, kw_only=True):
    """What calling off costs now, and until when it is free (None: it never was).

    Once it is called off: until when another session may take its place instead (None: none may).
    """

    fee: Charged
    free_until: datetime | None
    replacement_until: datetime | None = None


class BookingMoney(msgspec.Struct, frozen=True, kw_only=True):
    """What a booking earns, and what calling it off would cost; None where that is not told."""

    currency: str
    pay_minor: int | None
    calling: Calling | None


async def charged(
    db: Db, *, network_id: UUID, owing: Owing, actual_minutes: int, break_minutes: int = 0
) -> Charged:
    """Return what the session costs and earns by the tariff of its day."""
    known, tariff = await _reckoned(db, network_id, owing, actual_minutes)
    session = msgspec.structs.replace(known, break_minutes=break_minutes)
    found = price(session=session, terms=_terms(tariff))
    kept = _kept(session, tariff, raised(found, owing.floor))
    if owing.floor is None or kept.rule is None:
        return kept
    rule = kept.rule | {FLOOR: msgspec.to_builtins(owing.floor)}
    return msgspec.structs.replace(kept, rule=rule)


async def calling_off(db: Db, *, network_id: UUID, owing: Owing, at: datetime) -> Calling:
    """Return what a notice that arrives at `at` costs, by the policy of the session's day.

    Of a replacement it is the fee that it stands for, at any time.
    """
    if owing.replaced is not None:
        return Calling(fee=charged_by(owing.replaced), free_until=None)
    session, tariff = await _reckoned(db, network_id, owing, 0)
    policy = await _policy_of(db, network_id, owing)
    called = Called(
        mode=session.mode,
        booked=session.booked,
        km=session.km,
        time_zone=session.time_zone,
        country=session.country,
    )
    if policy is None:
        return Calling(fee=Charged(billable_minutes=0), free_until=owing.booked.starts_at)
    return Calling(
        fee=_fee(session, tariff, policy, called, at),
        free_until=cancellations.free_until(rules=policy.rules, called=called),
    )


def charged_by(entry: UsageEntry) -> Charged:
    """Return what was entered, as what is owed."""
    return Charged(
        billable_minutes=entry.billable_minutes,
        charge_minor=entry.charge_minor,
        pay_minor=entry.pay_minor,
        lines=entry.lines,
        rule=entry.rule,
    )


async def tariff_of(
    db: Db, *, network_id: UUID, institution: Institution | None, day: date
) -> Tariff | None:
    """Return the tariff that applies to the institution on a day of the place."""
    own_id = None if institution is None else institution.tariff_id
    versions = await tariffs.for_institution(db, network_id=network_id, own_id=own_id)
    return applying(versions=versions, own_id=own_id, day=day)


def priced_for(
    interpreter: Interpreter | None,
    *,
    mode: str,
    place: Point | None,
    base: Priced,
) -> Priced:
    """Return the session as it is with this interpreter: qualification, pay and way."""
    if interpreter is None:
        return base
    travels = mode == "in_person"
    return msgspec.structs.replace(
        base,
        qualification=interpreter.qualification,
        is_unpaid=interpreter.engagement == "volunteer",
        km=round_trip_km(home=_home(interpreter), place=place) if travels else None,
    )


async def _reckoned(
    db: Db, network_id: UUID, owing: Owing, actual_minutes: int
) -> tuple[Priced, Tariff | None]:
    institution = await institutions.find(
        db, network_id=network_id, institution_id=owing.institution_id
    )
    interpreter = await interpreters.find(
        db, network_id=network_id, interpreter_id=owing.interpreter_id
    )
    base = Priced(
        mode=owing.mode,
        booked=owing.booked,
        actual_minutes=actual_minutes,
        time_zone=owing.time_zone or owing.network_time_zone,
        country=None if institution is None else institution.country,
        qualification=None,
        is_urgent=owing.is_urgent,
    )
    session = priced_for(interpreter, mode=owing.mode, place=owing.place, base=base)
    tariff = await tariff_of(db, network_id=network_id, institution=institution, day=_day(session))
    return session, tariff


async def _policy_of(db: Db, network_id: UUID, owing: Owing) -> Policy | None:
    institution = await institutions.find(
        db, network_id=network_id, institution_id=owing.institution_id
    )
    own_id = None if institution is None else institution.cancellation_policy_id
    versions = await cancellation_policies.for_institution(db, network_id=network_id, own_id=own_id)
    zone = owing.time_zone or owing.network_time_zone
    day = at_place(instant=owing.booked.starts_at, time_zone=zone).date()
    return applying(versions=versions, own_id=own_id, day=day)


def _fee(
    session: Priced, tariff: Tariff | None, policy: Policy, called: Called, at: datetime
) -> Charged:
    rule = cancellations.late_rule(rules=policy.rules, called=called, at=at)
    if rule is None:
        return Charged(billable_minutes=0)
    found = cancellations.fee(session=session, terms=_terms(tariff), rule=rule)
    kept = _kept(session, tariff, found)
    if kept.rule is None:
        return kept
    added = {"policy": _named(POLICY, policy), "policy_rule": rule, "notice_at": at}
    return msgspec.structs.replace(kept, rule=kept.rule | msgspec.to_builtins(added))


def _kept(session: Priced, tariff: Tariff | None, found: Price) -> Charged:
    if tariff is None or found.rate is None:
        return Charged(billable_minutes=found.billable_minutes)
    rule = {
        "tariff": _named(TARIFF, tariff),
        "rate": found.rate,
        "qualification": session.qualification,
        "time_zone": session.time_zone,
        "country": session.country,
        "urgent": session.is_urgent,
    }
    if session.break_minutes and not tariff.terms.breaks_paid:
        rule[UNPAID_BREAKS] = session.break_minutes
    if session.is_unpaid:
        rule["pay_nothing"] = True  # what begins with pay is not for institutions
    return Charged(
        billable_minutes=found.billable_minutes,
        charge_minor=found.charge_minor,
        pay_minor=found.pay_minor,
        lines=[_line(one) for one in found.lines],
        rule=msgspec.to_builtins(rule),
    )


def _named(prefix: str, one: Dated) -> dict[str, Any]:
    return {"id": show_id(prefix, one.id), "name": one.name, "valid_from": one.valid_from}


def _line(one: Line) -> dict[str, Any]:
    kept: dict[str, Any] = msgspec.to_builtins(one)
    return kept


def _terms(tariff: Tariff | None) -> Any:
    return None if tariff is None else tariff.terms


def _day(session: Priced) -> date:
    return at_place(instant=session.booked.starts_at, time_zone=session.time_zone).date()


def _home(interpreter: Interpreter) -> Point | None:
    if interpreter.latitude is None or interpreter.longitude is None:
        return None
    return Point(latitude=interpreter.latitude, longitude=interpreter.longitude)
