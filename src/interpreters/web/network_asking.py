"""`/board/institutions/{id}/asking`: how people are asked for one institution, if otherwise."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post

from interpreters.application import institutions, networks
from interpreters.application.institutions import Institution
from interpreters.application.networks import Network
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.ids import INSTITUTION, read_id
from interpreters.domain.ladders import Ladder
from interpreters.http.institutions import InstitutionPatch
from interpreters.http.reading import read_body
from interpreters.web.asking_forms import ladder_fields, ladder_values, said_ladder
from interpreters.web.fields import Fields, own_fields
from interpreters.web.saving import saved, seen_version
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

AnyRequest = Request[Any, Any, Any]
PATH: Final = "/board/institutions/{id:str}/asking"


@get(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_asking(request: AnyRequest) -> Response[str]:
    """Show how people are asked for the institution: in its own way, or as for everybody."""
    return await _form(await visiting(request, "coordinator"))


@post(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def change_asking(request: AnyRequest) -> Response[Any]:
    """Have people asked in its own way, or again as the network has it."""
    visit = await visiting(request, "coordinator")
    fields, found = await own_fields(request), await _found(visit)
    ladder = None if fields.ticked("usual") else said_ladder(fields, _ladder(*found))

    async def work(db: Db, caller: Caller) -> Institution:
        body = read_body(InstitutionPatch, msgspec.json.encode({"ladder": ladder}), now=visit.now)
        return await institutions.change_institution(
            db, caller, institution_id=found[0].id, change=body.change,
            if_match=seen_version(fields),
        )  # fmt: skip

    return await saved(
        visit, fields, work,
        to=lambda _: f"/board/institutions/{request.path_params['id']}?done=changed",
        wrong=lambda wrong: _form(visit, said=fields, errors=visit.trouble(wrong)),
        stale=lambda: _form(visit, stale=True),
    )  # fmt: skip


async def _found(visit: Visit) -> tuple[Institution, Network]:
    institution_id: UUID = read_id(INSTITUTION, visit.request.path_params["id"])

    async def work(db: Db, caller: Caller) -> tuple[Institution, Network]:
        one = await institutions.show_institution(db, caller, institution_id=institution_id)
        return one, await networks.show_network(db, caller)

    return await visit.ask(work)


def _ladder(one: Institution, network: Network) -> Ladder:
    return msgspec.convert(network.ladder if one.ladder is None else one.ladder, Ladder)


async def _form(
    visit: Visit, *, said: Fields | None = None, errors: Mapping[str, str] | None = None,
    stale: bool = False,
) -> Response[str]:  # fmt: skip
    one, network = await _found(visit)
    ladder = _ladder(one, network)
    return visit.page(
        "network_asking.html",
        422 if errors else 409 if stale else 200,
        one=one,
        id=visit.request.path_params["id"],
        asking=said or Fields(ladder_fields(ladder)),
        errors=errors or {},
        stale=stale,
        **ladder_values(ladder),
    )


ROUTES = (show_asking, change_asking)
