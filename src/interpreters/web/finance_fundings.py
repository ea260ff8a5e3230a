"""`/finance/fundings`: the grants, and what each of them paid for."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post

from interpreters.application import fundings
from interpreters.application.fundings import Funding
from interpreters.application.grant_reports import GrantReport, report_grant
from interpreters.application.tables import csv_of, xlsx_of
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Invalid, NotFound
from interpreters.domain.fundings import FundingNumberTaken
from interpreters.domain.ids import FUNDING, read_id, show_id
from interpreters.domain.refusal_words import REFUSALS
from interpreters.domain.wording import say
from interpreters.http.fundings import FundingIn, FundingPatch, FundingView
from interpreters.http.grant_reports import grant_tables
from interpreters.http.reading import read_body
from interpreters.http.tables import CSV, XLSX, file
from interpreters.web.entrance import see_other
from interpreters.web.fields import Fields, asked_fields, body_of, listed, own_fields
from interpreters.web.finance_words import dated, rows_of, with_spare
from interpreters.web.formats import Formats
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

AnyRequest = Request[Any, Any, Any]
PAGE: Final = 25  # each is counted
SPARE_DONORS: Final = 2
DONORS: Final = 50
DONOR: Final = ("donor", "share")
HUNDREDTHS: Final = 100
MOST_SHARE: Final = 10**6
PATH: Final = "/finance/fundings/{id:str}"


@get("/finance/fundings", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def list_fundings(request: AnyRequest) -> Response[str]:
    """Show the grants, the newest first, and what each has paid for so far."""
    visit = await visiting(request, "finance", "coordinator")
    asked = asked_fields(request).some("before")
    before = None if asked is None else read_id(FUNDING, asked)

    async def work(db: Db, caller: Caller) -> list[GrantReport]:
        found = await fundings.list_fundings(db, caller, before=before, limit=PAGE + 1)
        return [
            await report_grant(db, caller, funding_id=one.id, days=lambda: (None, None))
            for one in found
        ]

    found = await visit.ask(work)
    return visit.page(
        "finance_fundings.html",
        found=found[:PAGE],
        more=len(found) > PAGE,
        funding_id=lambda one: show_id(FUNDING, one.id),
        dated=dated(visit.language),
    )


@get("/finance/fundings/new", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_new(request: AnyRequest) -> Response[str]:
    """Show the form of a new grant."""
    visit = await visiting(request, "finance", "coordinator")
    return _form(visit, None, Fields([("share-0", "100")]))


@post("/finance/fundings/new", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def add(request: AnyRequest) -> Response[Any]:
    """Add a grant."""
    visit = await visiting(request, "finance", "coordinator")
    fields = await own_fields(request)

    async def work(db: Db, caller: Caller) -> Funding:
        body = read_body(FundingIn, body_of(_body(fields)), now=visit.now)
        return await fundings.create_funding(db, caller, order=body.order, now=visit.now)

    try:
        made = await visit.once(fields, work, FundingView.of)
    except (Invalid, FundingNumberTaken) as wrong:
        return _form(visit, None, fields, errors=_trouble(visit, wrong))
    return see_other(f"/finance/fundings/{made['id']}?done=added")


@get(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_funding(request: AnyRequest) -> Response[str]:
    """Show what a grant paid for, month by month."""
    visit = await visiting(request, "finance", "coordinator")
    funding_id = read_id(FUNDING, request.path_params["id"])
    report = await visit.ask(
        lambda db, caller: report_grant(
            db, caller, funding_id=funding_id, days=lambda: (None, None)
        )
    )
    return visit.page(
        "finance_funding.html",
        report=report,
        view=msgspec.to_builtins(FundingView.of(report.funding, visit.caller)),
        until=report.until - timedelta(days=1),
        dated=dated(visit.language),
        done=asked_fields(request).get("done"),
    )


@get(f"{PATH}/file/{{kind:str}}", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def keep_funding(request: AnyRequest) -> Response[bytes]:
    """Return the grant's report as a file."""
    visit = await visiting(request, "finance", "coordinator")
    funding_id, kind = read_id(FUNDING, request.path_params["id"]), request.path_params["kind"]
    if kind not in ("csv", "xlsx"):
        raise NotFound
    report = await visit.ask(
        lambda db, caller: report_grant(
            db, caller, funding_id=funding_id, days=lambda: (None, None)
        )
    )
    tables = grant_tables(report, visit.caller)
    if kind == "csv":
        return file(await asyncio.to_thread(csv_of, tables[0]), CSV, "grant-report.csv")
    return file(await asyncio.to_thread(xlsx_of, tables), XLSX, "grant-report.xlsx")


