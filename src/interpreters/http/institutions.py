"""`/v1/institutions`: who asks and is charged."""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import UNSET, Meta, UnsetType

from interpreters.application import institutions
from interpreters.application.institutions import InstitutionOrder
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound, Stale
from interpreters.domain.languages import resolve
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import (
    Country,
    Id,
    In,
    InterpreterId,
    LanguageText,
    Name,
    PolicyId,
    TariffId,
    TimeZone,
    given,
)
from interpreters.http.ladders import LadderIn
from interpreters.http.lists import List, ListQuery, page_of
from interpreters.http.views import LanguageView

TAG = "Institutions"
Kind: TypeAlias = Literal[
    "ngo", "state", "municipality", "social_service", "crisis_centre", "education", "health",
    "justice", "bank", "employer", "other",
]  # fmt: skip

ClientLinks: TypeAlias = Annotated[
    bool, Meta(description="Whether its clients may be given a link to their booking.")
]


class InstitutionIn(In, frozen=True, kw_only=True):
    """A new institution."""

    name: Name
    kind: Kind
    country: Country | None = None
    time_zone: TimeZone | None = None
    working_language: LanguageText | None = None
    tariff_id: TariffId | None = None
    cancellation_policy_id: PolicyId | None = None
    preferred_interpreter_ids: list[InterpreterId] = []
    blocked_interpreter_ids: list[InterpreterId] = []
    client_links: ClientLinks = False
    ladder: LadderIn | None = None

    def order(self) -> InstitutionOrder:
        """Return the order in the application's words."""
        return InstitutionOrder(**_converted(msgspec.structs.asdict(self)))


class InstitutionPatch(In, frozen=True, kw_only=True):
    """The fields to change; a `ladder` is replaced whole, null is the network's."""

    name: Name | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    country: Country | None | UnsetType = UNSET
    time_zone: TimeZone | UnsetType = UNSET
    working_language: LanguageText | UnsetType = UNSET
    tariff_id: TariffId | None | UnsetType = UNSET
    cancellation_policy_id: PolicyId | None | UnsetType = UNSET
    preferred_interpreter_ids: list[InterpreterId] | UnsetType = UNSET
    blocked_interpreter_ids: list[InterpreterId] | UnsetType = UNSET
    client_links: ClientLinks | UnsetType = UNSET
    ladder: LadderIn | None | UnsetType = UNSET

    def change(self) -> dict[str, Any]:
        """Return what was sent, in the application's words."""
        return _converted(given(**msgspec.structs.asdict(self)))


class InstitutionView(msgspec.Struct, frozen=True, kw_only=True):
    """An institution as it is answered."""

    id: Id
    name: str
    kind: Kind
    country: str | None
    time_zone: str
    working_language: LanguageView
    tariff_id: Id | None
    cancellation_policy_id: Id | None
    preferred_interpreter_ids: list[Id]
    blocked_interpreter_ids: list[Id]
    client_links: bool
    ladder: dict[str, Any] | None
    version: int

    @classmethod
    def of(cls, one: institutions.Institution, _: Caller) -> "InstitutionView":
        """Shape an institution."""
        return cls(
            id=ids.show_id(ids.INSTITUTION, one.id),
            name=one.name,
            kind=one.kind,  # type: ignore[arg-type]  # a CHECK holds the kinds
            country=one.country,
            time_zone=one.time_zone,
            working_language=LanguageView.of(one.working_language),
            tariff_id=ids.show_some(ids.TARIFF, one.tariff_id),
            cancellation_policy_id=ids.show_some(ids.POLICY, one.cancellation_policy_id),
            preferred_interpreter_ids=_interpreter_ids(one.preferred_interpreter_ids),
            blocked_interpreter_ids=_interpreter_ids(one.blocked_interpreter_ids),
            client_links=one.client_links,
            ladder=one.ladder,
            version=one.version,
        )


@door("POST", "/v1/institutions", body=InstitutionIn, answer=InstitutionView, status=201,
      refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def create_institution(call: NamedDependency[Call]) -> Response[bytes]:
    """Add an institution."""
    body = call.body(InstitutionIn)

    async def work(db: Db, caller: Caller) -> institutions.Institution:
        return await institutions.create_institution(
            db, caller, order=lambda: body().order(), now=call.now
        )

    return await call.once(work, InstitutionView.of, status=201)


@door("GET", "/v1/institutions", query=ListQuery, answer=List[InstitutionView],
      refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def list_institutions(call: NamedDependency[Call]) -> Response[bytes]:
    """Institutions, newest first."""
    query = call.query(ListQuery)

    async def work(db: Db, caller: Caller) -> Page:
        asked = query()
        found = await institutions.list_institutions(
            db, caller, before=asked.before, limit=asked.size + 1
        )
        return page_of(found, asked, lambda one: InstitutionView.of(one, caller))

    return await call.ask(work, lambda page, _: page)


@door("GET", "/v1/institutions/{id:str}", answer=InstitutionView, refusals=(NotFound,), tag=TAG)
async def show_institution(call: NamedDependency[Call]) -> Response[bytes]:
    """One institution."""
    return await call.ask(
        lambda db, caller: institutions.show_institution(
            db, caller, institution_id=call.id(ids.INSTITUTION)
        ),
        InstitutionView.of,
    )


@door("PATCH", "/v1/institutions/{id:str}", body=InstitutionPatch, answer=InstitutionView,
      refusals=(Forbidden, NotFound, Stale), tag=TAG)  # fmt: skip
async def change_institution(call: NamedDependency[Call]) -> Response[bytes]:
    """Change an institution; If-Match guards against a change in between."""
    body = call.body(InstitutionPatch)
    return await call.ask(
        lambda db, caller: institutions.change_institution(
            db,
            caller,
            institution_id=call.id(ids.INSTITUTION),
            if_match=call.if_match,
            change=lambda: body().change(),
        ),
        InstitutionView.of,
    )


def _converted(fields: dict[str, Any]) -> dict[str, Any]:
    """Return ids as UUIDs, the language as its code, the ladder as it is kept."""
    if fields.get("working_language") is not None:
        fields["working_language"] = resolve(fields["working_language"]).language.code
    for name, prefix in (("tariff_id", ids.TARIFF), ("cancellation_policy_id", ids.POLICY)):
        if fields.get(name) is not None:
            fields[name] = ids.read_id(prefix, fields[name])
    if fields.get("ladder") is not None:
        fields["ladder"] = msgspec.to_builtins(fields["ladder"])
    for name in ("preferred_interpreter_ids", "blocked_interpreter_ids"):
        if name in fields:
            fields[name] = tuple(ids.read_id(ids.INTERPRETER, one) for one in fields[name])
    return fields


def _interpreter_ids(values: Any) -> list[str]:
    return [ids.show_id(ids.INTERPRETER, one) for one in values]


ROUTES = (create_institution, list_institutions, show_institution, change_institution)
