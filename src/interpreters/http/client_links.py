"""`/v1/bookings/{id}/client-link`: the helped person's own link to a booking."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import client_links
from interpreters.application.client_links import ClientLink, LinkOrder, MadeLink
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.client_links import ClientLinkNotAllowed, ClientLinksOff
from interpreters.domain.errors import FieldError, Forbidden, NotFound, WrongState
from interpreters.domain.languages import NeedsVariety, look_up
from interpreters.domain.wording import page_tag
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import NO_NUL, ClientId, ClientReference, In
from interpreters.http.lists import List, ListQuery, page_of
from interpreters.http.reading import FieldProblem

TAG = "Clients' links"
PATH = "/v1/bookings/{id:str}/client-link"


def _check_page_language(value: str, _: datetime) -> None:
    if _page_language(value) is None:
        raise FieldProblem("not-supported", "There are no pages in this language")


def _page_language(value: str) -> str | None:
    """Return the page language meant by a tag, a code or a name of a language.

    Speakers of any Arabic read the one page: what is spoken need not be told apart here.
    """
    try:
        return page_tag(value) or page_tag(look_up(value).code)
    except NeedsVariety as several:
        tags = (page_tag(one["code"]) for one in several.extra["options"])
        return next((tag for tag in tags if tag), None)
    except NotFound:
        return None


PageLanguage = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=NO_NUL,
        description="The language of the page; the client's first one by default.",
        extra={"check": _check_page_language},
    ),
]


class ClientLinkIn(In, frozen=True, kw_only=True):
    """For which of the request's clients: its only one by default."""

    client_id: ClientId | None = None
    reference: ClientReference | None = None
    language: PageLanguage | None = None

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """Refuse two ways to name one client."""
        if value.get("client_id") is not None and value.get("reference") is not None:
            yield FieldError(
                pointer=f"{pointer}/reference", code="conflicting", detail="One of the two"
            )

    def order(self) -> LinkOrder:
        """Return the order in the application's words."""
        return LinkOrder(
            client_id=ids.read_optional(ids.CLIENT, self.client_id),
            reference=self.reference,
            language=None if self.language is None else _page_language(self.language),
        )


class ClientLinkView(msgspec.Struct, frozen=True, kw_only=True):
    """A link without its address. It ends with the session at `expires_at`, or when revoked."""

    id: str
    client_id: str
    language: str
    expires_at: datetime
    revoked_at: datetime | None
    opened_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, one: ClientLink) -> "ClientLinkView":
        """Shape a link."""
        return cls(
            id=ids.show_id(ids.CLIENT_LINK, one.id),
            client_id=ids.show_id(ids.CLIENT, one.client_id),
            language=one.language,
            expires_at=one.expires_at,
            revoked_at=one.revoked_at,
            opened_at=one.opened_at,
            created_at=one.created_at,
        )


class MadeClientLinkView(ClientLinkView, frozen=True, kw_only=True):
    """A new link. `url` is shown this once: it is not stored, and a replay has null here."""

    url: str | None


@door("POST", PATH, body=ClientLinkIn, answer=MadeClientLinkView, status=201,
      refusals=(Forbidden, NotFound, WrongState, ClientLinksOff, ClientLinkNotAllowed),
      tag=TAG)  # fmt: skip
async def create_client_link(call: NamedDependency[Call]) -> Response[bytes]:
    """Make a link for a client of the booking; the client's former one ends."""
    body = call.body(ClientLinkIn)

    async def work(db: Db, caller: Caller) -> MadeLink:
        return await client_links.create_link(
            db,
            caller,
            booking_id=call.id(ids.BOOKING),
            order=lambda: body().order(),
            now=call.now,
        )

    def made(one: MadeLink, _: Caller) -> MadeClientLinkView:
        url = f"{_site(call.request)}/c/{one.token}"
        return MadeClientLinkView(**msgspec.structs.asdict(ClientLinkView.of(one.link)), url=url)

    return await call.once(work, made, status=201)


@door("GET", PATH, query=ListQuery, answer=List[ClientLinkView], refusals=(Forbidden, NotFound),
      tag=TAG)  # fmt: skip
async def list_client_links(call: NamedDependency[Call]) -> Response[bytes]:
    """A booking's links, newest first, without their addresses."""
    query = call.query(ListQuery)

    async def work(db: Db, caller: Caller) -> Page:
        found = await client_links.list_links(
            db, caller, booking_id=call.id(ids.BOOKING), page=lambda: query().slice
        )
        return page_of(found, query(), ClientLinkView.of)

    return await call.ask(work, lambda page, _: page)


@door("DELETE", PATH, answer=None, status=204, refusals=(Forbidden, NotFound), tag=TAG)
async def revoke_client_links(call: NamedDependency[Call]) -> Response[bytes]:
    """End every link of the booking at once."""
    return await call.ask(
        lambda db, caller: client_links.revoke_links(
            db, caller, booking_id=call.id(ids.BOOKING), now=call.now
        ),
        lambda _, __: None,
    )


def _site(request: Request[Any, Any, Any]) -> str:
    """Return where people reach us, as set, else as this call did."""
    return str(request.app.state.public_url or request.base_url).rstrip("/")


ROUTES = (create_client_link, list_client_links, revoke_client_links)