@get(f"{PATH}/change", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_change(request: AnyRequest) -> Response[str]:
    """Show a grant as a form."""
    visit = await visiting(request, "finance", "coordinator")
    found = await _found(visit, read_id(FUNDING, request.path_params["id"]))
    return _form(visit, found, _as_fields(visit, found))


@post(f"{PATH}/change", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def change(request: AnyRequest) -> Response[Any]:
    """Change a grant, for what is recorded from now on."""
    visit = await visiting(request, "finance", "coordinator")
    fields, shown_id = await own_fields(request), request.path_params["id"]
    found = await _found(visit, read_id(FUNDING, shown_id))

    async def work(db: Db, caller: Caller) -> Funding:
        sent = {"name": None, "ends_on": None, "months_since_status": None} | _body(fields)
        body = read_body(FundingPatch, msgspec.json.encode(sent), now=visit.now)
        return await fundings.change_funding(
            db, caller, funding_id=found.id, if_match=None, change=body.change
        )

    try:
        await visit.once(fields, work, FundingView.of)
    except (Invalid, FundingNumberTaken) as wrong:
        return _form(visit, found, fields, errors=_trouble(visit, wrong))
    return see_other(f"/finance/fundings/{shown_id}?done=changed")


def _body(fields: Fields) -> dict[str, Any]:
    """Return the form as the API's body, without what is left empty."""
    sent = {
        "number": fields.some("number"),
        "name": fields.some("name"),
        "starts_on": fields.some("starts_on"),
        "ends_on": fields.some("ends_on"),
        "donors": [
            {"name": one["donor"], "share_basis_points": _basis_points(one["share"])}
            for one in rows_of(fields, DONOR, DONORS)
        ],
        "languages": listed(fields.get("languages")),
        "excluded_languages": listed(fields.get("excluded_languages")),
        "groups": listed(fields.get("groups")),
        "statuses": listed(fields.get("statuses")),
        "months_since_status": fields.number("months_since_status"),
    }
    return {name: one for name, one in sent.items() if one is not None}


def _basis_points(text: str) -> int | str:
    try:
        share = Decimal(text.replace(",", ".").removesuffix("%").strip()) * HUNDREDTHS
    except InvalidOperation:
        return text
    exact = share.is_finite() and share == share.to_integral_value() and abs(share) < MOST_SHARE
    return int(share) if exact else text


def _as_fields(visit: Visit, one: Funding) -> Fields:
    terms = one.terms
    pairs = [
        ("number", one.number),
        ("name", terms.name or ""),
        ("starts_on", str(one.starts_on)),
        ("ends_on", str(one.ends_on or "")),
        ("languages", _named(visit, terms.languages)),
        ("excluded_languages", _named(visit, terms.excluded_languages)),
        ("groups", ", ".join(terms.groups)),
        ("statuses", ", ".join(terms.statuses)),
        ("months_since_status", _shown(terms.months_since_status)),
    ]
    for place, donor in enumerate(terms.donors):
        share = Decimal(donor.share_basis_points) / HUNDREDTHS
        pairs += [(f"donor-{place}", donor.name), (f"share-{place}", f"{share.normalize():f}")]
    return Fields(pairs)


def _named(visit: Visit, codes: Sequence[str]) -> str:
    """Return languages by the names that the form takes back; one with a comma by its code."""
    tell = Formats(visit.language, visit.me.network.time_zone)
    names = [(code, tell.language_written(code)) for code in codes]
    return ", ".join(name if listed(name) == [name] else code for code, name in names)


def _shown(value: int | None) -> str:
    return "" if value is None else str(value)


async def _found(visit: Visit, funding_id: UUID) -> Funding:
    return await visit.ask(
        lambda db, caller: fundings.show_funding(db, caller, funding_id=funding_id)
    )


def _trouble(visit: Visit, wrong: Invalid | FundingNumberTaken) -> dict[str, str]:
    if isinstance(wrong, Invalid):
        return visit.trouble(wrong)
    return {"/number": say(visit.language, REFUSALS[FundingNumberTaken.code])}


def _form(
    visit: Visit, found: Funding | None, fields: Fields, errors: Mapping[str, str] | None = None
) -> Response[str]:
    donors = with_spare(rows_of(fields, DONOR, DONORS), DONOR, spare=SPARE_DONORS, most=DONORS)
    return visit.page(
        "finance_funding_form.html",
        422 if errors else 200,
        found=found,
        action="/finance/fundings/new" if found is None
        else f"/finance/fundings/{show_id(FUNDING, found.id)}/change",
        said=fields,
        donors=donors,
        errors=errors or {},
    )  # fmt: skip


ROUTES = (list_fundings, show_new, add, show_funding, keep_funding, show_change, change)
