"""Telling people about sessions that are over: what was recorded, and what is disputed.

Who asked gets a link to say yes or no by. Nothing of what either side wrote goes out.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

import msgspec

from interpreters.application.approval_links import link_approval, recorded_of
from interpreters.application.asked_people import About, find_interpreter
from interpreters.application.people_messages import (
    Letter,
    Outgoing,
    Reader,
    is_reachable,
    reader_of,
    send_letter,
    session_letter,
)
from interpreters.application.reminders import told_booking
from interpreters.database import Db
from interpreters.domain.notices_to_people import HEADS, TOLD
from interpreters.domain.told_sessions import tell_moment, tell_session, tell_shortly
from interpreters.domain.wording import plural, say
from interpreters.sql import approvals, bookings, disputes, users
from interpreters.sql.bookings import Booking
from interpreters.sql.networks import Network
from interpreters.sql.requests import Request
from interpreters.sql.users import User

USEFUL: Final = timedelta(days=7)
APPROVE: Final = "approve"
REMINDING: Final = "approve-again"


async def tell_afterwards(db: Db, out: Outgoing, about: About, now: datetime) -> None:
    """Tell whoever the event is for, by `TOLD`."""
    assert about.notice.booking_id is not None  # a booking's notice has it
    booking = await bookings.find(
        db, network_id=about.network.network_id, booking_id=about.notice.booking_id
    )
    if booking is None:
        return
    for one in TOLD[about.notice.type]:
        if one.purpose == APPROVE:
            await ask_for_word(
                db, out, about.network, about.request, booking, purpose=APPROVE, now=now
            )
        else:
            for reader in await _readers(db, about, booking, one.whom):
                await _tell(db, out, about, booking, reader, one.purpose, now)


async def ask_for_word(
    db: Db,
    out: Outgoing,
    network: Network,
    request: Request,
    booking: Booking,
    *,
    purpose: str,
    now: datetime,
) -> None:
    """Ask whoever asked for the session whether what was recorded is right, while that is open.

    `purpose` is `approve`, or `approve-again` for a reminder, which is sent once until silence
    becomes a yes.
    """
    network_id = network.network_id
    approval = await approvals.find(db, network_id=network_id, booking_id=booking.id)
    user = await _requester(db, network_id, request)
    if approval is None or approval.state != "open" or approval.due_at is None or user is None:
        return
    reader = reader_of(user, network)
    if not await is_reachable(db, out, network_id=network_id, reader=reader, purpose=purpose):
        return  # no link that nobody gets
    again = purpose == REMINDING
    token = await link_approval(db, network_id=network_id, booking_id=booking.id, again=again)
    link = f"{out.base_url}/a/{token}"
    letter = await _question(db, network_id, booking, reader, purpose, link, approval.due_at)
    message_id = uuid5(booking.id, f"{purpose} {approval.due_at.isoformat()}") if again else None
    await send_letter(
        db, out, network_id=network_id, reader=reader, letter=letter, now=now,
        message_id=message_id,
    )  # fmt: skip


async def _question(
    db: Db,
    network_id: UUID,
    booking: Booking,
    reader: Reader,
    purpose: str,
    link: str,
    due_at: datetime,
) -> Letter:
    language = reader.language
    told = await told_booking(db, network_id=network_id, booking=booking, with_place=False)
    head = say(language, HEADS[purpose])
    until = tell_moment(language, due_at, booking.time_zone)
    here = say(language, "Check it here: {link}", link=link)
    lines = [
        head,
        tell_session(language, told),
        _recorded(language, booking),
        say(language, "If you say nothing by {until}, it counts as approved.", until=until),
        here,
    ]
    return Letter(
        purpose=purpose,
        mail="\n\n".join(lines) + "\n",
        text=f"{head}\n{here}",
        push=tell_shortly(language, told, with_place=False),
        link=link,
        tag=f"{APPROVE}-{booking.id}",
        expires_at=due_at,
        booking_id=booking.id,
    )


def _recorded(language: str, booking: Booking) -> str:
    recorded = recorded_of(booking)
    if recorded is None:
        return say(language, "The interpreter came, and no client did.")
    minutes = plural(language, "{count} minute", "{count} minutes", recorded[2])
    told = f"{say(language, 'Recorded')}: {minutes}"
    breaks = recorded[3]
    return f"{told}. {say(language, 'Minutes of breaks')}: {breaks}" if breaks else told


async def _readers(db: Db, about: About, booking: Booking, whom: str) -> list[Reader]:
    network_id = about.network.network_id
    if whom == "coordinators":
        ids = await users.active(db, network_id=network_id, role="coordinator")
        found = [await users.find(db, network_id=network_id, user_id=one) for one in ids]
        return [reader_of(one, about.network) for one in found if one is not None]
    dispute = await disputes.last(db, network_id=network_id, booking_id=booking.id)
    if dispute is not None and dispute.opened_by == "interpreter":
        person = await find_interpreter(db, network_id, booking.interpreter_id)
        return [] if person is None else [reader_of(person, about.network)]
    user = await _requester(db, network_id, about.request)
    return [] if user is None else [reader_of(user, about.network)]


async def _requester(db: Db, network_id: UUID, request: Request) -> User | None:
    """Return the user who asked, while they may sign in; what a key asked for is in its events."""
    if request.created_by is None:
        return None
    user = await users.find(db, network_id=network_id, user_id=request.created_by)
    return user if user is not None and user.active else None


async def _tell(
    db: Db,
    out: Outgoing,
    about: About,
    booking: Booking,
    reader: Reader,
    purpose: str,
    now: datetime,
) -> None:
    network_id = about.network.network_id
    told = await told_booking(db, network_id=network_id, booking=booking, with_place=False)
    letter = session_letter(out, reader, purpose=purpose, told=told, booking_id=booking.id)
    letter = msgspec.structs.replace(letter, expires_at=now + USEFUL)
    await send_letter(db, out, network_id=network_id, reader=reader, letter=letter, now=now)
