"""What nobody may see: all that is answered to each caller, searched for what is not theirs.

Every thing of the world is marked with whose it is. Every door is then used by everybody who may
use it, about everything there is, and all answers are searched for the marks of others.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import httpx
import msgspec
import pytest

from access_rules import ASKERS, CALLERS, COORDINATOR, PAYING, RULES, WHOLE_NETWORK, Kind, Rule
from access_table import things_of
from access_world import World, a_world
from api import serving
from centre import Centre
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.ids import INSTITUTION, read_id

pytestmark = pytest.mark.anyio
EVERYBODY: Final = ("coordinator", "finance", "consultant", "institution", "interpreter")
AT_THE_PLACE: Final = (*PAYING, "interpreter")  # the interpreter after the yes
THEMSELVES: Final = ("coordinator", "interpreter")
# Who sees what of their own side. Coordinators and finance see the same of the whole network.
SEEN_BY: Final = {
    "institution name": AT_THE_PLACE,
    "area": EVERYBODY,
    "site name": AT_THE_PLACE,
    "address": AT_THE_PLACE,
    "site phone": AT_THE_PLACE,
    "site email": AT_THE_PLACE,
    "instructions": (*ASKERS, "interpreter"),
    "connect": (*ASKERS, "interpreter"),
    # Of what waits for a yes the interpreter knows the fields of the offer alone.
    "later site name": PAYING,
    "later address": PAYING,
    "later instructions": ASKERS,
    "later external reference": ASKERS,
    # The client is known to those who help them; their nationality is also counted.
    "reference": ASKERS,
    "group": ASKERS,
    "status": ASKERS,
    "nationality": PAYING,
    "external reference": ASKERS,
    "webhook address": ASKERS,
    # Why a client wants another person, and what they complain of.
    # Who looks after the providers that people sign in with.
    "provider name": COORDINATOR,
    "provider client": COORDINATOR,
    "wish": COORDINATOR,
    "complaint": COORDINATOR,
    "what the institution disputes": PAYING,
    "what the interpreter disputes": ("coordinator", "finance", "interpreter"),
    "expense note": ("coordinator", "finance", "interpreter"),
    "cost centre": ASKERS,
    # Of an interpreter others know the name and the languages; finance whom a statement is for.
    "interpreter name": EVERYBODY,
    "interpreter phone": THEMSELVES,
    "interpreter email": THEMSELVES,
    "home": THEMSELVES,
    "calendar address": (),  # whoever knows it reads it
    "paper number": THEMSELVES,
    "tariff name": PAYING,
    "policy name": PAYING,
    "funding number": PAYING,
    "funding name": PAYING,
    "donor": PAYING,
    "charge": PAYING,
    "pay": ("coordinator", "finance", "interpreter"),
}
ACCEPT: Final = "POST /v1/offers/{id}/accept"
OFFER: Final = {
    "id", "request_id", "state", "from_language", "to_language", "mode", "starts_at", "ends_at",
    "time_zone", "duration_minutes", "area", "topic", "pay", "answer_by",
}  # fmt: skip
OF_SOME_OFFERS: Final = {"briefing_minutes", "standby"}  # only where there is something to say
BRIEFLY: Final = {"id", "display_name", "languages"}
OF_THE_CLIENT: Final = {
    "clients", "client", "client_references", "reference", "nationality", "group", "cost_centre",
}  # fmt: skip
SINCE: Final = "updated_since=2026-11-01T00:00:00Z"
IN_THE_NETWORK: Final = [
    one for one in CALLERS if one.role and not one.lacks_scope and not one.pretends
]

Told = list[tuple[str, Any]]  # the route and what it answered


@pytest.fixture(scope="module")
async def world(template: str) -> AsyncIterator[World]:
    async with a_world(template) as made:
        yield made


@pytest.fixture(scope="module")
async def told(world: World) -> dict[str, Told]:
    """All that is answered to each role, noes as well; to keys and to people signed in."""
    found: dict[str, Told] = {}
    for one in IN_THE_NETWORK:
        found.setdefault(one.role, []).extend(await _all_answers(world, one))
    return found


async def _all_answers(world: World, caller: Kind) -> Told:
    found: Told = []
    for rule in (one for one in RULES if not one.public):
        for things in things_of(rule):
            for query in _queries(world, rule):
                answer = await world.call(rule, things, caller, query=query)
                if "json" in answer.headers.get("content-type", "") and answer.content:
                    found.append((rule.route, msgspec.json.decode(answer.content)))
    return found


def _queries(world: World, rule: Rule) -> Iterator[str]:
    """Yield the ways a list is asked for: plainly, about each side's things, what changed."""
    yield ""
    for name, kind in rule.filters.items():
        yield from (f"{name}={side.things[kind]}" for side in world.sides.values())
    if rule.followed:
        yield SINCE


