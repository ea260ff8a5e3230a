"""What a mail about a session brings into its reader's calendar: the entry, or its end (RFC 5546).

An interpreter's entry is their booking, as in their feed. Who asked has one entry for the request,
whoever comes to it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.calendars import booking_entry, told_of
from interpreters.application.people_messages import Letter, Outgoing, Reader
from interpreters.database import Db
from interpreters.domain.bookings import LIVE
from interpreters.domain.calendar_entries import CALLED_OFF, entry_of, uid_of
from interpreters.domain.calendar_files import Entry, Method, invitation
from interpreters.domain.ids import REQUEST
from interpreters.domain.mail_addresses import (
    WrongMailAddress,
    read_mail_address,
    read_mail_sender,
)
from interpreters.domain.windows import Window
from interpreters.sql import bookings, calendars
from interpreters.sql.bookings import Booking
from interpreters.sql.calendars import CalendarBooking
from interpreters.sql.requests import Request

BOOKED: Final[Mapping[str, Method]] = {
    "booking-confirmed": "REQUEST",
    "booking-changed": "REQUEST",
    "booking-cancelled": "CANCEL",
    "booking-given-back": "CANCEL",
}
ASKED: Final[Mapping[str, Method]] = {
    "filled": "REQUEST",
    "changed": "REQUEST",
    "extended": "REQUEST",
    "cancelled": "CANCEL",
    "given-back": "CANCEL",
}


async def with_booking(
    db: Db, out: Outgoing, reader: Reader, letter: Letter, booking: Booking, now: datetime,
    *, network_id: UUID,
) -> Letter:  # fmt: skip
    """Return the letter with the interpreter's entry, unless things have moved on since."""
    method = BOOKED.get(letter.purpose)
    if method is None:
        return letter
    [found] = await calendars.of_ids(db, network_id=network_id, ids=[booking.id])
    if (found.state in CALLED_OFF) != (method == "CANCEL"):
        return letter
    entry = booking_entry(reader.language, network_id, found, link=_link(out))
    return _enclosing(out, reader, letter, entry, method, now)


async def with_request(
    db: Db, out: Outgoing, reader: Reader, letter: Letter, request: Request, now: datetime,
    *, network_id: UUID,
) -> Letter:  # fmt: skip
    """Return the letter with the entry of who asked, where there is or was an interpreter."""
    method = ASKED.get(letter.purpose)
    if method is None:
        return letter
    made = await bookings.of_requests(db, network_id=network_id, request_ids=[request.id])
    found = await calendars.of_ids(db, network_id=network_id, ids=[one.id for one in made])
    coming = [one for one in found if one.state in LIVE]
    if not found or bool(coming) != (method == "REQUEST"):
        return letter
    versions = request.version + sum(one.version for one in found)
    entry = _request_entry(network_id, reader, request, coming or found, versions, _link(out))
    return _enclosing(out, reader, letter, entry, method, now)


def _link(out: Outgoing) -> str:
    return f"{out.base_url}/sign-in"


def _request_entry(
    network_id: UUID,
    reader: Reader,
    request: Request,
    found: Sequence[CalendarBooking],
    sequence: int,
    link: str,
) -> Entry:
    """Return one entry from the first start to the last end; each change has a later `sequence`."""
    told = told_of(found[0])
    session = Window(
        starts_at=min(one.session.starts_at for one in found),
        ends_at=max(one.session.ends_at for one in found),
    )
    return entry_of(
        reader.language,
        msgspec.structs.replace(told, session=session, from_language=request.languages[0]),
        uid=uid_of(network_id, REQUEST, request.id),
        sequence=sequence,
        changed_at=max([request.updated_at, *(one.updated_at for one in found)]),
        link=link,
    )


def _enclosing(
    out: Outgoing, reader: Reader, letter: Letter, entry: Entry, method: Method, now: datetime
) -> Letter:
    """Return the letter with the entry; without it where nobody can be named as its organizer."""
    to = reader.addresses.get("mail")
    if out.mail_from is None or to is None:
        return letter
    try:
        attendee = read_mail_address(to)
    except WrongMailAddress:
        return letter
    organizer = read_mail_sender(out.mail_from)
    made = invitation(entry, method, organizer=organizer, attendee=attendee, now=now)
    return msgspec.structs.replace(letter, attachment=made.decode())
