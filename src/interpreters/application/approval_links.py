"""Approval links: whoever holds one says whether what was recorded of a booking is right.

A link is as good as its question: once that is answered it says so and shows nothing else, and
when times change another link takes its place. It never shows the client or the topic.
"""

from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

import msgspec

from interpreters.application.approvals import approve_held
from interpreters.application.disputes import dispute_held
from interpreters.application.reminders import told_booking
from interpreters.application.shown_bookings import hold
from interpreters.database import Db
from interpreters.domain.approvals import ApprovalState
from interpreters.domain.callers import house
from interpreters.domain.client_links import spoken
from interpreters.domain.errors import FieldError, Invalid, NotFound, WrongState
from interpreters.domain.personal_data import in_text
from interpreters.domain.tokens import new_token, token_hash
from interpreters.domain.told_sessions import ToldSession
from interpreters.domain.usage import actual_minutes
from interpreters.domain.wording import ENGLISH, page_tag
from interpreters.sql import approvals, bookings, networks, requests, users
from interpreters.sql.approvals import Approval
from interpreters.sql.bookings import Booking
from interpreters.sql.users import User

Answer: TypeAlias = Literal["right", "wrong"]
LONGEST: Final = 2000  # characters of a reason


class OpenedApproval(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows; `told` and what follows are None once it was answered.

    `recorded` is when the session began and ended, how many minutes that is, and how many of them
    were breaks; None where no client came.
    """

    state: ApprovalState
    language: str
    told: ToldSession | None = None
    interpreter: str | None = None
    recorded: tuple[datetime, datetime, int, int] | None = None
    due_at: datetime | None = None


async def link_approval(db: Db, *, network_id: UUID, booking_id: UUID, again: bool) -> str:
    """Make a link to the booking's approval and return its token, which is kept nowhere.

    One that is sent `again` leads there beside the first; else it takes the place of those before.
    """
    token = new_token(network_id, "ap")
    keep = approvals.set_reminder_token if again else approvals.set_token
    await keep(db, network_id=network_id, booking_id=booking_id, token_hash=token_hash(token))
    return token


async def open_approval(db: Db, network_id: UUID, *, token: str) -> OpenedApproval | None:
    """Return what a link shows, and change nothing; None when there is no such link."""
    found = await _find(db, network_id, token)
    if found is None:
        return None
    approval, booking, holder = found
    language = await _language(db, network_id, holder)
    if approval.state != "open":
        return OpenedApproval(state=approval.state, language=language)
    return OpenedApproval(
        state="open",
        language=language,
        told=await told_booking(db, network_id=network_id, booking=booking, with_place=False),
        interpreter=booking.interpreter_name,
        recorded=recorded_of(booking),
        due_at=approval.due_at,
    )


async def answer_approval(
    db: Db, network_id: UUID, *, token: str, answer: Answer, reason: str, now: datetime
) -> None:
    """Approve, or open a dispute with the words; the same again changes nothing.

    Raises:
        NotFound: there is no such link.
        WrongState: it was answered otherwise, or somebody else did.
        Invalid: there are no words, too many, or a number of a person among them.
    """
    found = await _find(db, network_id, token)
    if found is None:
        raise NotFound
    _, booking, holder = found
    _, booking = await hold(db, house(network_id), booking.id)
    if answer == "right":
        await approve_held(
            db, network_id=network_id, booking=booking, how="link", by=holder.id, now=now
        )
        return
    words = _checked(reason, now)
    approval = await approvals.find(db, network_id=network_id, booking_id=booking.id)
    if approval is not None and approval.state == "approved":
        raise WrongState("It was approved already", state="approved")
    await dispute_held(
        db, network_id=network_id, booking=booking, party="requester", reason=words, now=now
    )


def recorded_of(booking: Booking) -> tuple[datetime, datetime, int, int] | None:
    """Return when the session began and ended, its minutes, and those of its breaks.

    None where there was none.
    """
    if booking.state != "completed" or booking.started_at is None or booking.ended_at is None:
        return None
    minutes = actual_minutes(
        booked_starts_at=booking.session.starts_at,
        started_at=booking.started_at,
        ended_at=booking.ended_at,
    )
    return booking.started_at, booking.ended_at, minutes, booking.break_minutes


async def _find(db: Db, network_id: UUID, token: str) -> tuple[Approval, Booking, User] | None:
    """Return what the link is to, and whom it stands for: who asked, while they may sign in."""
    approval = await approvals.by_token(db, network_id=network_id, token_hash=token_hash(token))
    if approval is None:
        return None
    booking = await bookings.find(db, network_id=network_id, booking_id=approval.booking_id)
    assert booking is not None  # the foreign key holds it
    request = await requests.find(db, network_id=network_id, request_id=booking.request_id)
    if request is None or request.created_by is None:
        return None
    holder = await users.find(db, network_id=network_id, user_id=request.created_by)
    return None if holder is None or not holder.active else (approval, booking, holder)


async def _language(db: Db, network_id: UUID, holder: User) -> str:
    network = await networks.get(db, network_id=network_id)
    wanted = (holder.language, network.working_language)
    return next((tag for one in wanted if one and (tag := page_tag(one))), ENGLISH)


def _checked(reason: str, now: datetime) -> str:
    text = spoken(reason)
    if not text:
        raise _wrong("required", "Write what is wrong")
    if len(text) > LONGEST:
        raise _wrong("out-of-range", f"At most {LONGEST} characters")
    if in_text(text, today=now.date()) is not None:
        raise _wrong("personal-data-not-allowed", "A number of a person stands in the text")
    return text


def _wrong(code: str, detail: str) -> Invalid:
    return Invalid([FieldError(pointer="/reason", code=code, detail=detail)])
