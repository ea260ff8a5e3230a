"""A database that takes too long is a 503 to be tried again, never a 500."""

import pytest

from api import serving
from conftest import Clock
from interpreters.database import Pool, open_pool, transaction
from sealing import VAULT
from servers import database_url

pytestmark = pytest.mark.anyio


async def test_a_row_held_for_too_long_answers_503_and_changes_nothing(
    pool: Pool, database: str, clock: Clock
) -> None:
    url = database_url(role="interpreters_app", database=database)
    hasty = await open_pool(url, vault=VAULT, size=2, statement_timeout_seconds=0.4)
    async with serving(hasty, clock) as network:
        coordinator = await network.caller("coordinator")
        made = await coordinator.post("/v1/institutions", {"name": "School", "kind": "education"})
        place = f"/v1/institutions/{made.json()['id']}"
        async with transaction(pool, network.id) as other:
            await other.execute("SELECT i.id FROM institutions i FOR UPDATE")
            slow = await coordinator.patch(place, {"name": "Other"})
        assert (slow.status_code, slow.json()["code"]) == (503, "unavailable")
        assert slow.headers["Retry-After"] == "2"
        assert (await coordinator.get(place)).json()["name"] == "School"
    await hasty.close()
