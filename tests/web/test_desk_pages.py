"""The desk: consultants ask for interpreters, see how it goes, change it and call it off."""

from typing import Any

import httpx
import pytest

from api import Api, serving
from centre import Centre
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.ids import INSTITUTION, read_id

pytestmark = pytest.mark.anyio
FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}


class Desk:
    """Somebody at the desk: pages and forms, signed in."""

    def __init__(self, api: Api) -> None:
        self.api = api

    async def page(self, path: str, **headers: str) -> httpx.Response:
        return await self.api.get(path, headers={"accept": "text/html", **headers})

    async def send(self, path: str, **fields: Any) -> httpx.Response:
        return await self.api.client.post(
            path, data=fields, headers={**FORM, "authorization": f"Bearer {self.api.token}"}
        )


def fields(centre: Centre, **changes: Any) -> dict[str, Any]:
    form = {
        "key": "one", "language": "dari", "when": "later", "date": "2026-11-25", "time": "10:00",
        "duration_minutes": "60", "mode": ["in_person"], "site_id": centre.site["id"],
        "client": "LV-1042", "topic": "health", **changes,
    }  # fmt: skip
    return {name: value for name, value in form.items() if value is not ...}


async def consultant(centre: Centre, institution: Any = None) -> Desk:
    key = read_id(INSTITUTION, (institution or centre.institution)["id"])
    return Desk(await centre.network.person(["consultant"], institution_id=key,
                                            email="anna@example.org"))  # fmt: skip


async def test_a_request_is_asked_for_with_the_clock_of_the_place(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        desk = await consultant(centre)
        made = await desk.send("/desk/new", **fields(centre))
        assert made.status_code == 303, made.text
        path = made.headers["location"]
        request = (await centre.coordinator.get(path.replace("/desk", "/v1"))).json()
        assert request["starts_at"] == "2026-11-25T08:00:00Z"  # in Riga 10:00
        assert (request["topic"], request["clients"][0]["reference"]) == ("health", "LV-1042")
        shown = await desk.page(path)
        assert shown.status_code == 200
        assert "Dari" in shown.text
        assert "LV-1042" in (await desk.page("/desk")).text
