"""Ladders as data: the network's, an institution's own, one changed during a search."""

from datetime import timedelta
from typing import Any

import pytest

from api import serving
from centre import START, Centre, Json, z
from interpreters.application.calls import run
from interpreters.database import Db, Pool

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)
PAIRS = {"chance": 0.7, "gaps": [{"lead": None, "gap": 60}],
         "answers": [{"lead": None, "until": "after_offer", "seconds": 1200}]}  # fmt: skip


async def set_ladder(centre: Centre, ladder: Json | None) -> Json:
    path = f"/v1/institutions/{centre.institution['id']}"
    changed = await centre.coordinator.patch(path, {"ladder": ladder})
    assert changed.status_code == 200, changed.text
    shown: Json = changed.json()
    assert (await centre.coordinator.get(path)).json() == shown
    return shown


async def test_an_institution_has_its_own_ladder_in_place_of_the_networks(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        people = await centre.people(6)
        assert centre.institution["ladder"] is None
        await centre.coordinator.patch("/v1/network", {"ladder": {"chance": 0.9}})
        assert (await set_ladder(centre, PAIRS))["ladder"]["chance"] == 0.7

        request = await centre.asked()

        states = await centre.states(request)
        assert len(states) == 2  # 1 - 0.3 ** 2 >= 0.85
        asked = [one for one in people if str(one.key) in states]
        assert (await asked[0].offer(request))["answer_by"] == z(clock.now + 20 * MINUTE)
        assert (await centre.due(request))["ladder"] == clock.now + MINUTE
        await set_ladder(centre, None)
        assert len(await centre.states(await centre.asked(clients=[{"reference": "LV-2"}]))) == 1


async def test_a_ladder_changed_while_a_request_searches_applies_from_its_next_step(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(9)
        centre.at(hours=20)
        request = await centre.asked()
        before = await centre.due(request)
        assert before["ladder"] == clock.now + 10 * MINUTE
        assert len(await centre.states(request)) == 4

        await set_ladder(centre, PAIRS)

        assert await centre.due(request) == before
        clock.now = before["ladder"]
        await centre.step(request)
        assert len(await centre.states(request)) == 6
        assert (await centre.due(request))["ladder"] == clock.now + MINUTE


async def test_every_change_of_a_ladder_has_a_version_of_its_own(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()

        async def version(ladder: Json | None) -> int:
            shown = await centre.coordinator.patch("/v1/network", {"ladder": ladder})
            number: int = shown.json()["ladder"]["version"]
            return number

        assert [await version(one) for one in (PAIRS, {}, None, PAIRS)] == [2, 3, 4, 5]
        first = (await set_ladder(centre, PAIRS))["ladder"]["version"]
        assert (await set_ladder(centre, None))["ladder"] is None
        assert (await set_ladder(centre, PAIRS))["ladder"]["version"] > first
        renamed = await centre.coordinator.patch(
            f"/v1/institutions/{centre.institution['id']}", {"name": "Other"}
        )
        assert renamed.json()["ladder"]["chance"] == 0.7


async def test_an_offer_keeps_the_version_of_the_ladder_it_was_made_by(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(1)

        async def kept() -> list[int]:
            async def work(db: Db) -> Any:
                return await db.fetch(
                    "SELECT o.ladder_version FROM offers o WHERE o.network_id = $1 ORDER BY o.id",
                    network.id,
                )

            return [row["ladder_version"] for row in await run(pool, network.id, work)]

        await centre.asked()
        clock.now += MINUTE
        await centre.coordinator.patch("/v1/network", {"ladder": PAIRS})
        await centre.asked()
        clock.now += MINUTE
        own = (await set_ladder(centre, PAIRS))["ladder"]["version"]
        await centre.asked()

        assert await kept() == [1, 2, own]


@pytest.mark.parametrize(
    ("ladder", "pointer"),
    [
        ({"gaps": []}, "/ladder"),
        ({"answers": [{"lead": 60, "until": "after_offer", "seconds": 1}]}, "/ladder"),
        ({"chance": 1}, "/ladder/chance"),
        ({"on_call_again": 5}, "/ladder/on_call_again"),
        ({"quiet_hours": "never"}, "/ladder/quiet_hours"),
        ({"speed": 1}, "/ladder/speed"),
    ],
)
async def test_a_ladder_that_cannot_work_is_refused(
    pool: Pool, clock: Any, ladder: Json, pointer: str
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        for path in ("/v1/network", f"/v1/institutions/{centre.institution['id']}"):
            refused = await centre.coordinator.patch(path, {"ladder": ladder})
            assert refused.status_code == 422, refused.text
            assert [one["pointer"] for one in refused.json()["errors"]] == [pointer]


async def test_an_institution_does_not_change_its_ladder_itself(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        path = f"/v1/institutions/{centre.institution['id']}"
        assert (await centre.school.patch(path, {"ladder": PAIRS})).status_code == 403
        clock.now = START - timedelta(days=1)
        sent: Json = {"name": "Court", "kind": "justice", "ladder": {"threshold": 0.99}}
        made = await centre.made(centre.coordinator, "/v1/institutions", sent)
        assert (made["ladder"]["threshold"], made["ladder"]["version"]) == (0.99, 1)
