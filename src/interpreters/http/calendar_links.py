"""`/v1/calendar-links`: secret addresses at which calendars are read."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Response
from litestar.di import NamedDependency

from interpreters.application import calendar_links
from interpreters.application.calendar_links import (
    CalendarLink,
    CalendarLinkOrder,
    MadeCalendarLink,
    TooManyCalendarLinks,
)
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, NotFound
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import Id, In, InstitutionId, InterpreterId
from interpreters.http.lists import List, ListQuery, page_of

TAG = "Calendars"
ROOT: Final = "/v1/calendar-links"


class CalendarLinkIn(In, frozen=True, kw_only=True):
    """Whose calendar: coordinators name one, others need not."""

    interpreter_id: InterpreterId | None = None
    institution_id: InstitutionId | None = None

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """Refuse two calendars at one address."""
        if value.get("interpreter_id") is not None and value.get("institution_id") is not None:
            yield FieldError(
                pointer=f"{pointer}/institution_id", code="conflicting", detail="One of the two"
            )

    def order(self) -> CalendarLinkOrder:
        """Return the order in the application's words."""
        return CalendarLinkOrder(
            interpreter_id=ids.read_optional(ids.INTERPRETER, self.interpreter_id),
            institution_id=ids.read_optional(ids.INSTITUTION, self.institution_id),
        )


class CalendarLinkView(msgspec.Struct, frozen=True, kw_only=True):
    """A link without its address: an interpreter's calendar, or an institution's."""

    id: Id
    interpreter_id: Id | None
    institution_id: Id | None
    created_at: datetime

    @classmethod
    def of(cls, one: CalendarLink) -> "CalendarLinkView":
        """Shape a link."""
        return cls(
            id=ids.show_id(ids.CALENDAR_LINK, one.id),
            interpreter_id=ids.show_some(ids.INTERPRETER, one.interpreter_id),
            institution_id=ids.show_some(ids.INSTITUTION, one.institution_id),
            created_at=one.created_at,
        )


class MadeCalendarLinkView(CalendarLinkView, frozen=True, kw_only=True):
    """A new link. `url` is shown this once: it is not stored, and a replay has null here."""

    url: str | None


@door("POST", ROOT, body=CalendarLinkIn, answer=MadeCalendarLinkView, status=201,
      refusals=(Forbidden, TooManyCalendarLinks), tag=TAG)  # fmt: skip
async def create_calendar_link(call: NamedDependency[Call]) -> Response[bytes]:
    """Make a secret address at which a calendar is read. Whoever knows it reads the calendar."""
    body = call.body(CalendarLinkIn)

    async def work(db: Db, caller: Caller) -> MadeCalendarLink:
        return await calendar_links.create_link(
            db, caller, order=lambda: body().order(), now=call.now
        )

    def made(one: MadeCalendarLink, _: Caller) -> MadeCalendarLinkView:
        url = f"{call.base_url}/calendar/{one.token}.ics"
        shown = CalendarLinkView.of(one.link)
        return MadeCalendarLinkView(**msgspec.structs.asdict(shown), url=url)

    return await call.once(work, made, status=201)


@door("GET", ROOT, query=ListQuery, answer=List[CalendarLinkView], refusals=(Forbidden,), tag=TAG)
async def list_calendar_links(call: NamedDependency[Call]) -> Response[bytes]:
    """The links that live, newest first, without their addresses."""
    query = call.query(ListQuery)

    async def work(db: Db, caller: Caller) -> Page:
        found = await calendar_links.list_links(db, caller, page=lambda: query().slice)
        return page_of(found, query(), CalendarLinkView.of)

    return await call.ask(work, lambda page, _: page)


@door("DELETE", f"{ROOT}/{{id:str}}", answer=None, status=204, refusals=(Forbidden, NotFound),
      tag=TAG)  # fmt: skip
async def revoke_calendar_link(call: NamedDependency[Call]) -> Response[bytes]:
    """End a link at once."""
    return await call.ask(
        lambda db, caller: calendar_links.revoke_link(
            db, caller, link_id=call.id(ids.CALENDAR_LINK), now=call.now
        ),
        lambda nothing, _: nothing,
    )


ROUTES = (create_calendar_link, list_calendar_links, revoke_calendar_link)
