"""Reminders: the interpreter hears of a session the day before, and an hour before.

The clock is one `due` row for each booking, at its next reminder; it moves with the session and
goes with the booking. A reminder's message has an id of its own for that start, so that it is
never sent twice.
"""

from datetime import datetime
from uuid import UUID, uuid5

from interpreters.application.people_messages import (
    Letter,
    Outgoing,
    Reader,
    reader_of,
    send_letter,
    session_letter,
    with_line,
)
from interpreters.application.shown_bookings import waits
from interpreters.database import Db
from interpreters.domain.notices_to_people import WITH_PLACE
from interpreters.domain.reminders import next_reminder, reminder_now
from interpreters.domain.told_connections import ANSWER_FIRST, tell_connect
from interpreters.domain.told_sessions import ToldSession
from interpreters.domain.wording import say
from interpreters.sql import bookings, due, networks, requests, sites, told_people
from interpreters.sql.bookings import Booking
from interpreters.sql.networks import Network


async def plan_reminder(db: Db, *, network_id: UUID, booking: Booking, now: datetime) -> None:
    """Have the booking's next reminder looked at in time; none of one that is not confirmed."""
    planned = None
    if booking.state == "confirmed":
        planned = next_reminder(booking.session.starts_at, booking.time_zone, now)
    if planned is None:
        await due.clear(db, network_id=network_id, kind="reminder", id=booking.id)
    else:
        await due.set_at(db, network_id=network_id, kind="reminder", id=booking.id, at=planned.at)


async def remind(
    db: Db, out: Outgoing, *, network_id: UUID, booking_id: UUID, now: datetime
) -> None:
    """Send the reminder it is time for, and arrange the next; may run twice."""
    if not await due.claim(db, network_id=network_id, kind="reminder", id=booking_id):
        return
    booking = await bookings.find(db, network_id=network_id, booking_id=booking_id)
    if booking is None:
        await due.clear(db, network_id=network_id, kind="reminder", id=booking_id)
        return
    if booking.state == "confirmed":
        await _send(db, out, network_id, booking, now)
    await plan_reminder(db, network_id=network_id, booking=booking, now=now)


async def told_booking(
    db: Db, *, network_id: UUID, booking: Booking, with_place: bool
) -> ToldSession:
    """Return what a mail says of a booking: with `with_place` also where, never how to connect."""
    place = None
    if with_place and booking.mode == "in_person" and booking.site_id is not None:
        site = await sites.find(db, network_id=network_id, site_id=booking.site_id)
        if site is not None:
            place = ", ".join(dict.fromkeys(filter(None, (site.name, site.address, site.city))))
    return ToldSession(
        from_language=booking.from_language,
        to_language=booking.to_language,
        mode=booking.mode,
        session=booking.session,
        time_zone=booking.time_zone,
        place=place,
        briefing_minutes=booking.briefing_minutes,
    )


async def booking_letter(
    db: Db, out: Outgoing, reader: Reader, *, network: Network, booking: Booking, purpose: str
) -> Letter:
    """Return what is written to the interpreter about their booking.

    Where, unless it is an emergency or they have still to say that there is no conflict; who calls
    whom and from when the number is to be seen, never the number.
    """
    request = await requests.find(db, network_id=network.network_id, request_id=booking.request_id)
    assert request is not None  # the foreign key holds it
    unsaid = waits(booking, asks=network.ask_conflicts)
    told = await told_booking(
        db, network_id=network.network_id, booking=booking,
        with_place=purpose in WITH_PLACE and not request.emergency and not unsaid,
    )  # fmt: skip
    letter = session_letter(out, reader, purpose=purpose, told=told, booking_id=booking.id)
    if purpose not in WITH_PLACE:
        return letter
    if unsaid:
        return with_line(letter, say(reader.language, ANSWER_FIRST))
    by = None if request.connect is None else request.connect.get("by")
    line = tell_connect(
        reader.language, by=by, mode=booking.mode, starts_at=booking.session.starts_at,
        time_zone=booking.time_zone,
    )  # fmt: skip
    return letter if line is None else with_line(letter, line)


async def _send(db: Db, out: Outgoing, network_id: UUID, booking: Booking, now: datetime) -> None:
    starts_at = booking.session.starts_at
    reminder = reminder_now(starts_at, booking.time_zone, now)
    people = await told_people.interpreters(db, network_id=network_id, ids=[booking.interpreter_id])
    if reminder is None or booking.interpreter_id not in people:
        return
    network = await networks.get(db, network_id=network_id)
    reader = reader_of(people[booking.interpreter_id], network)
    letter = await booking_letter(
        db, out, reader, network=network, booking=booking, purpose=f"reminder-{reminder.kind}"
    )
    await send_letter(
        db, out, network_id=network_id, reader=reader, letter=letter, now=now,
        message_id=uuid5(booking.id, f"{reminder.kind} {starts_at.isoformat()}"),
    )  # fmt: skip
