"""Who looks at the board in tests: browsers without scripts, signed in by a cookie."""

import re
from typing import Any

import httpx

from api import Api, Network

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}


class Desk:
    """A browser without scripts, signed in by its cookie."""

    def __init__(self, person: Api) -> None:
        self.client = person.client
        self.cookie = {"Cookie": f"interpreters_token={person.token}"}

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers={**self.cookie, **headers})

    async def send(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        return await self.client.post(path, data=fields, headers={**self.cookie, **FORM, **headers})


async def anna(network: Network, **fields: Any) -> Desk:
    return Desk(await network.person(["coordinator"], display_name="Anna", **fields))


def hidden(page: str, action: str) -> dict[str, str]:
    """Return the hidden fields of the first form that goes there."""
    form = page[page.index(f'action="{action}"') :]
    form = form[: form.index("</form>")]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
