"""Offers and jobs as the phone shows them: each text told in the reader's language.

What may be seen is decided where the API decides it (`OfferView`, `BookingView`).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from interpreters.application.bookings import ShownBooking
from interpreters.application.offers import ShownOffer
from interpreters.domain.bookings import EARLIEST
from interpreters.domain.callers import Caller
from interpreters.domain.expenses import SPENT_FOR
from interpreters.domain.told_connections import tell_connect
from interpreters.domain.told_sessions import MODES, language_name, tell_moment
from interpreters.domain.told_times import tell_date, tell_time, tell_times, tell_zone
from interpreters.domain.windows import MINUTE, Window, zone
from interpreters.domain.wording import comma, say
from interpreters.http.booking_views import BookingView
from interpreters.http.offers import OfferView
from interpreters.http.views import MoneyView
from interpreters.web.formats import Formats
from interpreters.web.phone_texts import APPROVALS, STATES, TOPICS

ENDED: Final = ("taken", "expired", "withdrawn")
SHOWN_FOR: Final = timedelta(days=3)  # how an offer ended, after the time to answer
Json = dict[str, Any]


class Reader:
    """Who reads: their language, by whose clock they live, and when it is."""

    def __init__(self, caller: Caller, language: str, time_zone: str, now: datetime) -> None:
        self.caller = caller
        self.language = language
        self.time_zone = time_zone
        self.now = now
        self.tell = Formats(language, time_zone)

    def say(self, message: str) -> str:
        """Return a message."""
        return say(self.language, message)

    def moment(self, instant: datetime) -> str:
        """Return a time of day; of another day with its date."""
        here = zone(self.time_zone)
        if instant.astimezone(here).date() == self.now.astimezone(here).date():
            return tell_time(instant, self.time_zone)
        return tell_moment(self.language, instant, self.time_zone)


def told_offers(reader: Reader, found: list[ShownOffer]) -> list[Json]:
    """Return what waits for an answer, the most urgent first, and then how others ended."""
    open_ones = [one for one in found if _is_open(one, reader.now)]
    ended = [one for one in found if _has_just_ended(one, reader.now)]
    ordered = sorted(open_ones, key=lambda one: (one.offer.answer_by, one.offer.id))
    return [_offer(reader, one) for one in [*ordered, *ended]]


def told_jobs(
    reader: Reader,
    found: list[ShownBooking],
    *,
    rooms: Mapping[UUID, str],
    pay: Mapping[UUID, MoneyView],
) -> list[Json]:
    """Return the jobs, the soonest first; `pay` by the offers that were accepted."""
    ordered = sorted(found, key=lambda one: (one.booking.session.starts_at, one.booking.id))
    return [_job(reader, one, rooms, pay) for one in ordered]


def pay_of(found: list[ShownOffer]) -> dict[UUID, MoneyView]:
    """Return what accepted offers earn, where that is known."""
    return {
        one.offer.id: MoneyView(amount_minor=one.pay_minor, currency=one.currency)
        for one in found
        if one.pay_minor is not None and one.offer.state == "accepted"
    }


def _is_open(one: ShownOffer, now: datetime) -> bool:
    return one.offer.state == "open" and now < one.offer.answer_by


def _has_just_ended(one: ShownOffer, now: datetime) -> bool:
    offer = one.offer
    over = offer.state in ENDED or (offer.state == "open" and now >= offer.answer_by)
    return over and now - offer.answer_by < SHOWN_FOR


def _offer(reader: Reader, one: ShownOffer) -> Json:
    view = OfferView.of(one, reader.caller)
    state = view.state
    if state == "open" and reader.now >= view.answer_by:
        state = "expired"
    return {
        "id": view.id,
        "state": "standby" if view.standby else state,
        **_session(reader, Window(starts_at=view.starts_at, ends_at=view.ends_at), view.time_zone),
        **_what(reader, view.from_language.code, view.to_language.code, view.mode),
        "area": view.area,
        "topic": None if view.topic is None else reader.say(TOPICS[view.topic]),
        "pay": _money(reader, view.pay),
        "briefing": reader.tell.minutes(view.briefing_minutes) if view.briefing_minutes else None,
        "answer_by": view.answer_by,
        "answer_by_text": reader.moment(view.answer_by),
        "seen": one.offer.seen_at is not None,
    }


def _job(
    reader: Reader,
    one: ShownBooking,
    rooms: Mapping[UUID, str],
    pay: Mapping[UUID, MoneyView],
) -> Json:
    view = BookingView.of(one, reader.caller, reader.now)
    booking = one.booking
    earned = None if booking.offer_id is None else pay.get(booking.offer_id)
    return {
        "id": view.id,
        "state": view.state,
        "state_text": reader.say(STATES[view.state]),
        "starts_at": view.starts_at,
        **_session(reader, booking.session, view.time_zone),
        **_what(reader, view.from_language.code, view.to_language.code, view.mode),
        "topic": reader.say(TOPICS[view.topic]),
        "pay": _money(reader, earned),
        "asked_by": _asked_by(reader, view),
        "spending": view.state in SPENT_FOR,
        "approval": None if view.approval is None else reader.say(APPROVALS[view.approval]),
        "late": None
        if view.running_late_minutes is None
        else reader.tell.minutes(view.running_late_minutes),
        **dict(_said(view)),
        **_inside(reader, one, view, rooms),
        **_openings(reader, booking.session.starts_at, view.briefing_minutes),
    }


def _session(reader: Reader, session: Window, time_zone: str) -> Json:
    elsewhere = time_zone != reader.time_zone
    return {
        "day": tell_date(reader.language, session.starts_at, time_zone),
        "times": tell_times(reader.language, session, time_zone),
        "minutes": reader.tell.minutes((session.ends_at - session.starts_at) // MINUTE),
        "city": tell_zone(reader.language, time_zone) if elsewhere else None,
    }


def _what(reader: Reader, from_language: str, to_language: str, mode: str) -> Json:
    return {
        "languages": [language_name(reader.language, one) for one in (from_language, to_language)],
        "mode": mode,
        "mode_text": reader.say(MODES[mode]),
    }


def _money(reader: Reader, one: MoneyView | None) -> str | None:
    return None if one is None else reader.tell.money(one.amount_minor, one.currency)


def _asked_by(reader: Reader, view: BookingView) -> str | None:
    """Return who asks, where the interpreter has still to say whether they know them."""
    if view.asked_by is None:
        return None
    parts = (view.asked_by.institution, view.asked_by.site)
    return comma(reader.language).join(filter(None, parts))


def _said(view: BookingView) -> Iterator[tuple[str, str | None]]:
    session = view.session
    for name, at in (
        ("checked_in", session.checked_in_at),
        ("started", session.started_at),
        ("ended", session.ended_at),
    ):
        yield name, None if at is None else tell_time(at, view.time_zone)


def _inside(
    reader: Reader, one: ShownBooking, view: BookingView, rooms: Mapping[UUID, str]
) -> Json:
    """Return where it is and whom to call, as far as the interpreter may see it now."""
    if view.contact is None and view.instructions is None and view.details_wait_for:
        return {}
    contact = view.contact
    booking = one.booking
    visible = view.mode == "in_person" and contact is not None
    connect = one.request.connect or {}
    return {
        "contact": contact,
        "geo": _geo(booking.latitude, booking.longitude, contact) if visible else None,
        "room": None if view.room_id is None else rooms.get(one.request.room_id or booking.id),
        "instructions": view.instructions,
        "connect": view.connect,
        "connect_text": tell_connect(
            reader.language,
            by=connect.get("by"),
            mode=view.mode,
            starts_at=view.starts_at,
            time_zone=view.time_zone,
        ),
        "attendees": view.attendees_expected,
        "arrivals": [tell_time(each.arrives_at, view.time_zone) for each in view.parties or ()],
    }


def _openings(reader: Reader, starts_at: datetime, briefing: int) -> Json:
    """Return from when what may be said, as instants and as texts."""
    check_in = starts_at - EARLIEST["check-in"] - timedelta(minutes=briefing)
    start = starts_at - EARLIEST["start"]
    return {
        "check_in_from": check_in,
        "check_in_from_text": reader.moment(check_in),
        "start_from": start,
        "start_from_text": reader.moment(start),
    }


def _geo(latitude: float | None, longitude: float | None, contact: Any) -> str | None:
    """Return what opens the phone's own map (RFC 5870), with the address to look for."""
    address = ", ".join(filter(None, (contact.address, contact.city)))
    if latitude is None or longitude is None:
        return f"geo:0,0?q={quote(address)}" if address else None
    asked = quote(address) if address else f"{latitude},{longitude}"
    return f"geo:{latitude},{longitude}?q={asked}"
