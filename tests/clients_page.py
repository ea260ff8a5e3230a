"""A centre whose clients get links, and their pages, for tests."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import httpx

from centre import Centre, Json, Person
from interpreters.domain.ids import CLIENT_LINK, read_id


async def open_centre(centre: Centre, **person: Any) -> Person:
    """Open a centre that gives links, with one interpreter."""
    await centre.open(client_links=True)
    return await centre.person(
        **{"display_name": "Zahra Ahmadi-Noori", "gender": "female", **person}
    )


async def link(centre: Centre, booking: Json, **body: Any) -> Json:
    """Make a link for the booking's client."""
    return await centre.made(centre.school, f"/v1/bookings/{booking['id']}/client-link", body)


def path_of(made: Json) -> str:
    """Return the path of a link's address."""
    return str(made["url"]).partition("://")[2].partition("/")[2].join(("/", ""))


async def opened(centre: Centre, made: Json, **headers: str) -> httpx.Response:
    return await centre.network.client.get(path_of(made), headers=headers)


async def sent(
    centre: Centre, made: Json, kind: str, said: str = "", headers: Mapping[str, str] | None = None
) -> httpx.Response:
    """Send one of the page's forms."""
    return await centre.network.client.post(
        path_of(made), data={"kind": kind, "said": said}, headers=dict(headers or {})
    )


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def text_of(response: httpx.Response) -> str:
    """Return what a reader of the page reads, without the list of languages."""
    parser = _Text()
    parser.feed(response.text.partition("<main>")[2])
    return re.sub(r"\s+", " ", " ".join(parser.parts)).strip()


def key_of(made: Json) -> Any:
    """Return the link's id as it is stored."""
    return read_id(CLIENT_LINK, made["id"])
