"""Secret addresses of calendars: made by whose calendar it is, shown once, ended at once."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller, Role, permit
from interpreters.domain.errors import FieldError, Forbidden, Invalid, NotFound, Refusal
from interpreters.domain.ids import new_id
from interpreters.domain.tokens import new_token, token_hash
from interpreters.sql import audit, calendar_links, institutions, interpreters
from interpreters.sql.calendar_links import CalendarLink
from interpreters.sql.users import User

__all__ = ["CalendarLink", "CalendarLinkOrder", "MadeCalendarLink", "TooManyCalendarLinks"]
WHO: Final[tuple[Role, ...]] = ("coordinator", "consultant", "institution", "interpreter")
MOST: Final = 20  # that live, of one calendar


class CalendarLinkOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Whose calendar: only coordinators need to say."""

    interpreter_id: UUID | None = None
    institution_id: UUID | None = None


class MadeCalendarLink(msgspec.Struct, frozen=True, kw_only=True):
    """A new link with its token, which is told this once."""

    link: CalendarLink
    token: str


class TooManyCalendarLinks(Refusal):
    """The calendar has as many addresses as may be."""

    code = "too-many-calendar-links"
    title = "This calendar has 20 links"


async def create_link(
    db: Db, caller: Caller, *, order: Callable[[], CalendarLinkOrder], now: datetime
) -> MadeCalendarLink:
    """Make a secret address at which a calendar is read.

    Raises:
        Forbidden: the role has no calendar, or it is somebody else's.
        Invalid: a coordinator said nobody's, or there is no such interpreter or institution.
        TooManyCalendarLinks: the calendar has 20.
    """
    permit(caller, "bookings:write", *WHO)
    wanted = await _owner(db, caller, order())
    known = await calendar_links.count(
        db, network_id=caller.network_id, interpreter_id=wanted.interpreter_id,
        institution_id=wanted.institution_id,
    )  # fmt: skip
    if known >= MOST:
        raise TooManyCalendarLinks
    token = new_token(caller.network_id, "ca")
    link = CalendarLink(id=new_id(now), created_at=now, **msgspec.structs.asdict(wanted))
    await calendar_links.insert(
        db, network_id=caller.network_id, link=link, token_hash=token_hash(token)
    )
    await _note(db, caller, "created", link.id, now)
    return MadeCalendarLink(link=link, token=token)


async def list_links(
    db: Db, caller: Caller, *, page: Callable[[], tuple[UUID | None, int]]
) -> list[CalendarLink]:
    """Return a page of the links that live, newest first; coordinators see everybody's.

    Raises:
        Forbidden: the role has no calendar, or the key not the scope.
    """
    permit(caller, "bookings:read", *WHO)
    before, limit = page()
    return await calendar_links.page(
        db, network_id=caller.network_id, interpreter_id=caller.interpreter_id,
        institution_id=caller.institution_id, before=before, limit=limit,
    )  # fmt: skip


async def revoke_link(db: Db, caller: Caller, *, link_id: UUID, now: datetime) -> None:
    """End a link: from the next reading on there is nothing at its address.

    Raises:
        Forbidden: the role has no calendar, or the key not the scope.
        NotFound: there is none such in what the caller may see.
    """
    permit(caller, "bookings:write", *WHO)
    if not await calendar_links.revoke(
        db, network_id=caller.network_id, link_id=link_id, interpreter_id=caller.interpreter_id,
        institution_id=caller.institution_id, now=now,
    ):  # fmt: skip
        raise NotFound
    await _note(db, caller, "revoked", link_id, now)


async def end_links_of(db: Db, *, network_id: UUID, user_id: UUID, now: datetime) -> None:
    """End every link that somebody made, whosever calendar it is: they know its address."""
    await calendar_links.revoke_made_by(db, network_id=network_id, user_id=user_id, now=now)


async def end_links_lost(
    db: Db, *, network_id: UUID, was: User, now_is: User, now: datetime
) -> None:
    """End the links of somebody who was taken a role, or belongs elsewhere now."""
    if not _reach(was) <= _reach(now_is):
        await end_links_of(db, network_id=network_id, user_id=was.id, now=now)


def _reach(user: User) -> set[tuple[Role, UUID | None]]:
    owners = {"consultant": user.institution_id, "interpreter": user.interpreter_id}
    return {(role, owners.get(role)) for role in user.roles}


async def _owner(db: Db, caller: Caller, wanted: CalendarLinkOrder) -> CalendarLinkOrder:
    """Return whose calendar it is to be; one's own need not be named."""
    if not caller.is_coordinator:
        own = CalendarLinkOrder(
            interpreter_id=caller.interpreter_id, institution_id=caller.institution_id
        )
        if wanted.interpreter_id not in (None, own.interpreter_id):
            raise Forbidden
        if wanted.institution_id not in (None, own.institution_id):
            raise Forbidden
        return own
    if wanted.institution_id is not None:
        found: object = await institutions.find(
            db, network_id=caller.network_id, institution_id=wanted.institution_id
        )
        missing = _wrong("/institution_id", "unknown-institution", "There is no such institution")
    elif wanted.interpreter_id is not None:
        found = await interpreters.lock(
            db, network_id=caller.network_id, interpreter_id=wanted.interpreter_id
        )
        missing = _wrong("/interpreter_id", "unknown-interpreter", "There is no such interpreter")
    else:
        raise _wrong("/interpreter_id", "required", "Name an interpreter or an institution")
    if found is None:
        raise missing
    return wanted


def _wrong(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid([FieldError(pointer=pointer, code=code, detail=detail)])


async def _note(db: Db, caller: Caller, action: str, link_id: UUID, now: datetime) -> None:
    await audit.write(
        db, caller=caller, action=action, subject_kind="calendar-link", subject_ids=[link_id],
        now=now,
    )  # fmt: skip