def _leaves(node: Any) -> Iterator[Any]:
    """Yield every value of an answer that is not made of others."""
    if isinstance(node, dict):
        for value in node.values():
            yield from _leaves(value)
    elif isinstance(node, list):
        for value in node:
            yield from _leaves(value)
    else:
        yield node


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of an answer, also those within others."""
    if isinstance(node, dict):
        yield node
    for value in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from _objects(value)


def _holds(leaf: Any, mark: Any) -> bool:
    """Tell whether a value is the mark or, of a text, holds it."""
    if isinstance(mark, str) and isinstance(leaf, str):
        return leaf == mark or (len(mark) > 2 and mark in leaf)
    return type(leaf) is type(mark) and leaf == mark


def _seen(world: World, answers: Told, side: str) -> set[str]:
    """Return the names of the side's marks that turn up in the answers."""
    marks = world.sides[side].marks
    return {
        name
        for route, answer in answers
        for leaf in _leaves(answer)
        for name, mark in marks.items()
        if _holds(leaf, mark) and not (route == ACCEPT and name.startswith("later"))
    }


def _allowed(role: str, side: str) -> set[str]:
    mine = side == "own" or (side == "other" and role in WHOLE_NETWORK)
    return {name for name, roles in SEEN_BY.items() if role in roles and mine}


@pytest.mark.parametrize("role", EVERYBODY)
@pytest.mark.parametrize("side", ["own", "other", "foreign"])
async def test_everybody_sees_what_is_theirs_and_nothing_else(
    world: World, told: dict[str, Told], role: str, side: str
) -> None:
    assert set(world.sides[side].marks) == set(SEEN_BY)
    assert _seen(world, told[role], side) == _allowed(role, side)


@pytest.mark.parametrize("role", EVERYBODY)
async def test_ids_of_others_are_nowhere(world: World, told: dict[str, Told], role: str) -> None:
    sides = ["foreign"] if role in WHOLE_NETWORK else ["other", "foreign"]
    others = {one for side in sides for one in world.sides[side].things.values()}
    leaves = {leaf for _, answer in told[role] for leaf in _leaves(answer)}
    assert len(leaves) > 50
    assert {one for one in others if any(_holds(leaf, one) for leaf in leaves)} == set()


@pytest.mark.parametrize("role", ["consultant", "institution"])
async def test_institutions_see_of_interpreters_their_name_and_languages(
    told: dict[str, Told], role: str
) -> None:
    people = [
        one
        for _, answer in told[role]
        for one in _objects(answer)
        if str(one.get("id")).startswith("int_")
    ]
    assert any("languages" in one for one in people)
    assert [one for one in people if not set(one) <= BRIEFLY] == []


@pytest.mark.parametrize("role", ["consultant", "institution"])
async def test_institutions_do_not_see_what_interpreters_are_paid(
    told: dict[str, Told], role: str
) -> None:
    found = [
        (route, name, value)
        for route, answer in told[role]
        for one in _objects(answer)
        for name, value in one.items()
        if name.startswith("pay")
    ]
    assert {route for route, _, _ in found} >= {
        "GET /v1/usage", "GET /v1/usage/entries", "GET /v1/tariffs", "GET /v1/tariffs/{id}",
        "GET /v1/cancellation-policies", "GET /v1/cancellation-policies/{id}",
    }  # fmt: skip
    assert [one for one in found if one[2] is not None] == []


