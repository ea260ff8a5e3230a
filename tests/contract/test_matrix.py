"""Every route, every caller, every kind of thing: what is answered is what the table says.

The table is made from `tests/access_rules.py`, which says how to add a route.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import httpx
import msgspec
import pytest

from access_rules import CALLERS, RULES, Rule
from access_table import NOT_THERE, Cell, cells, expected, expected_broken, table, things_of
from access_world import World, a_world
from interpreters.asgi import build_litestar
from interpreters.http.doors import Door

pytestmark = pytest.mark.anyio
WORKPLACES: Final = ("/desk", "/board", "/finance")
TABLE: Final = Path(__file__).parent / "matrix.csv"
CUT: Final = b'{"cut": '
ENVELOPE: Final = ("content-type", "www-authenticate", "etag", "location")


@pytest.fixture(scope="module")
async def world(template: str) -> AsyncIterator[World]:
    async with a_world(template) as made:
        yield made


def routes() -> dict[str, Door | None]:
    """Return every route of the application with what its door says; OPTIONS answer themselves.

    Pages of the workplaces answer people with pages: `tests/web/test_page_access.py` holds those.
    """
    return {
        f"{method} {re.sub(r':[a-z]+}', '}', route.path)}": handler.opt.get("door")
        for route in build_litestar().routes
        for handler in getattr(route, "route_handlers", ())
        for method in handler.http_methods
        if method != "OPTIONS" and not route.path.startswith(WORKPLACES)
    }


def said(response: httpx.Response) -> str:
    """Return the status, and of a no its code."""
    if response.status_code < 400 or "json" not in response.headers.get("content-type", ""):
        return str(response.status_code)
    return f"{response.status_code} {response.json()['code']}"


def whole(response: httpx.Response) -> tuple[object, ...]:
    """Return all that the answer tells, but for its Request-Id and rates."""
    return (
        response.status_code, response.content, *(response.headers.get(one) for one in ENVELOPE),
    )  # fmt: skip


async def test_every_route_has_a_rule_and_every_rule_a_route() -> None:
    ruled = [one.route for one in RULES]
    assert sorted(ruled) == sorted(set(ruled))
    assert sorted(ruled) == sorted(routes()), "see the top of tests/access_rules.py"


async def test_rules_and_doors_say_the_same_of_what_is_public_and_how_a_yes_is_answered() -> None:
    by_route = {one.route: one for one in RULES}
    for route, door in routes().items():
        rule = by_route.get(route)
        if door is not None and rule is not None:  # the test above says which has none
            status = 204 if door.answer is None else door.status
            answer = status if rule.code else rule.answer  # a no for everybody is not said there
            assert (route, door.public, status) == (route, rule.public, answer)


async def test_the_table_is_what_the_rules_say() -> None:
    assert TABLE.read_text(encoding="utf-8") == table(), "write it anew, and read the difference"


async def _odd(world: World, cell: Cell, *, body: bytes | None = None) -> str:
    """Return what is odd about the cell's answer, or nothing."""
    response = await world.call(cell.rule, cell.things, cell.caller, body=body)
    wanted = expected(cell) if body is None else expected_broken(cell)
    return "" if said(response) == wanted else f"{cell.name}: {response.text}, not {wanted}"


@pytest.mark.parametrize("rule", RULES, ids=lambda one: one.route)
async def test_a_route_answers_as_the_table_says(world: World, rule: Rule) -> None:
    odd = [await _odd(world, one) for one in cells(rule)]
    assert [one for one in odd if one] == []


SENDING: Final = [one for one in RULES if one.method not in ("GET", "DELETE")]


@pytest.mark.parametrize("rule", SENDING, ids=lambda one: one.route)
async def test_a_body_that_cannot_be_read_is_looked_at_last(world: World, rule: Rule) -> None:
    odd = [await _odd(world, one, body=CUT) for one in cells(rule)]
    assert [one for one in odd if one] == []


async def test_what_is_not_ones_own_is_refused_in_the_words_of_what_is_not_there(
    world: World,
) -> None:
    told: dict[tuple[str, str], set[tuple[object, ...]]] = {}
    for cell in (one for rule in RULES if rule.of for one in cells(rule)):
        if expected(cell) == NOT_THERE:
            answer = await world.call(cell.rule, cell.things, cell.caller)
            told.setdefault((cell.rule.route, cell.caller.name), set()).add(whole(answer))
    assert len(told) > 100
    assert {name: answers for name, answers in told.items() if len(answers) > 1} == {}


async def test_whoever_has_no_valid_token_is_told_the_same_everywhere(world: World) -> None:
    strangers = [one for one in CALLERS if not one.role]
    told = set()
    for rule in (one for one in RULES if one.stranger == "401 unauthorized" and not one.public):
        for cell in (one for one in cells(rule) if one.caller in strangers):
            told.add(whole(await world.call(rule, cell.things, cell.caller)))
    assert len(told) == 1


async def test_options_tell_nobody_anything(world: World) -> None:
    """No page of another site calls from a browser, so nobody needs to know what may be done."""
    asking = [one for one in CALLERS if one.name in ("nobody", "coordinator")]
    told = set()
    for rule in RULES:
        for things in things_of(rule):
            for caller in asking:
                options = msgspec.structs.replace(
                    rule, route=f"OPTIONS {rule.path}", body=None, query=""
                )
                answer = await world.call(options, things, caller)
                told.add((answer.status_code, answer.content))
    assert len(told) == 1
    assert all(status in (204, 405) for status, _ in told)


async def test_nothing_of_all_this_was_stored(world: World) -> None:
    """The calls above were each made in the same world: their transactions are rolled back."""
    before = await world.stored()
    by_name = {one.name: one for one in CALLERS}
    for rule in (one for one in RULES if one.route in ("POST /v1/requests", "POST /v1/clients")):
        made = await world.call(rule, (), by_name["coordinator"])
        assert made.status_code == 201
    assert await world.stored() == before
    assert any(before.values())
