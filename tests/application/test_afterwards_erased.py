"""What both sides wrote about a session goes with the person, and what was counted stays."""

from datetime import timedelta
from typing import Any

import pytest

from api import serving
from centre import Centre, Json, Person, z
from conftest import Clock
from interpreters.application.calls import run
from interpreters.database import Pool
from over import over, path_of

pytestmark = pytest.mark.anyio


async def written(network: Any, clock: Clock) -> tuple[Centre, Person, Json]:
    """A session that was corrected, rated by both sides, and disputed."""
    centre, person, booking = await over(network, clock)
    clock.now += timedelta(hours=1)
    corrected = {"ended_at": z(clock.now - timedelta(minutes=30)), "reason": "words 1"}
    for api, verb, body in (
        (person.api, "correct-times", corrected),
        (centre.school, "rate", {"stars": 2, "note": "words 2"}),
        (person.api, "rate", {"stars": 5, "note": "words 3"}),
    ):
        answer = await api.post(path_of(booking, verb), body)
        assert answer.status_code == 200, answer.text
    made = await centre.school.post(path_of(booking, "dispute"), {"reason": "words 4"})
    answer = {"answer": "words 5", "outcome": "rejected"}
    closed = await centre.coordinator.post(f"/v1/disputes/{made.json()['id']}/answer", answer)
    assert closed.status_code == 200
    return centre, person, booking


async def words(centre: Centre) -> list[str]:
    """Return the tables that still hold words, with how many."""
    network_id = centre.network.id
    asked = {
        "disputes": "SELECT count(d.reason) + count(d.answer) FROM disputes d"
        " WHERE d.network_id = $1",
        "ratings": "SELECT count(r.note) FROM ratings r WHERE r.network_id = $1",
        "time_changes": "SELECT count(t.reason) FROM time_changes t WHERE t.network_id = $1",
    }
    found = []
    for table, statement in asked.items():
        count = await run(
            centre.network.pool, network_id, lambda db, one=statement: db.fetchval(one, network_id)
        )
        found += [f"{table} {count}"] if count else []
    return found


async def rest(centre: Centre, booking: Json) -> Any:
    """Return what must be the same afterwards."""
    disputes = (await centre.coordinator.get("/v1/disputes")).json()["items"]
    ratings = (await centre.coordinator.get(path_of(booking, "ratings"))).json()["items"]
    entries = (await centre.coordinator.get("/v1/usage/entries")).json()["items"]
    return (
        [(one["state"], one["outcome"]) for one in disputes],
        [(one["rated_by"], one["stars"]) for one in ratings],
        sorted((one["kind"], one["charge"]["amount_minor"]) for one in entries),
    )


async def test_words_about_a_session_go_with_the_client(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, _, booking = await written(network, clock)
        assert await words(centre) == ["disputes 2", "ratings 2", "time_changes 1"]
        before = await rest(centre, booking)
        client = (await centre.school.get("/v1/clients")).json()["items"][0]["id"]
        assert (await centre.school.delete(f"/v1/clients/{client}")).status_code == 204
        assert await words(centre) == []
        assert await rest(centre, booking) == before


async def test_words_about_a_session_go_with_the_interpreter(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, person, booking = await written(network, clock)
        before = await rest(centre, booking)
        gone = await centre.coordinator.post(f"/v1/interpreters/{person.id}/erase")
        assert gone.status_code in (200, 204), gone.text
        assert await words(centre) == []
        assert await rest(centre, booking) == before


async def test_another_clients_words_stay(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, _, _ = await written(network, clock)
        other = await centre.made(centre.school, "/v1/clients", {"reference": "LV-2"})
        assert (await centre.school.delete(f"/v1/clients/{other['id']}")).status_code == 204
        assert await words(centre) == ["disputes 2", "ratings 2", "time_changes 1"]