async def test_interpreters_see_nothing_of_prices_or_of_the_client(told: dict[str, Told]) -> None:
    objects = [(route, one) for route, answer in told["interpreter"] for one in _objects(answer)]
    names = {(route, name) for route, one in objects for name in one}
    assert {(route, name) for route, name in names if name.startswith("charge")} == set()
    assert {(route, name) for route, name in names if name in OF_THE_CLIENT} == set()
    assert {one.get("external_reference") for _, one in objects} == {None}


async def test_before_the_yes_an_offer_shows_its_fields_and_nothing_else(
    world: World, told: dict[str, Told]
) -> None:
    offers = [
        one
        for _, answer in told["interpreter"]
        for one in _objects(answer)
        if str(one.get("id")).startswith("off_")
    ]
    assert [one for one in offers if set(one) - OF_SOME_OFFERS != OFFER] == []
    # Four were asked: three came about, one is declined in one of the calls.
    assert {one["state"] for one in offers} == {"open", "accepted", "declined"}
    closed = [one for one in offers if one["state"] not in ("open", "accepted")]
    assert {one[name] for one in closed for name in ("area", "topic", "pay")} == {None}


async def test_the_feed_of_offers_does_not_tell_who_asks(told: dict[str, Told]) -> None:
    ids = [
        one["data"]["ids"]
        for route, answer in told["interpreter"]
        for one in _objects(answer)
        if route == "GET /v1/events" and str(one.get("type")).startswith("offer.")
    ]
    assert len(ids) > 3
    assert {one[name] for one in ids for name in ("institution_id", "booking_id")} == {None}


async def test_the_yes_shows_the_place(world: World, told: dict[str, Told]) -> None:
    marks = world.sides["own"].marks
    shown = [
        leaf for route, answer in told["interpreter"] if route == ACCEPT for leaf in _leaves(answer)
    ]
    for name in ("later site name", "later address", "later instructions"):
        assert marks[name] in shown
    assert marks["later external reference"] not in shown


async def test_a_token_is_shown_by_nothing_but_its_making(told: dict[str, Told]) -> None:
    shown = {
        route
        for answers in told.values()
        for route, answer in answers
        for leaf in _leaves(answer)
        if str(leaf).startswith(("ik_", "st_"))
    }
    assert shown == {"POST /v1/institutions/{id}/keys"}


# What a body may name, with its kind, and who sends it. Institutions may try others' things.
NAMED: Final = (
    ("POST /v1/requests", "site_id", "site", "institution key"),
    ("POST /v1/requests", "site_id", "site", "coordinator"),
    ("POST /v1/requests", "institution_id", "institution", "institution key"),
    ("POST /v1/requests", "institution_id", "institution", "coordinator"),
    ("POST /v1/requests", "on_behalf_of/institution_id", "institution", "institution key"),
    ("POST /v1/requests/preview", "site_id", "site", "institution key"),
    ("POST /v1/requests/preview", "institution_id", "institution", "institution key"),
    ("POST /v1/clients", "institution_id", "institution", "institution key"),
    ("POST /v1/clients", "institution_id", "institution", "coordinator"),
    ("POST /v1/requests/{id}/assign", "interpreter_id", "interpreter", "coordinator"),
    ("POST /v1/institutions", "preferred_interpreter_ids/0", "interpreter", "coordinator"),
    ("PATCH /v1/institutions/{id}", "blocked_interpreter_ids/0", "interpreter", "coordinator"),
)


