"""What a preview tells: how likely, how soon, and what else would do. Nothing is created."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from api import Network, serving
from centre import START, Centre
from interpreters.application.calls import run
from interpreters.application.previews import preview_request
from interpreters.application.request_orders import ClientOrder, RequestOrder
from interpreters.database import Db, Pool
from interpreters.domain.callers import house
from interpreters.domain.ids import INSTITUTION, INTERPRETER, SITE, new_id, read_id
from interpreters.sql.candidates import FIND

pytestmark = pytest.mark.anyio
ENGLISH = [{"code": "dari"}, {"code": "en"}]


async def previewed(centre: Centre, **changes: Any) -> dict[str, Any]:
    order = centre.order(institution_id=centre.institution["id"], **changes)
    response = await centre.coordinator.post("/v1/requests/preview", order)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def changes(preview: dict[str, Any]) -> list[dict[str, Any]]:
    return [one["change"] for one in preview["alternatives"]]


async def test_each_change_that_would_find_somebody_is_told_in_order(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        later = await centre.person(modes=["in_person"])
        other = await centre.asked(clients=[{"reference": "B"}], duration_minutes=30)
        await later.accept(other)  # busy for the first half hour, free after it
        await centre.person(modes=["phone"])
        await centre.person(languages=[{"code": "pes"}, {"code": "lv"}], modes=["in_person"])
        await centre.person(languages=ENGLISH, modes=["in_person"])
        await centre.person(languages=[{"code": "en"}, {"code": "lv"}], modes=["in_person"])
        before = await network.count("outbox")
        told = await previewed(centre)
        assert (told["likelihood"], told["candidates"]) == ("unlikely", 0)
        found = changes(told)
        assert [one["code"] for one in found] == [
            "other_mode", "other_time", "other_time", "neighbour_language", "relay",
        ]  # fmt: skip
        assert found[0] == {"code": "other_mode", "mode": "phone"}
        assert found[1]["starts_at"] == "2026-11-25T08:30:00Z"
        assert found[3]["language"]["code"] == "pes"
        assert found[3]["understood"] == 70
        assert found[4]["pivot"]["code"] == "eng"
        assert found[4]["plan_minutes"] == 80
        assert {one["likelihood"] for one in told["alternatives"][:4]} == {"possible"}
        assert all(one["quote"] is None for one in told["alternatives"])
        assert await network.count("outbox") == before


async def test_an_alternative_comes_true_when_it_is_allowed(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        remote = await centre.person(modes=["video"])
        (change,) = changes(await previewed(centre))
        assert change == {"code": "other_mode", "mode": "video"}
        asked = await centre.asked(fallbacks={"other_mode": True})
        assert (await remote.accept(asked))["mode"] == "video"


async def test_nothing_helps_where_nobody_speaks_the_language(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(2)
        told = await previewed(centre, language="tamil")
        assert (told["likelihood"], told["alternatives"]) == ("unlikely", [])


async def test_a_likelihood_counts_everybody_who_is_needed(pool: Pool, clock: Any) -> None:
    """Four make one yes likely, at 0.38 each; two yeses of four are no longer likely."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(4)
        assert (await previewed(centre))["likelihood"] == "likely"
        assert (await previewed(centre, interpreters_needed=2))["likelihood"] == "possible"
        assert (await previewed(centre, interpreters_needed=5))["likelihood"] == "unlikely"


async def add_answers(
    network: Network, request: dict[str, Any], person: UUID, *, state: str, count: int,
    minutes: int, now: datetime,
) -> None:  # fmt: skip
    """Write answers of the past: as the doors would have, a day before the session."""

    async def work(db: Db) -> None:
        for _ in range(count):
            await db.execute(
                "INSERT INTO offers (network_id, id, request_id, seat, interpreter_id, state,"
                " wave, mode, from_language, to_language, score, reasons, weights_version,"
                " answer_by, answered_at, created_at, version)"
                " SELECT $1, $2, r.id, 1, $3, $4, 1, 'in_person', 'prs', 'lav', 1, '[]', 1, $5,"
                " $6, $5, 1 FROM requests r WHERE r.network_id = $1 LIMIT 1",
                network.id, new_id(now), person, state, now, now + timedelta(minutes=minutes),
            )  # fmt: skip

    assert request["id"]
    await run(network.pool, network.id, work)


async def test_history_speaks_louder_the_more_there_is(pool: Pool, clock: Any) -> None:
    """Of those asked a day before, one in twenty said yes: four people are not likely any more.

    (0 + 3.8) / 10 is the guess; with 60 asked and 3 yes the chance is 6.8 / 70, about 0.097, and
    one yes of four 1 - 0.903 ** 4, about a third: possible.
    """
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, *_ = await centre.people(4)
        asked = await centre.asked()
        assert (await previewed(centre))["likelihood"] == "likely"
        key = read_id(INTERPRETER, one.id)
        now = clock.now
        await add_answers(network, asked, key, state="declined", count=57, minutes=9, now=now)
        await add_answers(network, asked, key, state="accepted", count=3, minutes=9, now=now)
        told = await previewed(centre)
        assert told["likelihood"] == "possible"
        assert told["usual_answer_minutes"] is None, "three are too few to tell"
        await add_answers(network, asked, key, state="accepted", count=2, minutes=20, now=now)
        assert (await previewed(centre))["usual_answer_minutes"] == 9


async def test_history_of_another_lead_or_long_ago_says_nothing(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, *_ = await centre.people(4)
        asked = await centre.asked()
        key = read_id(INTERPRETER, one.id)
        for then in (clock.now - timedelta(days=5), clock.now - timedelta(days=181)):
            await add_answers(network, asked, key, state="declined", count=60, minutes=9, now=then)
        assert (await previewed(centre))["likelihood"] == "likely"


async def test_a_preview_makes_a_bounded_number_of_searches(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person(languages=ENGLISH)
        counts = []
        for more in (2, 40):
            for _ in range(more):
                await centre.person(languages=[{"code": "en"}, {"code": "lv"}])
            counts.append(await searches(centre))
        assert counts[0] == counts[1] <= 11


async def searches(centre: Centre) -> int:
    """Return how many searches a preview makes."""
    seen: list[str] = []
    owner = read_id(INSTITUTION, centre.institution["id"])
    order = RequestOrder(
        institution_id=owner, languages=["prs"], modes=["in_person"], starts_at=START,
        duration_minutes=60, site_id=read_id(SITE, centre.site["id"]),
        clients=[ClientOrder(reference="A")], topic="health",
    )  # fmt: skip
    caller = house(centre.network.id)

    async def work(db: Db) -> None:
        with db.query_logger(lambda record: seen.append(record.query)):
            await preview_request(db, caller, order=lambda: order, now=centre.network.now)

    await run(centre.network.pool, centre.network.id, work)
    return seen.count(FIND)
