"""`/board/network`: what holds for the whole network, and how people are asked."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post

from interpreters.application import networks, on_call, users
from interpreters.application.networks import Network
from interpreters.application.on_call import Rota
from interpreters.application.users import User, UserFilter
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.ids import USER, show_id
from interpreters.domain.ladders import Ladder
from interpreters.http.networks import NetworkPatch
from interpreters.http.on_call import RotaIn, RotaView
from interpreters.http.reading import read_body
from interpreters.web.asking_forms import ladder_fields, ladder_values, said_ladder
from interpreters.web.fields import Fields, asked_fields, body_of, own_fields
from interpreters.web.finance_words import major_units, minor_units, rows_of, with_spare
from interpreters.web.roster_words import DAYS
from interpreters.web.saving import saved, seen_version
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

AnyRequest = Request[Any, Any, Any]
PATH: Final = "/board/network"
PEOPLE: Final = 200
DUTY: Final = ("user_id", "day", "from", "to", "position")
DUTIES: Final = 50
SPARE: Final = 3


@get(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_settings(request: AnyRequest) -> Response[str]:
    """Show the settings."""
    visit = await visiting(request, "coordinator")
    return await _page(visit, done=asked_fields(request).get("done"))


@post(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def change(request: AnyRequest) -> Response[Any]:
    """Change what holds for the whole network."""
    visit = await visiting(request, "coordinator")
    fields = await own_fields(request)
    return await _changed(visit, fields, _general(fields, visit.me.network.currency))


@post(f"{PATH}/asking", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def change_asking(request: AnyRequest) -> Response[Any]:
    """Change how people are asked: the next version, from the next search on."""
    visit = await visiting(request, "coordinator")
    fields = await own_fields(request)
    network = await visit.ask(networks.show_network)
    ladder = None if fields.ticked("usual") else said_ladder(fields, _of(network))
    return await _changed(visit, fields, {"ladder": ladder})


@post(f"{PATH}/on-call", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def change_rota(request: AnyRequest) -> Response[Any]:
    """Replace who is rung when."""
    visit = await visiting(request, "coordinator")
    fields = await own_fields(request)

    async def work(db: Db, caller: Caller) -> Rota:
        sent = {"rows": [_duty(one) for one in _duties(fields)]}
        body = read_body(RotaIn, body_of(sent), now=visit.now)
        return await on_call.replace_rota(db, caller, rows=body.order, now=visit.now)

    return await saved(
        visit, fields, work,
        to=lambda _: f"{PATH}?done=changed",
        wrong=lambda wrong: _page(visit, errors=visit.trouble(wrong), duties=_duties(fields)),
    )  # fmt: skip


async def _changed(visit: Visit, fields: Fields, sent: Mapping[str, Any]) -> Response[Any]:
    async def work(db: Db, caller: Caller) -> Network:
        body = read_body(NetworkPatch, msgspec.json.encode(sent), now=visit.now)
        return await networks.change_network(
            db, caller, change=body.change, if_match=seen_version(fields), now=visit.now
        )

    return await saved(
        visit, fields, work,
        to=lambda _: f"{PATH}?done=changed",
        wrong=lambda wrong: _page(visit, errors=visit.trouble(wrong), said=fields),
        stale=lambda: _page(visit, stale=True),
    )  # fmt: skip


def _general(fields: Fields, currency: str) -> dict[str, Any]:
    return {
        "name": fields.get("name"),
        "time_zone": fields.get("time_zone"),
        "currency": fields.get("currency"),
        "country": fields.some("country"),
        "working_language": fields.some("working_language"),
        "applications_open": fields.ticked("applications_open"),
        "ask_conflicts": fields.ticked("ask_conflicts"),
        "give_back_hours": fields.number("give_back_hours"),
        "approval_days": fields.number("approval_days"),
        "travel_approval_minor": minor_units(fields.some("travel_approval"), currency),
    }


def _of(network: Network) -> Ladder:
    return msgspec.convert(network.ladder, Ladder)


def _as_fields(network: Network) -> Fields:
    return Fields(
        [
            ("name", network.name), ("time_zone", network.time_zone),
            ("currency", network.currency), ("country", network.country or ""),
            ("working_language", network.working_language or ""),
            ("applications_open", "yes" if network.applications_open else ""),
            ("ask_conflicts", "yes" if network.ask_conflicts else ""),
            ("give_back_hours", _shown(network.give_back_hours)),
            ("approval_days", _shown(network.approval_days)),
            ("travel_approval", major_units(network.travel_approval_minor, network.currency)),
            *ladder_fields(_of(network)),
        ]
    )  # fmt: skip


def _shown(value: int | None) -> str:
    return "" if value is None else str(value)


def _duties(fields: Fields) -> list[dict[str, str]]:
    """Return the rows that have hours."""
    return [one for one in rows_of(fields, DUTY, DUTIES) if one["from"] or one["to"]]


def _duty(row: Mapping[str, str]) -> dict[str, Any]:
    said = Fields(row.items())
    return {
        "user_id": row["user_id"],
        "day": row["day"],
        "from": row["from"],
        "to": row["to"],
        "position": said.number("position") or 1,
    }


async def _page(
    visit: Visit, *, errors: Mapping[str, str] | None = None, said: Fields | None = None,
    duties: list[dict[str, str]] | None = None, stale: bool = False, done: str = "",
) -> Response[str]:  # fmt: skip
    async def work(db: Db, caller: Caller) -> tuple[Network, Rota, list[User]]:
        people = await users.list_users(
            db, caller, wanted=lambda: UserFilter(role="coordinator", active=True),
            page=lambda: (None, PEOPLE),
        )  # fmt: skip
        network = await networks.show_network(db, caller)
        return network, await on_call.show_rota(db, caller), people

    network, rota, people = await visit.ask(work)
    rows = [
        {"user_id": one.user_id, "day": one.day, "from": one.from_, "to": one.to,
         "position": str(one.position)}
        for one in RotaView.of(rota, visit.caller).rows
    ]  # fmt: skip
    stored = _as_fields(network)
    sent = said or stored  # one of two forms was sent: the other stands as it is stored
    return visit.page(
        "network_settings.html",
        422 if errors else 409 if stale else 200,
        network=network,
        **ladder_values(_of(network)),
        general=sent if "name" in sent else stored,
        asking=sent if "chance" in sent else stored,
        duties=with_spare(rows if duties is None else duties, DUTY, spare=SPARE, most=DUTIES),
        people=[(show_id(USER, one.id), one.display_name or one.email or "") for one in people],
        days=DAYS,
        errors=errors or {},
        stale=stale,
        done=done,
    )


ROUTES = (show_settings, change, change_asking, change_rota)
