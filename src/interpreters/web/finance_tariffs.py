"""`/finance/tariffs`: the price lists, and a new one."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from litestar import Request, Response, get, post

from interpreters.application import tariffs
from interpreters.application.tariffs import Tariff
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Invalid
from interpreters.domain.ids import TARIFF, read_id, show_id
from interpreters.domain.windows import at_place
from interpreters.http.reading import read_body
from interpreters.http.tariffs import TariffIn, TariffView
from interpreters.web.entrance import see_other
from interpreters.web.fields import Fields, asked_fields, body_of, own_fields
from interpreters.web.finance_words import dated, major_units, minor_units, rows_of, with_spare
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

AnyRequest = Request[Any, Any, Any]
MOST: Final = 200
MODES: Final = ("in_person", "phone", "video")
RATE: Final = ("mode", "qualification", "from_minutes", "charge", "pay")
SUPPLEMENT: Final = ("when", "from", "to", "percent")
RATES: Final = 40
SUPPLEMENTS: Final = 12
SPARE: Final = 2


@get("/finance/tariffs", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def list_tariffs(request: AnyRequest) -> Response[str]:
    """Show every price list, the newest first, and which of them is the usual one."""
    visit = await visiting(request, "finance", "coordinator")
    found = await visit.ask(
        lambda db, caller: tariffs.list_tariffs(db, caller, before=None, limit=MOST)
    )
    return visit.page(
        "finance_tariffs.html",
        found=found,
        today=at_place(instant=visit.now, time_zone=visit.me.network.time_zone).date(),
        tariff_id=lambda one: show_id(TARIFF, one.id),
        dated=dated(visit.language),
        day_before=lambda day: day - timedelta(days=1),
        done=asked_fields(request).get("done"),
    )


@get("/finance/tariffs/new", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_new(request: AnyRequest) -> Response[str]:
    """Show the form of a new price list, filled from an older one if that is asked for."""
    visit = await visiting(request, "finance", "coordinator")
    like = asked_fields(request).get("like")
    if not like:
        return _form(visit, Fields([("mode-0", "in_person"), ("mode-1", "phone")]))
    tariff_id = read_id(TARIFF, like)
    found = await visit.ask(lambda db, caller: tariffs.show_tariff(db, caller, tariff_id=tariff_id))
    return _form(visit, _as_fields(found))


@post("/finance/tariffs/new", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def add(request: AnyRequest) -> Response[Any]:
    """Add a price list; those that are there stay as they are."""
    visit = await visiting(request, "finance", "coordinator")
    fields = await own_fields(request)

    async def work(db: Db, caller: Caller) -> Tariff:
        sent = _body(fields, visit.me.network.currency)
        body = read_body(TariffIn, body_of(sent), now=visit.now)
        return await tariffs.create_tariff(db, caller, order=body.order, now=visit.now)

    try:
        await visit.once(fields, work, TariffView.of)
    except Invalid as wrong:
        return _form(visit, fields, errors=visit.trouble(wrong))
    return see_other("/finance/tariffs?done=added")


def _body(fields: Fields, currency: str) -> dict[str, Any]:
    """Return the form as the API's body."""
    kilometre = {
        "charge_per_km_minor": minor_units(fields.some("km_charge"), currency) or 0,
        "pay_per_km_minor": minor_units(fields.some("km_pay"), currency) or 0,
    }
    return {
        "name": fields.some("name"),
        "default": fields.ticked("default"),
        "currency": currency,
        "valid_from": fields.some("valid_from"),
        "valid_until": fields.some("valid_until"),
        "rates": [
            _rate(one, currency)
            for one in rows_of(fields, RATE, RATES)
            if one["charge"] or one["pay"]
        ],
        "minimum_minutes": {one: fields.number(f"minimum_{one}") or 0 for one in MODES},
        "increment_minutes": {one: fields.number(f"increment_{one}") or 1 for one in MODES},
        "supplements": [
            _supplement(one) for one in rows_of(fields, SUPPLEMENT, SUPPLEMENTS) if one["percent"]
        ],
        "travel": kilometre if any(kilometre.values()) else None,
        "breaks_paid": not fields.ticked("breaks_unpaid"),
    }


def _rate(row: Mapping[str, str], currency: str) -> dict[str, Any]:
    said = Fields(row.items())
    return {
        "mode": row["mode"] or "in_person",
        "qualification": row["qualification"] or None,
        "from_minutes": said.number("from_minutes") or 0,
        "charge_per_hour_minor": minor_units(row["charge"], currency) or 0,
        "pay_per_hour_minor": minor_units(row["pay"], currency) or 0,
    }


def _supplement(row: Mapping[str, str]) -> dict[str, Any]:
    said = Fields(row.items())
    sent = {"when": row["when"] or "evening", "percent": said.number("percent")}
    hours = {name: row[name] for name in ("from", "to") if row[name] and row["when"] == "evening"}
    return sent | hours


def _as_fields(one: Tariff) -> Fields:
    terms = one.terms
    pairs = [("name", one.name), ("default", "yes" if one.is_default else "")]
    pairs += [] if terms.breaks_paid else [("breaks_unpaid", "yes")]
    for place, rate in enumerate(terms.rates):
        values = (
            rate.mode, rate.qualification or "", str(rate.from_minutes or ""),
            major_units(rate.charge_per_hour_minor, one.currency),
            major_units(rate.pay_per_hour_minor, one.currency),
        )  # fmt: skip
        pairs += [(f"{name}-{place}", value) for name, value in zip(RATE, values, strict=True)]
    for place, extra in enumerate(terms.supplements):
        row = (extra.when, extra.from_ or "", extra.to or "", str(extra.percent))
        pairs += [(f"{name}-{place}", value) for name, value in zip(SUPPLEMENT, row, strict=True)]
    for mode in MODES:
        pairs += [
            (f"minimum_{mode}", str(getattr(terms.minimum_minutes, mode))),
            (f"increment_{mode}", str(getattr(terms.increment_minutes, mode))),
        ]
    if terms.travel is not None:
        pairs += [
            ("km_charge", major_units(terms.travel.charge_per_km_minor, one.currency)),
            ("km_pay", major_units(terms.travel.pay_per_km_minor, one.currency)),
        ]
    return Fields(pairs)


def _form(visit: Visit, fields: Fields, errors: Mapping[str, str] | None = None) -> Response[str]:
    rates = [
        one for one in rows_of(fields, RATE, RATES) if one["charge"] or one["pay"] or not errors
    ]
    extras = [one for one in rows_of(fields, SUPPLEMENT, SUPPLEMENTS) if one["percent"]]
    return visit.page(
        "finance_tariff_form.html",
        422 if errors else 200,
        said=fields,
        rates=with_spare(rates, RATE, spare=SPARE, most=RATES),
        supplements=with_spare(extras, SUPPLEMENT, spare=SPARE, most=SUPPLEMENTS),
        modes=MODES,
        currency=visit.me.network.currency,
        errors=errors or {},
    )


ROUTES = (list_tariffs, show_new, add)
