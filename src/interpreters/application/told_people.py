"""The channel to people: what an event means for each, written down to be sent outside.

Nobody is told of a session that is over, except what is asked afterwards, nor of anything a week
old: a past that is replayed, or a worker that was away, writes to nobody about it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID

import msgspec

from interpreters.application.asked_people import About, find_interpreter, tell_asked
from interpreters.application.calendar_mails import with_booking, with_request
from interpreters.application.escalations import call_of
from interpreters.application.people_messages import (
    Letter,
    Outgoing,
    reader_of,
    send_letter,
    session_letter,
)
from interpreters.application.reminders import booking_letter, plan_reminder
from interpreters.application.told_afterwards import tell_afterwards
from interpreters.database import Db
from interpreters.domain.bookings import LIVE
from interpreters.domain.escalations import RINGS
from interpreters.domain.notices_to_people import AFTERWARDS, TOLD, Whom
from interpreters.domain.told_sessions import ToldSession
from interpreters.domain.wording import say
from interpreters.sql import bookings, networks, requests, series, users
from interpreters.sql.bookings import Booking
from interpreters.sql.outbox import Written

OLD: Final = timedelta(days=7)
# What is done to a whole series at once: who asked and who coordinates hear of it once.
GATHERED: Final = {"request.created", "request.changed", "request.cancelled", "request.unfilled"}
GATHERING: Final = {"requester", "coordinators"}
_Telling: TypeAlias = Callable[[Db, Outgoing, About, str, datetime], Awaitable[None]]


class People:
    """The channel, for the ways out that are set up."""

    def __init__(self, out: Outgoing) -> None:
        self._out = out

    async def take(
        self, db: Db, *, network_id: UUID, notices: Sequence[Written], now: datetime
    ) -> None:
        """Write down what each notice tells whom, and arrange the reminders."""
        for notice in notices:
            if notice.type not in TOLD or notice.request_id is None:
                continue
            if notice.recorded_at < now - OLD:
                continue
            request = await requests.find(db, network_id=network_id, request_id=notice.request_id)
            if request is None:
                continue
            network = await networks.get(db, network_id=network_id)
            about = About(network=network, notice=notice, request=request)
            if await _is_over(db, about, now):
                continue
            await self._tell(db, await _gathered(db, about, now), now)

    async def _tell(self, db: Db, about: About, now: datetime) -> None:
        if about.notice.subject_kind == "offer":
            await tell_asked(db, self._out, about, now)
            return
        if about.notice.type in AFTERWARDS:
            await tell_afterwards(db, self._out, about, now)
            return
        if about.notice.subject_kind == "booking":
            await _plan(db, about, now)
        for one in TOLD[about.notice.type]:
            if about.dates == 0 and one.whom in GATHERING:
                continue
            await _TELLING[one.whom](db, self._out, about, one.purpose, now)


async def _is_over(db: Db, about: About, now: datetime) -> bool:
    """Tell whether it is too late to tell it; a session may be longer by now than was asked."""
    if about.notice.type in AFTERWARDS or about.request.session.ends_at > now:
        return False
    longer = await _booking(db, about) if about.notice.type == "booking.extended" else None
    return longer is None or longer.session.ends_at <= now


async def _gathered(db: Db, about: About, now: datetime) -> About:
    """What happened to several dates of a series at once is told of the first, and of none else."""
    request, notice = about.request, about.notice
    if request.series_id is None or notice.type not in GATHERED:
        return about
    ids = await series.told_together(
        db,
        network_id=about.network.network_id,
        series_id=request.series_id,
        kind=notice.type,
        recorded_at=notice.recorded_at,
        now=now,
    )
    told_here = request.id in ids[:1]
    return msgspec.structs.replace(about, dates=len(ids) if told_here else 0)


async def _plan(db: Db, about: About, now: datetime) -> None:
    booking = await _booking(db, about)
    if booking is not None:
        await plan_reminder(db, network_id=about.network.network_id, booking=booking, now=now)


async def _tell_booked(db: Db, out: Outgoing, about: About, purpose: str, now: datetime) -> None:
    booking = await _booking(db, about)
    if booking is not None:
        unasked = purpose == "booking-confirmed" and booking.offer_id is None
        told_as = "booking-unasked" if unasked else purpose
        await _write_booked(db, out, about, booking, told_as, now)


async def _tell_all_booked(
    db: Db, out: Outgoing, about: About, purpose: str, now: datetime
) -> None:
    """Tell those who are still booked; their reminders move with the session."""
    network_id = about.network.network_id
    made = await bookings.of_requests(db, network_id=network_id, request_ids=[about.request.id])
    for booking in made:
        if booking.state in LIVE:
            await plan_reminder(db, network_id=network_id, booking=booking, now=now)
            await _write_booked(db, out, about, booking, purpose, now)


async def _write_booked(
    db: Db, out: Outgoing, about: About, booking: Booking, purpose: str, now: datetime
) -> None:
    network_id = about.network.network_id
    person = await find_interpreter(db, network_id, booking.interpreter_id)
    if person is None:
        return
    reader = reader_of(person, about.network)
    letter = await booking_letter(
        db, out, reader, network=about.network, booking=booking, purpose=purpose
    )
    letter = await with_booking(db, out, reader, letter, booking, now, network_id=network_id)
    await send_letter(db, out, network_id=network_id, reader=reader, letter=letter, now=now)


async def _tell_requester(db: Db, out: Outgoing, about: About, purpose: str, now: datetime) -> None:
    """Tell the user who asked, if it is still theirs; what a key asked for is in its events."""
    request, network_id = about.request, about.network.network_id
    if request.created_by is None:
        return
    user = await users.find(db, network_id=network_id, user_id=request.created_by)
    # who went to another institution, or has no such role any more, has nothing to do with it
    if user and ("coordinator" in user.roles or user.institution_id == request.institution_id):
        await _tell_users(db, out, about, purpose, [user.id], now)


async def _tell_coordinators(
    db: Db, out: Outgoing, about: About, purpose: str, now: datetime
) -> None:
    ids = await users.active(db, network_id=about.network.network_id, role="coordinator")
    await _tell_users(db, out, about, purpose, ids, now)


async def _tell_rung(db: Db, out: Outgoing, about: About, purpose: str, now: datetime) -> None:
    """Tell those whom this escalation is for: who is on call, or who asked and may widen."""
    call = await call_of(db, network_id=about.network.network_id, notice=about.notice)
    if call is None:
        return
    if call.escalation.kind in RINGS:
        await _tell_users(db, out, about, purpose, call.user_ids, now)
    else:
        await _tell_requester(db, out, about, "widen", now)


async def _tell_users(
    db: Db, out: Outgoing, about: About, purpose: str, ids: Sequence[UUID], now: datetime
) -> None:
    request, network_id = about.request, about.network.network_id
    longer = await _booking(db, about) if purpose == "extended" else None
    told = ToldSession(
        from_language=request.languages[0],
        to_language=request.working_language,
        mode=request.modes[0],
        session=request.session if longer is None else longer.session,
        time_zone=request.time_zone,
        place=None,
    )
    for one in ids:
        user = await users.find(db, network_id=network_id, user_id=one)
        if user is None or not user.active:
            continue
        reader = reader_of(user, about.network)
        letter = session_letter(out, reader, purpose=purpose, told=told, request_id=request.id)
        letter = _with_dates(letter, reader.language, about.dates)
        letter = await with_request(db, out, reader, letter, request, now, network_id=network_id)
        await send_letter(db, out, network_id=network_id, reader=reader, letter=letter, now=now)


def _with_dates(letter: Letter, language: str, dates: int) -> Letter:
    """Say of how many dates it is told."""
    if dates <= 1:
        return letter
    line = say(language, "Number of dates: {count}", count=dates)
    head, *rest = letter.mail.split("\n\n")
    return msgspec.structs.replace(
        letter, mail="\n\n".join([head, *rest[:1], line, *rest[1:]]), text=f"{letter.text}\n{line}"
    )


async def _booking(db: Db, about: About) -> Booking | None:
    assert about.notice.booking_id is not None  # a booking's notice has it
    return await bookings.find(
        db, network_id=about.network.network_id, booking_id=about.notice.booking_id
    )


_TELLING: Final[Mapping[Whom, _Telling]] = {
    "asked": _tell_booked,
    "booked": _tell_all_booked,
    "requester": _tell_requester,
    "coordinators": _tell_coordinators,
    "rung": _tell_rung,
}
