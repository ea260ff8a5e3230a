"""What a booking looks like to each side. The interpreter never sees who the client is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from interpreters.application.bookings import ShownBooking
from interpreters.application.cancelling import Cancelled
from interpreters.domain import ids
from interpreters.domain.approvals import ApprovalState
from interpreters.domain.bookings import BookingState
from interpreters.domain.callers import Caller
from interpreters.domain.giving_back import NO_CONFLICT
from interpreters.domain.parties import arrivals, parties_of
from interpreters.domain.told_connections import shows_connect
from interpreters.http.fields import Mode
from interpreters.http.usage import seen_by
from interpreters.http.views import LanguageView, MoneyView

# Whose booking came to nothing has no more to do with where it is and whom to call.
LEFT: Final = ("released", "cancelled", "given_back", "interpreter_no_show")


# Where it is and with whom: after the yes, as long as the booking stands.
DETAILS: Final = (
    "contact", "room_id", "room", "instructions", "connect", "attendees_expected", "parties",
)  # fmt: skip


class InterpreterView(msgspec.Struct, frozen=True, kw_only=True):
    """What an institution sees of an interpreter."""

    id: str
    display_name: str


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """How the session went; `break_minutes` is how long its breaks were together."""

    checked_in_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    break_minutes: int


class ContactView(msgspec.Struct, frozen=True, kw_only=True):
    """Where to go and whom to ask: for the interpreter, after acceptance."""

    site: str | None
    city: str | None
    address: str | None
    phone: str | None
    email: str | None


class AskedByView(msgspec.Struct, frozen=True, kw_only=True):
    """For whom and where, by name alone: so that the interpreter can say `no-conflict`."""

    institution: str | None
    site: str | None


class ArrivalView(msgspec.Struct, frozen=True, kw_only=True):
    """When one of those comes who must not meet; in order, and without saying who it is."""

    party: int
    arrives_at: datetime


class CancellationView(msgspec.Struct, frozen=True, kw_only=True):
    """What calling it off would cost now, or did cost, by which rule; until when it is free.

    `free_until` null is never. Once it is called off, `replacement_until` says until when another
    session may take its place instead of the fee; it is missing where none may.
    """

    charge_now: MoneyView
    free_until: datetime | None
    replacement_until: datetime | UnsetType = UNSET
    rule: dict[str, Any] | None


class BookingView(msgspec.Struct, frozen=True, kw_only=True):
    """A booking as it is answered. `pay` and `cancellation` are told of one, not in lists.

    Institutions have no `pay`.
    """

    id: str
    request_id: str
    seat: int
    institution_id: str
    interpreter: InterpreterView
    from_language: LanguageView
    to_language: LanguageView
    mode: Mode
    site_id: str | None
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    duration_minutes: int
    state: BookingState
    session: SessionView
    running_late_minutes: int | None
    no_conflict_at: datetime | None
    external_reference: str | None
    topic: str
    contact: ContactView | None
    room_id: str | None
    room: str | None
    attendees_expected: int | None
    parties: list[ArrivalView] | None
    briefing_minutes: int
    instructions: str | None
    connect: dict[str, Any] | None
    pay: MoneyView | None | UnsetType = UNSET
    cancellation: CancellationView | None
    details_wait_for: str | None
    asked_by: AskedByView | None
    given_back_late: bool | None
    next_commitment_at: datetime | None
    extensible_minutes: int | None
    approval: ApprovalState | None
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, one: ShownBooking, caller: Caller, now: datetime) -> "BookingView":
        """Shape a booking for the caller."""
        booking, request = one.booking, one.request
        inside = _sees_inside(one, caller)
        return cls(
            id=ids.show_id(ids.BOOKING, booking.id),
            request_id=ids.show_id(ids.REQUEST, booking.request_id),
            seat=booking.seat,
            institution_id=ids.show_id(ids.INSTITUTION, booking.institution_id),
            interpreter=InterpreterView(
                id=ids.show_id(ids.INTERPRETER, booking.interpreter_id),
                display_name=booking.interpreter_name,
            ),
            from_language=LanguageView.of(booking.from_language),
            to_language=LanguageView.of(booking.to_language),
            mode=booking.mode,  # type: ignore[arg-type]  # the request's modes
            site_id=ids.show_optional(ids.SITE, booking.site_id),
            starts_at=booking.session.starts_at,
            ends_at=booking.session.ends_at,
            time_zone=booking.time_zone,
            duration_minutes=booking.session.minutes,
            state=booking.state,
            session=SessionView(
                checked_in_at=booking.checked_in_at,
                started_at=booking.started_at,
                ended_at=booking.ended_at,
                break_minutes=booking.break_minutes,
            ),
            running_late_minutes=booking.late_minutes,
            no_conflict_at=booking.no_conflict_at,
            external_reference=_reference(one, caller),
            topic=request.topic,
            briefing_minutes=booking.briefing_minutes,
            **(_details(one, now) if inside else dict.fromkeys(DETAILS)),
            **_by_role(one, caller),
            approval=one.approval,
            created_at=booking.created_at,
            updated_at=booking.updated_at,
            version=booking.version,
        )


class FeeView(msgspec.Struct, frozen=True, kw_only=True):
    """What calling off costs, by which rule."""

    charge: MoneyView
    rule: dict[str, Any] | None


class CancelledView(msgspec.Struct, frozen=True, kw_only=True):
    """A cancelled booking and its fee. A request that names it as `replaces`, and is over by
    `replacement_until`, takes its place instead; null: none may.
    """

    booking: BookingView
    fee: FeeView
    replacement_until: datetime | None

    @classmethod
    def of(cls, one: Cancelled, caller: Caller, now: datetime) -> "CancelledView":
        """Shape a cancelled booking."""
        charge = MoneyView(amount_minor=one.charge_minor, currency=one.currency)
        return cls(
            booking=BookingView.of(one.shown, caller, now),
            fee=FeeView(charge=charge, rule=seen_by(caller, one.rule)),
            replacement_until=one.replacement_until,
        )


def _reference(one: ShownBooking, caller: Caller) -> str | None:
    """A case number may point at a person: the interpreter does without."""
    return None if caller.role == "interpreter" else one.request.external_reference


def _sees_inside(one: ShownBooking, caller: Caller) -> bool:
    """Where it is and whom to ask: not for whose booking came to nothing, or waits for a word."""
    return caller.role != "interpreter" or (one.booking.state not in LEFT and not one.waits)


def _by_role(one: ShownBooking, caller: Caller) -> dict[str, Any]:
    """Return what only some see: institutions never learn that somebody left late."""
    waits = one.waits and caller.role == "interpreter"
    told = caller.role in ("interpreter", "coordinator")
    site = None if one.site is None else one.site.name
    return {
        "details_wait_for": NO_CONFLICT if waits else None,
        "asked_by": AskedByView(institution=one.institution, site=site) if waits else None,
        "given_back_late": one.booking.given_back_late if told else None,
        "pay": _pay(one, caller),
        "cancellation": _cancellation(one, caller),
        "next_commitment_at": one.next_at,
        "extensible_minutes": one.extensible_minutes,
    }


def _pay(one: ShownBooking, caller: Caller) -> MoneyView | None | UnsetType:
    if caller.institution_id is not None:
        return UNSET
    if one.money is None or one.money.pay_minor is None:
        return None
    return MoneyView(amount_minor=one.money.pay_minor, currency=one.money.currency)


def _cancellation(one: ShownBooking, caller: Caller) -> CancellationView | None:
    if one.money is None or one.money.calling is None:
        return None
    calling = one.money.calling
    return CancellationView(
        charge_now=MoneyView(amount_minor=calling.fee.charge_minor, currency=one.money.currency),
        free_until=calling.free_until,
        replacement_until=calling.replacement_until or UNSET,
        rule=seen_by(caller, calling.fee.rule),
    )


def _details(one: ShownBooking, now: datetime) -> dict[str, Any]:
    request = one.request
    return {
        "contact": _contact(one),
        "room_id": ids.show_optional(ids.ROOM, request.room_id),
        "room": one.room,
        "instructions": request.instructions,
        "connect": _connect(one, now),
        "attendees_expected": request.details.get("attendees_expected"),
        "parties": _arrivals(request.details),
    }


def _arrivals(details: Mapping[str, Any]) -> list[ArrivalView] | None:
    times = arrivals(parties_of(details))
    return [
        ArrivalView(party=number, arrives_at=at) for number, at in enumerate(times, start=1)
    ] or None


def _contact(one: ShownBooking) -> ContactView | None:
    if one.site is None:
        return None
    return ContactView(
        site=one.site.name,
        city=one.site.city,
        address=one.site.address,
        phone=one.site.phone,
        email=one.site.email,
    )


def _connect(one: ShownBooking, now: datetime) -> dict[str, Any] | None:
    session = one.booking.session
    if one.request.connect is None or one.booking.mode == "in_person":
        return None
    if not shows_connect(starts_at=session.starts_at, ends_at=session.ends_at, now=now):
        return None
    return dict(one.request.connect)
