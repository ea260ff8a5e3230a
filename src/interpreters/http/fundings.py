"""`/v1/fundings`: the grants that pay for sessions."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any, TypeAlias

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import UNSET, Meta, UnsetType

from interpreters.application import fundings
from interpreters.application.fundings import Funding, FundingOrder
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, NotFound, Stale
from interpreters.domain.fundings import (
    Donor,
    FundingNumberTaken,
    Terms,
    donors_errors,
    period_errors,
)
from interpreters.domain.languages import resolve
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import Id, In, InstitutionId, LanguageText, Name, Reference, given
from interpreters.http.lists import List, ListQuery, page_of
from interpreters.http.usage import Day
from interpreters.http.views import LanguageView

TAG = "Fundings"


class DonorIn(In, frozen=True, kw_only=True):
    """Who pays, and how much of it: 10,000 basis points are all."""

    name: Name
    share_basis_points: Annotated[int, Meta(ge=1, le=10_000)]


Donors: TypeAlias = Annotated[list[DonorIn], Meta(min_length=1, max_length=50)]
Languages: TypeAlias = Annotated[list[LanguageText], Meta(max_length=500)]
Words: TypeAlias = Annotated[
    list[Name], Meta(max_length=100, description="As they stand at the clients; empty: any.")
]
Months: TypeAlias = Annotated[
    int, Meta(ge=0, le=1200, description="For so many months after a client's `status_since`.")
]
LastDay: TypeAlias = Annotated[Day, Meta(description="The last day it pays for, at the place.")]


class FundingBody(In, frozen=True, kw_only=True):
    """What is checked between the fields of a funding."""

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """Yield what is wrong between fields that are right by themselves."""
        donors = _right(value.get("donors"), list[Donor])
        first, last = (_right(value.get(name), date) for name in ("starts_on", "ends_on"))
        found = list(donors_errors(donors)) if donors else []
        found += period_errors(first, last) if first is not None else []
        for one in found:
            yield msgspec.structs.replace(one, pointer=pointer + one.pointer)


class FundingIn(FundingBody, frozen=True, kw_only=True):
    """A new funding."""

    number: Reference
    name: Name | None = None
    starts_on: Day
    ends_on: LastDay | None = None
    donors: Donors
    languages: Languages = []
    excluded_languages: Languages = []
    groups: Words = []
    statuses: Words = []
    months_since_status: Months | None = None
    institution_ids: Annotated[list[InstitutionId], Meta(max_length=1000)] = []

    def order(self) -> FundingOrder:
        """Return the order in the application's words."""
        fields = _converted(msgspec.structs.asdict(self))
        own = {name: fields.pop(name) for name in ("number", "starts_on", "ends_on")}
        return FundingOrder(**own, terms=Terms(**fields))


class FundingPatch(FundingBody, frozen=True, kw_only=True):
    """The fields to change; lists are replaced whole."""

    number: Reference | UnsetType = UNSET
    name: Name | None | UnsetType = UNSET
    starts_on: Day | UnsetType = UNSET
    ends_on: LastDay | None | UnsetType = UNSET
    donors: Donors | UnsetType = UNSET
    languages: Languages | UnsetType = UNSET
    excluded_languages: Languages | UnsetType = UNSET
    groups: Words | UnsetType = UNSET
    statuses: Words | UnsetType = UNSET
    months_since_status: Months | None | UnsetType = UNSET
    institution_ids: Annotated[list[InstitutionId], Meta(max_length=1000)] | UnsetType = UNSET

    def change(self) -> dict[str, Any]:
        """Return what was sent, in the application's words."""
        return _converted(given(**msgspec.structs.asdict(self)))


