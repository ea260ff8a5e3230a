"""Receipts: what both sides agreed on, signed when the booking is confirmed, and kept.

Each side has its own: the interpreter's says what is paid, the institution's what is charged.
They name every person by an id, so that erasing one leaves them true.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from interpreters.application.owing import Owing, owing_of
from interpreters.application.pricing import Calling, Charged, calling_off, charged
from interpreters.application.shown_bookings import find_own
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import Forbidden, NotFound
from interpreters.domain.ids import (
    BOOKING,
    INSTITUTION,
    INTERPRETER,
    NETWORK,
    REQUEST,
    SITE,
    show_id,
    show_some,
)
from interpreters.domain.receipts import TYPE, ReceiptKey, Side
from interpreters.domain.windows import at_place
from interpreters.domain.wording import ENGLISH, page_tag
from interpreters.sql import (
    bookings,
    institutions,
    networks,
    receipt_keys,
    receipts,
    requests,
    sites,
)
from interpreters.sql.bookings import Booking
from interpreters.sql.outbox import Written
from interpreters.sql.receipts import Receipt

__all__ = ["Receipts", "SignedTerms", "show_receipt", "show_receipt_key"]
READERS: Final = ("coordinator", "consultant", "institution", "interpreter")
AGREED: Final = ("confirmed", "in_progress")


class SignedTerms(msgspec.Struct, frozen=True, kw_only=True):
    """One side's terms with their signature, and the key it was made with.

    `language` is the page language of the network's work.
    """

    side: Side
    terms: dict[str, Any]
    signature: bytes
    key: ReceiptKey
    language: str


class Receipts:
    """The channel that signs: a booking's terms are written down when it is confirmed."""

    async def take(
        self, db: Db, *, network_id: UUID, notices: Sequence[Written], now: datetime
    ) -> None:
        """Sign what was agreed for each booking that was confirmed."""
        for notice in notices:
            if notice.type != "booking.confirmed":
                continue
            booking = await bookings.find(db, network_id=network_id, booking_id=notice.subject_id)
            if booking is not None and booking.state in AGREED:
                await _sign(db, network_id, booking, now)


async def show_receipt(
    db: Db, caller: Caller, *, booking_id: UUID, side: Callable[[], Side | None], now: datetime
) -> SignedTerms:
    """Return the caller's side of what was agreed; coordinators may ask for either.

    It is signed now where that is still to be done.

    Raises:
        Forbidden: it is the other side's.
        NotFound: there is no such booking in what the caller may see, or it was never agreed on.
    """
    permit(caller, "bookings:read", *READERS)
    network_id = caller.network_id
    booking = await find_own(db, caller, booking_id)
    wanted = _side(caller, side())
    found = await receipts.find(db, network_id=network_id, booking_id=booking.id)
    if found is None and booking.state in AGREED:
        await _sign(db, network_id, booking, now)
        found = await receipts.find(db, network_id=network_id, booking_id=booking.id)
    if found is None:
        raise NotFound
    network = await networks.get(db, network_id=network_id)
    return SignedTerms(
        side=wanted,
        terms=dict(found.terms[wanted]),
        signature=found.signatures[wanted],
        key=await _key(db, network_id),
        language=page_tag(network.working_language or "") or ENGLISH,
    )


async def show_receipt_key(db: Db, caller: Caller) -> ReceiptKey:
    """Return the key by which the caller's network signs; its public half is for everybody."""
    return await _key(db, caller.network_id)


async def _key(db: Db, network_id: UUID) -> ReceiptKey:
    """Return the network's key, made when it is first needed; of two made at once the first."""
    found = await receipt_keys.find(db, network_id=network_id)
    if found is None:
        await receipt_keys.add(db, network_id=network_id, key=ReceiptKey.new())
        found = await receipt_keys.find(db, network_id=network_id)
        assert found is not None  # it was added, here or by somebody else
    return found


