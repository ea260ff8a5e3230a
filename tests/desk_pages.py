"""Somebody at the desk, for tests: pages, and forms as a browser sends them."""

import re
from typing import Any

import httpx

from api import Api
from centre import Centre
from interpreters.domain.ids import INSTITUTION, read_id

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


async def consultant(
    centre: Centre, institution: Any = None, email: str = "anna@example.org"
) -> Desk:
    key = read_id(INSTITUTION, (institution or centre.institution)["id"])
    return Desk(await centre.network.person(["consultant"], institution_id=key, email=email))


def hidden(page: httpx.Response, name: str) -> str:
    """Return the value of a page's hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None, name
    return found[1]