class FundingView(msgspec.Struct, frozen=True, kw_only=True):
    """A funding. Of the institutions it is for, an institution is told itself alone."""

    id: Id
    number: str
    name: str | None
    starts_on: date
    ends_on: date | None
    donors: list[Donor]
    languages: list[LanguageView]
    excluded_languages: list[LanguageView]
    groups: list[str]
    statuses: list[str]
    months_since_status: int | None
    institution_ids: list[Id]
    created_at: datetime
    version: int

    @classmethod
    def of(cls, one: Funding, caller: Caller) -> "FundingView":
        """Shape a funding for its reader."""
        terms, own = one.terms, caller.institution_id
        return cls(
            id=ids.show_id(ids.FUNDING, one.id),
            number=one.number,
            name=terms.name,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            donors=list(terms.donors),
            languages=[LanguageView.of(code) for code in terms.languages],
            excluded_languages=[LanguageView.of(code) for code in terms.excluded_languages],
            groups=list(terms.groups),
            statuses=list(terms.statuses),
            months_since_status=terms.months_since_status,
            institution_ids=[
                ids.show_id(ids.INSTITUTION, each)
                for each in terms.institution_ids
                if own in (None, each)
            ],
            created_at=one.created_at,
            version=one.version,
        )


@door("POST", "/v1/fundings", body=FundingIn, answer=FundingView, status=201,
      refusals=(Forbidden, FundingNumberTaken), tag=TAG)  # fmt: skip
async def create_funding(call: NamedDependency[Call]) -> Response[bytes]:
    """Add a funding."""
    body = call.body(FundingIn)

    async def work(db: Db, caller: Caller) -> Funding:
        return await fundings.create_funding(db, caller, order=lambda: body().order(), now=call.now)

    return await call.once(work, FundingView.of, status=201)


@door("GET", "/v1/fundings", query=ListQuery, answer=List[FundingView], refusals=(Forbidden,),
      tag=TAG)  # fmt: skip
async def list_fundings(call: NamedDependency[Call]) -> Response[bytes]:
    """Fundings, newest first."""
    query = call.query(ListQuery)

    async def work(db: Db, caller: Caller) -> Page:
        asked = query()
        before, limit = asked.slice
        found = await fundings.list_fundings(db, caller, before=before, limit=limit)
        return page_of(found, asked, lambda one: FundingView.of(one, caller))

    return await call.ask(work, lambda page, _: page)


@door("GET", "/v1/fundings/{id:str}", answer=FundingView, refusals=(Forbidden, NotFound), tag=TAG)
async def show_funding(call: NamedDependency[Call]) -> Response[bytes]:
    """One funding."""
    return await call.ask(
        lambda db, caller: fundings.show_funding(db, caller, funding_id=call.id(ids.FUNDING)),
        FundingView.of,
    )


@door("PATCH", "/v1/fundings/{id:str}", body=FundingPatch, answer=FundingView,
      refusals=(Forbidden, NotFound, Stale, FundingNumberTaken), tag=TAG)  # fmt: skip
async def change_funding(call: NamedDependency[Call]) -> Response[bytes]:
    """Change a funding; what was recorded keeps its shares."""
    body = call.body(FundingPatch)
    return await call.ask(
        lambda db, caller: fundings.change_funding(
            db,
            caller,
            funding_id=call.id(ids.FUNDING),
            if_match=call.if_match,
            change=lambda: body().change(),
        ),
        FundingView.of,
    )


def _converted(fields: dict[str, Any]) -> dict[str, Any]:
    """Return languages as codes, ids as UUIDs, donors as they are kept."""
    for name in ("languages", "excluded_languages"):
        if name in fields:
            fields[name] = [resolve(one).language.code for one in fields[name]]
    if "institution_ids" in fields:
        sent = fields["institution_ids"]
        fields["institution_ids"] = [ids.read_id(ids.INSTITUTION, one) for one in sent]
    if "donors" in fields:
        fields["donors"] = [Donor(**msgspec.structs.asdict(one)) for one in fields["donors"]]
    return fields


def _right(value: Any, kind: Any) -> Any:
    """Return the value as the kind, None where it is none: that has its own error."""
    try:
        return None if value is None else msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return None


ROUTES = (create_funding, list_fundings, show_funding, change_funding)
