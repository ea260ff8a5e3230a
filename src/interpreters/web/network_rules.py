"""`/board/network/rules`: who is asked first, and how long things are kept."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post

from interpreters.application import networks
from interpreters.application.networks import Network
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.matching import PARTS, Weights
from interpreters.domain.retention import Kind, days_of
from interpreters.http.networks import NetworkPatch
from interpreters.http.reading import read_body
from interpreters.web.fields import Fields, asked_fields, own_fields
from interpreters.web.saving import saved, seen_version
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

AnyRequest = Request[Any, Any, Any]
PATH: Final = "/board/network/rules"
# What is of people; how long the software's own traces are kept is set by the API alone.
KEPT: Final[tuple[Kind, ...]] = (
    "instructions", "connection_details", "reasons", "client_voices", "client_links",
    "inactive_clients", "suspended_interpreters", "messages", "sign_ins", "operations",
    "freed_slots", "plans",
)  # fmt: skip


@get(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_rules(request: AnyRequest) -> Response[str]:
    """Show both."""
    visit = await visiting(request, "coordinator")
    return await _page(visit, done=asked_fields(request).get("done"))


@post(f"{PATH}/points", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def change_points(request: AnyRequest) -> Response[Any]:
    """Change how many points each reason can earn, or go back to what is usual."""
    visit = await visiting(request, "coordinator")
    fields = await own_fields(request)
    said = {part: fields.number(part) for part in PARTS}
    return await _changed(visit, fields, {"weights": None if fields.ticked("usual") else said})


@post(f"{PATH}/kept", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def change_kept(request: AnyRequest) -> Response[Any]:
    """Change for how many days things are kept; a field left empty is until somebody erases it."""
    visit = await visiting(request, "coordinator")
    fields = await own_fields(request)
    said = {one: fields.number(one) for one in KEPT if one in fields}
    usual = {one: days for one, days in days_of({}).items() if one in KEPT}
    return await _changed(visit, fields, {"retention": usual if fields.ticked("usual") else said})


async def _changed(visit: Visit, fields: Fields, sent: Mapping[str, Any]) -> Response[Any]:
    async def work(db: Db, caller: Caller) -> Network:
        body = read_body(NetworkPatch, msgspec.json.encode(sent), now=visit.now)
        return await networks.change_network(
            db, caller, change=body.change, if_match=seen_version(fields), now=visit.now
        )

    return await saved(
        visit, fields, work,
        to=lambda _: f"{PATH}?done=changed",
        wrong=lambda wrong: _page(visit, said=fields, errors=visit.trouble(wrong)),
        stale=lambda: _page(visit, stale=True),
    )  # fmt: skip


def _as_fields(network: Network) -> Fields:
    weights = msgspec.convert(network.weights, Weights)
    days = days_of(network.retention)
    return Fields(
        [
            *((part, str(getattr(weights, part))) for part in PARTS),
            *((kind, "" if days[kind] is None else str(days[kind])) for kind in KEPT),
        ]
    )


async def _page(
    visit: Visit, *, said: Fields | None = None, errors: Mapping[str, str] | None = None,
    stale: bool = False, done: str = "",
) -> Response[str]:  # fmt: skip
    network = await visit.ask(networks.show_network)
    stored = _as_fields(network)
    sent = said or stored  # one of two forms was sent: the other stands as it is stored
    return visit.page(
        "network_rules.html",
        422 if errors else 409 if stale else 200,
        network=network,
        parts=PARTS,
        kinds=KEPT,
        points=sent if PARTS[0] in sent else stored,
        days=sent if KEPT[0] in sent else stored,
        errors=errors or {},
        stale=stale,
        done=done,
    )


ROUTES = (show_rules, change_points, change_kept)
