"""`/v1/clients`: the people helped, known by the institution's own reference."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import clients
from interpreters.application.clients import Client, ClientOrder, ClientSearch, ReferenceTaken
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound
from interpreters.domain.languages import resolve
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import (
    ClientReference,
    Country,
    Day,
    Gender,
    In,
    InstitutionId,
    LanguageText,
    Name,
    Reference,
)
from interpreters.http.lists import List, ListQuery, page_of
from interpreters.http.views import LanguageView

TAG = "Clients"


class ClientIn(In, frozen=True, kw_only=True):
    """A new client: no names. Coordinators say of which institution."""

    institution_id: InstitutionId | None = None
    reference: ClientReference
    languages: Annotated[list[LanguageText], Meta(max_length=20)] = msgspec.field(
        default_factory=list
    )
    nationality: Country | None = None
    gender_preference: Gender | None = None
    status: Name | None = None
    status_since: Day | None = None
    group: Name | None = None

    def order(self) -> ClientOrder:
        """Return the order in the application's words."""
        languages = (resolve(one).language.code for one in self.languages)
        return ClientOrder(
            institution_id=_institution_id(self.institution_id),
            reference=self.reference,
            languages=tuple(dict.fromkeys(languages)),
            nationality=self.nationality,
            gender_preference=self.gender_preference,
            status=self.status,
            status_since=self.status_since,
            group=self.group,
        )


class ClientQuery(ListQuery, frozen=True, kw_only=True):
    """Which clients."""

    institution_id: InstitutionId | None = None
    reference: Reference | None = None

    def search(self) -> ClientSearch:
        """Return the search in the application's words."""
        before, limit = self.slice
        return ClientSearch(
            institution_id=_institution_id(self.institution_id),
            reference=self.reference,
            before=before,
            limit=limit,
        )


class ClientView(msgspec.Struct, frozen=True, kw_only=True):
    """A client as it is answered; of an erased one only the nationality is left."""

    id: str
    institution_id: str
    reference: str
    languages: list[LanguageView]
    nationality: str | None
    gender_preference: Literal["female", "male", "other"] | None
    status: str | None
    status_since: date | None
    group: str | None
    erased_at: datetime | None
    version: int

    @classmethod
    def of(cls, one: Client, _: Caller) -> "ClientView":
        """Shape a client."""
        return cls(
            id=ids.show_id(ids.CLIENT, one.id),
            institution_id=ids.show_id(ids.INSTITUTION, one.institution_id),
            reference=one.reference,
            languages=[LanguageView.of(code) for code in one.languages],
            nationality=one.nationality,
            gender_preference=one.gender_preference,  # type: ignore[arg-type]  # as ClientIn had it
            status=one.status,
            status_since=one.status_since,
            group=one.group,
            erased_at=one.erased_at,
            version=one.version,
        )


@door("POST", "/v1/clients", body=ClientIn, answer=ClientView, status=201,
      refusals=(Forbidden, ReferenceTaken), tag=TAG)  # fmt: skip
async def create_client(call: NamedDependency[Call]) -> Response[bytes]:
    """Add a client."""
    body = call.body(ClientIn)

    async def work(db: Db, caller: Caller) -> Client:
        return await clients.create_client(db, caller, order=lambda: body().order(), now=call.now)

    return await call.once(work, ClientView.of, status=201)


@door("GET", "/v1/clients", query=ClientQuery, answer=List[ClientView],
      refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def list_clients(call: NamedDependency[Call]) -> Response[bytes]:
    """Clients, newest first; every look is noted in the audit."""
    query = call.query(ClientQuery)

    async def work(db: Db, caller: Caller) -> Page:
        found = await clients.list_clients(
            db, caller, search=lambda: query().search(), now=call.now
        )
        return page_of(found, query(), lambda one: ClientView.of(one, caller))

    return await call.ask(work, lambda page, _: page)


@door("GET", "/v1/clients/{id:str}", answer=ClientView, refusals=(Forbidden, NotFound), tag=TAG)
async def show_client(call: NamedDependency[Call]) -> Response[bytes]:
    """One client; the look is noted in the audit."""
    return await call.ask(
        lambda db, caller: clients.show_client(
            db, caller, client_id=call.id(ids.CLIENT), now=call.now
        ),
        ClientView.of,
    )


@door("DELETE", "/v1/clients/{id:str}", answer=None, status=204,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def erase_client(call: NamedDependency[Call]) -> Response[bytes]:
    """Erase the person: the reference reads `erased-…`, bookings and counts stay."""
    return await call.ask(
        lambda db, caller: clients.erase_client(
            db, caller, client_id=call.id(ids.CLIENT), now=call.now
        ),
        lambda _, __: None,
    )


def _institution_id(text: str | None) -> UUID | None:
    return None if text is None else ids.read_id(ids.INSTITUTION, text)


ROUTES = (create_client, list_clients, show_client, erase_client)
