"""The sandbox of a network: opened with its first test key, peopled as it is asked."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.interpreters import InterpreterOrder, create_interpreter
from interpreters.application.request_orders import RequestOrder
from interpreters.database import Db, enter
from interpreters.domain.callers import Caller, house
from interpreters.domain.errors import FieldError, Invalid
from interpreters.domain.sandboxes import ANSWER_SECONDS, SCENARIOS, twin_of
from interpreters.sql import due, institutions, networks, rooms, sites, supply
from interpreters.sql.institutions import Institution
from interpreters.sql.interpreter_languages import InterpreterLanguage
from interpreters.sql.networks import Network
from interpreters.sql.rooms import Room
from interpreters.sql.sites import Site

MOST_SITES: Final = 200
# Enough for a wave of four and a second one, of either gender.
SCRIPTED: Final = ("female", "male", "female", "male", "female", "male")


class Twin(msgspec.Struct, frozen=True, kw_only=True):
    """What a sandbox shares with its network: an institution with its sites."""

    network: Network
    institution: Institution
    sites: list[Site]
    rooms: dict[UUID, tuple[Room, ...]]


async def open_sandbox(db: Db, *, network_id: UUID, institution_id: UUID, now: datetime) -> UUID:
    """Go over to the network's sandbox, where the institution and its sites are as they are here.

    Ids are the same on both sides. The caller comes back with `enter(db, network_id)`.
    """
    twin = await _twin(db, network_id, institution_id)
    sandbox_id = twin_of(network_id)
    await enter(db, sandbox_id)
    network = msgspec.structs.replace(
        twin.network, network_id=sandbox_id, name=f"{twin.network.name} (sandbox)", created_at=now,
        version=1, roster_time_zones=(),
    )  # fmt: skip
    await networks.insert_twin(db, network=network, of=network_id)
    await due.set_once(db, network_id=sandbox_id, kind="retention", id=sandbox_id, at=now)
    bare = msgspec.structs.replace(
        twin.institution, preferred_interpreter_ids=(), blocked_interpreter_ids=(),
        tariff_id=None, cancellation_policy_id=None, version=1,
    )  # fmt: skip
    await institutions.insert(db, network_id=sandbox_id, institution=bare)
    for site in twin.sites:
        first = msgspec.structs.replace(site, version=1)
        await sites.insert(db, network_id=sandbox_id, site=first)
        await rooms.replace(db, network_id=sandbox_id, site_id=site.id, rooms=twin.rooms[site.id])
    return sandbox_id


async def stage(db: Db, caller: Caller, *, order: RequestOrder, now: datetime) -> None:
    """Have interpreters in the sandbox for what is asked; outside of it, scripts mean nothing.

    Raises:
        Invalid: there is no such script.
    """
    if caller.mode != "test":
        return
    if order.details.get("test_scenario") not in (None, *SCENARIOS):
        detail = f"One of {', '.join(SCENARIOS)}"
        raise Invalid(
            [FieldError(pointer="/test_scenario", code="unknown-scenario", detail=detail)]
        )
    assert caller.institution_id is not None  # test keys are institutions'
    found = await institutions.find(
        db, network_id=caller.network_id, institution_id=caller.institution_id
    )
    assert found is not None  # the key refers to it
    working = order.working_language or found.working_language
    for language in set(order.languages) - {working}:
        await _people(db, caller.network_id, language, working, found.time_zone, now=now)


async def set_scenario(db: Db, caller: Caller, *, request_id: UUID, now: datetime) -> None:
    """Have the script of a request in the sandbox played."""
    if caller.mode == "test":
        at = now + timedelta(seconds=ANSWER_SECONDS)
        await due.set_at(db, network_id=caller.network_id, kind="scenario", id=request_id, at=at)


async def _twin(db: Db, network_id: UUID, institution_id: UUID) -> Twin:
    institution = await institutions.find(db, network_id=network_id, institution_id=institution_id)
    assert institution is not None  # looked at before
    found = await sites.page(
        db, network_id=network_id, institution_id=institution_id, before=None, limit=MOST_SITES
    )
    return Twin(
        network=await networks.get(db, network_id=network_id),
        institution=institution,
        sites=found,
        rooms=await rooms.of_sites(db, network_id=network_id, site_ids=[one.id for one in found]),
    )


async def _people(
    db: Db, network_id: UUID, language: str, working: str, time_zone: str, *, now: datetime
) -> None:
    pair = ":".join(sorted((language, working)))
    if await supply.has_pair(db, network_id=network_id, pair=pair):
        return
    for number in range(len(SCRIPTED)):
        order = _scripted(number, language, working, time_zone)
        await create_interpreter(db, house(network_id), order=partial(_same, order), now=now)


def _scripted(number: int, language: str, working: str, time_zone: str) -> InterpreterOrder:
    return InterpreterOrder(
        display_name=f"Test interpreter {number + 1}",
        languages=[
            InterpreterLanguage(language=language, level="native"),
            InterpreterLanguage(language=working, level="native"),
        ],
        email=f"interpreter-{number + 1}@sandbox.invalid",
        gender=SCRIPTED[number],
        time_zone=time_zone,
        qualification="certified",
        travel_radius_km=2000,
    )


def _same(order: InterpreterOrder) -> InterpreterOrder:
    return order