@pytest.mark.parametrize(("route", "field", "kind", "caller"), NAMED)
async def test_a_body_that_names_what_is_anothers_is_answered_as_one_that_names_nothing(
    world: World, route: str, field: str, kind: str, caller: str
) -> None:
    rule = next(one for one in RULES if one.route == route)
    whole = caller == "coordinator"
    anothers = {
        await _naming(world, rule, field, world.thing(kind, which), caller)
        for which in (["foreign"] if whole else ["other", "foreign"])
    }
    nothing = await _naming(world, rule, field, world.thing(kind, "missing"), caller)
    assert anothers == {nothing}
    assert nothing[0] < 500


async def _naming(
    world: World, rule: Rule, field: str, value: str, caller: str
) -> tuple[int, str | None, str]:
    """Call with the field set to the id; return the status, code and words, without the id."""
    head, _, tail = field.partition("/")
    body = msgspec.json.decode(world.body(rule) or b"{}")
    body[head] = value if not tail else [value] if tail == "0" else {tail: value}
    kind = next(one for one in CALLERS if one.name == caller)
    things = things_of(rule)[0]
    answer = await world.call(rule, things, kind, body=msgspec.json.encode(body))
    told = answer.json()
    words = str(told.get("detail")) + str(told.get("errors"))
    return answer.status_code, told.get("code"), words.replace(value, "it")


async def test_a_filter_that_names_what_is_anothers_finds_what_one_that_names_nothing_finds(
    world: World,
) -> None:
    asked = 0
    for rule in (one for one in RULES if one.filters):
        for caller in (one for one in IN_THE_NETWORK if one.role in rule.may):
            sides = ["foreign"] if caller.role in WHOLE_NETWORK else ["other", "foreign"]
            for name, kind in rule.filters.items():
                found = [
                    await world.call(rule, (), caller, query=f"{name}={world.thing(kind, which)}")
                    for which in [*sides, "missing"]
                ]
                assert len({(one.status_code, one.content) for one in found}) == 1, (rule, caller)
                asked += 1
    assert asked > 20


async def test_small_counts_of_people_are_few_to_institutions(pool: Pool, clock: Clock) -> None:
    """Two who do not speak the language could be known by their number; three inactive not."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(2, languages=[{"code": "pashto"}, {"code": "lv"}])
        await centre.people(3, active=False)
        body = centre.order()
        few = [{"code": "language", "count": "few"}, {"code": "inactive", "count": 3}]
        exact = [{"code": "language", "count": 2}, {"code": "inactive", "count": 3}]

        preview = (await centre.school.post("/v1/requests/preview", body)).json()
        assert (preview["excluded"], preview["candidates"]) == (few, None)
        asked = await centre.asked()
        assert (asked["state"], asked["excluded"]) == ("unfilled", few)
        path = f"/v1/requests/{asked['id']}"
        assert (await centre.school.get(path)).json()["excluded"] == few
        listed = (await centre.school.get("/v1/requests")).json()["items"]
        assert [one["excluded"] for one in listed] == [few]

        body["institution_id"] = centre.institution["id"]
        preview = (await centre.coordinator.post("/v1/requests/preview", body)).json()
        assert (preview["excluded"], preview["candidates"]) == (exact, 0)
        assert (await centre.coordinator.get(path)).json()["excluded"] == exact
        found = (await centre.coordinator.get(f"{path}/candidates")).json()
        assert found["excluded"] == exact


async def test_what_a_consultant_was_answered_is_not_told_again_to_the_same_person_as_interpreter(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        someone = await network.person(
            ("consultant", "interpreter"), email="both@example.org",
            institution_id=read_id(INSTITUTION, centre.institution["id"]),
            interpreter_id=(await centre.person()).key,
        )  # fmt: skip
        once = {"Idempotency-Key": "once"}

        async def asked(role: str) -> httpx.Response:
            headers = {**once, "Role": role}
            return await someone.post("/v1/requests", centre.order(), headers=headers)

        first, again, other = (
            await asked("consultant"),
            await asked("consultant"),
            await asked("interpreter"),
        )
        assert (first.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
        assert first.json()["clients"] == again.json()["clients"]
        assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
