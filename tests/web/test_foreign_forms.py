"""No form of a page counts that another site's page sent with a visitor's cookie."""

import pytest

from api import serving
from conftest import Clock
from interpreters.database import Pool
from interpreters.web.rooms import PAGES

pytestmark = pytest.mark.anyio
# Without an account: a link's token in the address, or the answer to a code, is what counts there.
OPEN = ("/o/", "/a/", "/c/", "/join/", "/sign-in")
FORM = "application/x-www-form-urlencoded"
FOREIGN = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://elsewhere.example"},
    {},
)
# A browser adds it by itself where a proxy in front of the site asks for a password.
PASSWORD = {"authorization": "Basic aW5nYTpzZWNyZXQ="}


def forms() -> list[str]:
    return sorted(
        path
        for room in PAGES
        for route in room.ROUTES
        if "POST" in route.http_methods
        for path in route.paths
        if not path.startswith(OPEN)
    )


@pytest.mark.parametrize("password", [{}, PASSWORD], ids=["plain", "behind-a-password"])
async def test_another_sites_page_sends_nothing(
    pool: Pool, clock: Clock, password: dict[str, str]
) -> None:
    async with serving(pool, clock) as network:
        person = await network.person(["coordinator", "finance"], display_name="Inga")
        cookie = {"cookie": f"interpreters_token={person.token}"}
        before = await network.count("institutions")
        found = forms()
        assert "/board/imports" in found
        for path in found:
            for foreign in FOREIGN:
                answer = await network.client.post(
                    path, content="name=Hospital&kind=health",
                    headers={"content-type": FORM, **cookie, **password, **foreign},
                )  # fmt: skip
                # With an id in the address what is not there may be said first.
                allowed = (403, 404) if "{" in path else (403,)
                assert answer.status_code in allowed, (path, foreign, answer.text)
        assert await network.count("institutions") == before


async def test_another_sites_page_sends_no_table(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        person = await network.person(["coordinator"], display_name="Inga")
        cookie = {"cookie": f"interpreters_token={person.token}"}
        parts = {
            "kind": (None, "institutions"), "mode": (None, "commit"),
            "file": ("table.csv", "name,kind\nHospital,health\n"),
        }  # fmt: skip
        for path in ("/board/imports", "/board/imports/rejected"):
            for foreign in FOREIGN:
                headers = {**cookie, **PASSWORD, **foreign}
                answer = await network.client.post(path, files=parts, headers=headers)
                assert answer.status_code == 403, (path, foreign)
        assert await network.count("institutions") == 0
