"""A form counts once for all that stands in it, and for whoever sent it."""

import httpx
import pytest

from api import Api, serving
from conftest import Clock
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
NEW = "/board/institutions/new"


async def send(api: Api, path: str, **fields: str) -> httpx.Response:
    return await api.call(
        "POST", path, content=str(httpx.QueryParams(fields)),
        headers={"sec-fetch-site": "same-origin",
                 "content-type": "application/x-www-form-urlencoded"},
    )  # fmt: skip


async def names(api: Api) -> list[str]:
    return sorted(one["name"] for one in (await api.get("/v1/institutions")).json()["items"])


async def test_what_is_sent_twice_counts_once_and_what_is_written_anew_counts_anew(
    pool: Pool, clock: Clock
) -> None:
    """Whoever goes back in the browser and writes something else is not told that it was done."""
    async with serving(pool, clock) as network:
        person = await network.person(["coordinator"], display_name="Inga")
        first = await send(person, NEW, key="a", name="Hospital", kind="health")
        again = await send(person, NEW, key="a", name="Hospital", kind="health")
        other = await send(person, NEW, key="a", name="School", kind="education")
        assert first.status_code == again.status_code == other.status_code == 303
        assert first.headers["location"] == again.headers["location"]
        assert first.headers["location"] != other.headers["location"]
        assert await names(person) == ["Hospital", "School"]


async def test_one_key_at_two_addresses_is_two_forms(pool: Pool, clock: Clock) -> None:
    """A page has several forms; one of them sent does not keep the others from being sent."""
    async with serving(pool, clock) as network:
        person = await network.person(["coordinator"], display_name="Inga")
        made = await send(person, NEW, key="a", name="Hospital", kind="health")
        page = made.headers["location"].partition("?")[0]
        keyed = await send(person, f"{page}/keys", key="a", name="Software", mode="live")
        again = await send(person, f"{page}/keys", key="a", name="Software", mode="live")
        assert keyed.status_code == again.status_code == 200
        listed = await person.get(f"/v1/institutions/{page.rpartition('/')[2]}/keys")
        assert len(listed.json()["items"]) == 1


async def test_the_key_of_somebody_elses_form_tells_nothing_of_theirs(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        person = await network.person(["coordinator"], display_name="Inga")
        other = await network.person(["coordinator"], display_name="Marta")
        first = await send(person, NEW, key="a", name="Hospital", kind="health")
        theirs = await send(other, NEW, key="a", name="Hospital", kind="health")
        assert theirs.headers["location"] != first.headers["location"]
