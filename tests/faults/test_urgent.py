"""Urgent searches are brought before people once each, whatever happens to the workers."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from api import serving
from centre import Centre
from faults.workers import a_valkey, workers
from interpreters.application.calls import run
from interpreters.database import Pool
from servers import database_url
from told import chance

pytestmark = pytest.mark.anyio
SEARCHES: Final = 30
LADDER: Final = {"urgent_widen": 1, "urgent_on_call": 2, "on_call_again": 3600}


class RealClock:
    """The time it is."""

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


async def brought(pool: Pool, centre: Centre) -> Counter[tuple[str, int]]:
    """Return how many searches were brought before people, by kind and round."""
    rows = await run(
        pool,
        centre.network.id,
        lambda db: db.fetch(
            "SELECT e.kind, e.round FROM escalations e WHERE e.network_id = $1", centre.network.id
        ),
    )
    return Counter((row["kind"], row["round"]) for row in rows)


async def test_30_urgent_searches_survive_kills_each_brought_before_people_once(
    pool: Pool, database: str, tmp_path: Path
) -> None:
    url = database_url(role="interpreters_app", database=database)
    clock = RealClock()
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(1)
        changed = await centre.coordinator.patch("/v1/network", {"ladder": LADDER})
        assert changed.status_code == 200, changed.text
        with (
            a_valkey(tmp_path) as valkey,
            workers(2, database_url=url, redis_url=valkey.url, lease=1, folder=tmp_path) as crew,
        ):
            crew[0].wait_for("worker-started")
            asked = [
                await centre.asked(
                    starts_at=..., starts="now", modes=["phone"], site_id=...,
                    clients=[{"reference": f"LV-{number}"}],
                )
                for number in range(SEARCHES)
            ]  # fmt: skip
            with chance(20261124) as dice:
                for _ in range(12):
                    await asyncio.sleep(0.25)
                    one = dice.choice(crew)
                    one.kill()
                    one.start()
                    await asyncio.to_thread(valkey.flush)
            async with asyncio.timeout(30):
                while (await brought(pool, centre)).total() < 2 * SEARCHES:
                    await asyncio.sleep(0.1)
            await asyncio.sleep(1)

        assert await brought(pool, centre) == {("widen", 1): SEARCHES, ("on_call", 1): SEARCHES}
        shown = await centre.request(asked[-1])
        assert [one["kind"] for one in shown["escalations"]] == ["widen", "on_call"]
        told = await run(
            pool,
            network.id,
            lambda db: db.fetch(
                "SELECT o.subject_id, o.state FROM outbox o"
                " WHERE o.network_id = $1 AND o.type = 'request.escalated'",
                network.id,
            ),
        )
        assert len({tuple(row) for row in told}) == len(told) == 2 * SEARCHES
