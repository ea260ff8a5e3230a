"""`/v1/tariffs`: what sessions cost and earn."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import tariffs
from interpreters.application.tariffs import Tariff, TariffOrder
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, NotFound
from interpreters.domain.tariffs import (
    ModeIncrement,
    ModeMinutes,
    Rate,
    Supplement,
    Terms,
    Travel,
    terms_errors,
)
from interpreters.http.dated_rules import DatedIn
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import Currency, Id, Mode, Qualification
from interpreters.http.lists import List, ListQuery, page_of

TAG = "Tariffs"


class TariffIn(DatedIn, frozen=True, kw_only=True):
    """A new tariff, in the network's currency. One that is sent never changes.

    Without `breaks_paid` a session's breaks are taken off what is billed.
    """

    currency: Currency | None = None
    rates: Annotated[list[Rate], Meta(min_length=1, max_length=500)]
    minimum_minutes: ModeMinutes = ModeMinutes()
    increment_minutes: ModeIncrement = ModeIncrement()
    supplements: Annotated[list[Supplement], Meta(max_length=50)] = []
    travel: Travel | None = None
    breaks_paid: bool = True

    def terms(self) -> Terms:
        """Return what it says."""
        return Terms(
            rates=self.rates,
            minimum_minutes=self.minimum_minutes,
            increment_minutes=self.increment_minutes,
            supplements=self.supplements,
            travel=self.travel,
            breaks_paid=self.breaks_paid,
        )

    def inner_errors(self) -> Sequence[FieldError]:
        """Return what is wrong between the rules themselves."""
        return terms_errors(self.terms())

    def order(self) -> TariffOrder:
        """Return the order in the application's words."""
        return TariffOrder(
            name=self.name,
            is_default=self.default,
            currency=self.currency,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            terms=self.terms(),
        )


class RateView(msgspec.Struct, frozen=True, kw_only=True):
    """What an hour costs and earns; `qualification` null is any. No pay for institutions."""

    mode: Mode
    qualification: Qualification | None
    from_minutes: int
    charge_per_hour_minor: int
    pay_per_hour_minor: int | None


class TravelView(msgspec.Struct, frozen=True, kw_only=True):
    """What a kilometre of the round trip costs and earns. No pay for institutions."""

    charge_per_km_minor: int
    pay_per_km_minor: int | None


class TariffView(msgspec.Struct, frozen=True, kw_only=True):
    """A tariff as its readers may see it."""

    id: Id
    name: str
    default: bool
    currency: str
    valid_from: date
    valid_until: date | None
    rates: list[RateView]
    minimum_minutes: ModeMinutes
    increment_minutes: ModeIncrement
    supplements: list[Supplement]
    travel: TravelView | None
    breaks_paid: bool
    created_at: datetime

    @classmethod
    def of(cls, one: Tariff, caller: Caller) -> "TariffView":
        """Shape a tariff for its reader."""
        inside = caller.institution_id is None
        terms = one.terms
        return cls(
            id=ids.show_id(ids.TARIFF, one.id),
            name=one.name,
            default=one.is_default,
            currency=one.currency,
            valid_from=one.valid_from,
            valid_until=one.valid_until,
            rates=[_rate(rate, inside=inside) for rate in terms.rates],
            minimum_minutes=terms.minimum_minutes,
            increment_minutes=terms.increment_minutes,
            supplements=list(terms.supplements),
            travel=None if terms.travel is None else _travel(terms.travel, inside=inside),
            breaks_paid=terms.breaks_paid,
            created_at=one.created_at,
        )


@door("POST", "/v1/tariffs", body=TariffIn, answer=TariffView, status=201, refusals=(Forbidden,),
      tag=TAG)  # fmt: skip
async def create_tariff(call: NamedDependency[Call]) -> Response[bytes]:
    """Add a tariff."""
    body = call.body(TariffIn)

    async def work(db: Db, caller: Caller) -> Tariff:
        return await tariffs.create_tariff(db, caller, order=lambda: body().order(), now=call.now)

    return await call.once(work, TariffView.of, status=201)


@door("GET", "/v1/tariffs", query=ListQuery, answer=List[TariffView], refusals=(Forbidden,),
      tag=TAG)  # fmt: skip
async def list_tariffs(call: NamedDependency[Call]) -> Response[bytes]:
    """Tariffs, newest first."""
    query = call.query(ListQuery)

    async def work(db: Db, caller: Caller) -> Page:
        asked = query()
        before, limit = asked.slice
        found = await tariffs.list_tariffs(db, caller, before=before, limit=limit)
        return page_of(found, asked, lambda one: TariffView.of(one, caller))

    return await call.ask(work, lambda page, _: page)


@door("GET", "/v1/tariffs/{id:str}", answer=TariffView, refusals=(Forbidden, NotFound), tag=TAG)
async def show_tariff(call: NamedDependency[Call]) -> Response[bytes]:
    """One tariff."""
    return await call.ask(
        lambda db, caller: tariffs.show_tariff(db, caller, tariff_id=call.id(ids.TARIFF)),
        TariffView.of,
    )


def _rate(one: Rate, *, inside: bool) -> RateView:
    return RateView(
        mode=one.mode,
        qualification=one.qualification,
        from_minutes=one.from_minutes,
        charge_per_hour_minor=one.charge_per_hour_minor,
        pay_per_hour_minor=one.pay_per_hour_minor if inside else None,
    )


def _travel(one: Travel, *, inside: bool) -> TravelView:
    pay = one.pay_per_km_minor if inside else None
    return TravelView(charge_per_km_minor=one.charge_per_km_minor, pay_per_km_minor=pay)


ROUTES = (create_tariff, list_tariffs, show_tariff)
