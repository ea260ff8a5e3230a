"""Lists: newest first, whole through their pages, and of a bounded size."""

import pytest

from api import serving
from centre import Centre
from conftest import Clock
from interpreters.database import Pool

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("limit", ["200", "201", "1000000", str(10**30)])
async def test_a_page_holds_at_most_200(pool: Pool, clock: Clock, limit: str) -> None:
    async with serving(pool, clock) as network:
        _, software = await network.institution()
        coordinator = await network.caller("coordinator")
        for number in range(205):
            sent = {"reference": f"LV-{number}"}
            assert (await software.post("/v1/clients", sent)).status_code == 201
        page = (await coordinator.get(f"/v1/clients?limit={limit}")).json()
        assert len(page["items"]) == 200
        assert f"limit={limit}" in page["next"]


@pytest.mark.parametrize("limit", ["0", "-1", str(-(10**30)), "", "x", "1.5", "nan"])
async def test_a_page_of_nothing_is_refused(pool: Pool, clock: Clock, limit: str) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        response = await coordinator.get(f"/v1/institutions?limit={limit}")
        assert response.status_code == 422
        assert response.json()["errors"][0]["pointer"] == "/limit"


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "%00", "é", "A" * 300, "!!!!", "A" * 21])
async def test_a_cursor_that_is_not_ours_is_refused(pool: Pool, clock: Clock, cursor: str) -> None:
    async with serving(pool, clock) as network:
        institution, _ = await network.institution()
        coordinator = await network.caller("coordinator")
        here = f"/v1/institutions/{institution}"
        for path in ("/v1/institutions", "/v1/clients", f"{here}/sites", f"{here}/keys"):
            response = await coordinator.get(f"{path}?cursor={cursor}")
            assert response.status_code == 422, path
            assert response.json()["errors"][0]["pointer"] == "/cursor"


async def test_the_pages_hold_everything_once_newest_first(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        _, software = await network.institution()
        made = []
        for number in range(7):
            response = await software.post("/v1/clients", {"reference": f"LV-{number}"})
            made.append(response.json()["id"])
        seen: list[str] = []
        path = "/v1/clients?limit=3"
        sizes = []
        while path is not None:
            page = (await software.get(path)).json()
            seen += [one["id"] for one in page["items"]]
            sizes.append(len(page["items"]))
            path = page["next"]
        assert sizes == [3, 3, 1]
        assert sorted(seen) == sorted(made)
        assert seen == sorted(seen, reverse=True)


async def test_everything_is_what_changed_since_the_clocks_of_computers_began(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        request = await centre.asked()
        since = "/v1/requests?updated_since=1970-01-01T00:00:00Z"
        items = (await centre.school.get(since)).json()["items"]
        assert [one["id"] for one in items] == [request["id"]]
        for path in ("/v1/bookings", "/v1/usage/entries"):
            found = await centre.school.get(f"{path}?updated_since=1970-01-01T00:00:00Z")
            assert (found.status_code, found.json()["items"]) == (200, [])
        assert (
            await centre.school.get("/v1/usage?from=1970-01-01&to=1980-01-01")
        ).status_code == 200