def _side(caller: Caller, wanted: Side | None) -> Side:
    if caller.role == "coordinator":
        return wanted or "interpreter"
    own: Side = "interpreter" if caller.role == "interpreter" else "institution"
    if wanted not in (None, own):
        raise Forbidden("The other side's receipt is theirs")
    return own


async def _sign(db: Db, network_id: UUID, booking: Booking, now: datetime) -> None:
    if await receipts.find(db, network_id=network_id, booking_id=booking.id) is not None:
        return
    request = await requests.find(db, network_id=network_id, request_id=booking.request_id)
    assert request is not None  # the foreign key holds it
    owing = await owing_of(db, network_id=network_id, request=request, booking=booking)
    money = await charged(db, network_id=network_id, owing=owing, actual_minutes=0)
    calling = await calling_off(db, network_id=network_id, owing=owing, at=now)
    shared = await _shared(db, network_id, booking, now)
    terms: dict[Side, dict[str, Any]] = {
        "interpreter": {**shared, "side": "interpreter", "pay": _pay(owing, money)},
        "institution": {**shared, "side": "institution", **_charge(owing, money, calling)},
    }
    key = await _key(db, network_id)
    made = Receipt(
        booking_id=booking.id,
        terms=terms,
        signatures={side: key.sign(one) for side, one in terms.items()},
        created_at=now,
    )
    await receipts.insert(db, network_id=network_id, receipt=made)


async def _shared(db: Db, network_id: UUID, booking: Booking, now: datetime) -> dict[str, Any]:
    """Return what is the same for both sides: ids, who they are, languages, times, the town."""
    session, zone = booking.session, booking.time_zone
    institution = await institutions.find(
        db, network_id=network_id, institution_id=booking.institution_id
    )
    assert institution is not None  # the foreign key holds it
    network = await networks.get(db, network_id=network_id)
    return {
        "type": TYPE,
        "network_id": show_id(NETWORK, network_id),
        "network_name": network.name,
        "booking_id": show_id(BOOKING, booking.id),
        "request_id": show_id(REQUEST, booking.request_id),
        "seat": booking.seat,
        "institution_id": show_id(INSTITUTION, booking.institution_id),
        "institution_name": institution.name,
        "interpreter_id": show_id(INTERPRETER, booking.interpreter_id),
        "from_language": booking.from_language,
        "to_language": booking.to_language,
        "mode": booking.mode,
        "starts_at": _utc(session.starts_at),
        "ends_at": _utc(session.ends_at),
        "time_zone": zone,
        "starts_there": at_place(instant=session.starts_at, time_zone=zone).isoformat(),
        "site_id": show_some(SITE, booking.site_id),
        "city": await _city(db, network_id, booking),
        "agreed_at": _utc(booking.created_at),
        "signed_at": _utc(now),
    }


async def _city(db: Db, network_id: UUID, booking: Booking) -> str | None:
    if booking.mode != "in_person" or booking.site_id is None:
        return None
    site = await sites.find(db, network_id=network_id, site_id=booking.site_id)
    return None if site is None else site.city


def _pay(owing: Owing, money: Charged) -> dict[str, Any] | None:
    """Return what the booked time earns; None where no tariff had a rate for it."""
    if money.rule is None:
        return None
    return _money(money.pay_minor, owing.currency, money)


def _charge(owing: Owing, money: Charged, calling: Calling) -> dict[str, Any]:
    """Return what the booked time costs, and until when calling it off is free."""
    charge = None
    if money.rule is not None:
        charge = _money(money.charge_minor, owing.currency, money)
    free_until = None if calling.free_until is None else _utc(calling.free_until)
    return {"charge": charge, "free_until": free_until}


def _money(amount_minor: int, currency: str, money: Charged) -> dict[str, Any]:
    assert money.rule is not None  # there is a price
    return {
        "amount_minor": amount_minor,
        "currency": currency,
        "billable_minutes": money.billable_minutes,
        "tariff_id": money.rule["tariff"]["id"],
    }


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
