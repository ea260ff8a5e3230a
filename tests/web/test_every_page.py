"""Every page that somebody signed in can reach by links, looked at in a real browser.

Nobody lists the pages: links are followed from each workplace. `make e2e` looks at all languages.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from api import serving
from browser import Browser, app_of, barriers, browsing
from centre import START, Centre
from conftest import Clock
from crawling import FORGOTTEN, TOO_WIDE, pages, sign_in
from interpreters.database import Pool
from interpreters.domain.ids import INSTITUTION, INTERPRETER, read_id
from interpreters.domain.language_catalogue import catalogue
from interpreters.domain.pseudo_languages import PSEUDO
from interpreters.domain.told_sessions import language_name
from interpreters.domain.wording import COMPLETE

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]
# The main pages of each workplace are looked at in English and Latvian as well, by their own tests.
SPOKEN = tuple(COMPLETE) if os.environ.get("E2E") == "all" else ("fa",)
LANGUAGES = [language_name(one, code) for one in ("en", "ar") for code in catalogue().languages]
PHONE = {"width": 320, "height": 700}
WORKPLACES = {
    "coordinator": ("/board", 5), "finance": ("/finance", 3),
    "consultant": ("/desk", 4), "interpreter": ("/app", 1),
}  # fmt: skip


@asynccontextmanager
async def lived_in(pool: Pool, clock: Clock) -> AsyncIterator[tuple[Centre, dict[str, str], Any]]:
    """Open a centre where things have happened; yield it, tokens by role, and the application."""
    async with serving(pool, clock) as network:
        clock.now = START - timedelta(days=2)
        centre = await Centre(network, clock).open()
        people = await centre.people(3)
        over = await centre.booked(people[0])
        await centre.asked(starts_at=(START + timedelta(days=1)).isoformat())
        await centre.asked(language="tamil", starts_at=(START + timedelta(days=2)).isoformat())
        bank, _ = await network.institution("Bank")
        await centre.made(
            centre.coordinator, "/v1/requests",
            centre.order(institution_id=bank, modes=["phone"], site_id=..., interpreters_needed=2,
                         on_behalf_of={"institution_id": centre.institution["id"]},
                         starts_at=(START + timedelta(days=3)).isoformat()),
        )  # fmt: skip
        clock.now = START
        for verb, later in (("check-in", 0), ("start", 0), ("end", 70)):
            clock.now = START + timedelta(minutes=later)
            await people[0].api.post(f"/v1/bookings/{over['id']}/{verb}")
        school = read_id(INSTITUTION, centre.institution["id"])
        who = read_id(INTERPRETER, people[1].id)
        tokens = {
            role: (await network.person(roles, email=f"{role}@example.org", **owner)).token
            for role, roles, owner in (
                ("coordinator", ["coordinator", "finance"], {}),
                ("finance", ["finance"], {}),
                ("consultant", ["consultant"], {"institution_id": school}),
                ("interpreter", ["interpreter"], {"interpreter_id": who}),
            )
        }
        yield centre, {role: str(token) for role, token in tokens.items()}, app_of(network.client)


async def opened(
    browser: Browser, tokens: dict[str, str], role: str, language: str, page: Any
) -> Any:
    await sign_in(browser, page, tokens[role])
    async for path in pages(browser, page, WORKPLACES[role][0], language):
        yield path


@pytest.mark.parametrize("role", WORKPLACES)
async def test_every_page_keeps_nobody_out(pool: Pool, clock: Clock, role: str) -> None:
    """axe finds nothing, nothing asks elsewhere, nothing breaks the Content-Security-Policy."""
    async with lived_in(pool, clock) as (_, tokens, app), browsing(app) as browser:
        for language in SPOKEN:
            seen = []
            async with browser.page(viewport={"width": 1280, "height": 900}) as page:
                async for path in opened(browser, tokens, role, language, page):
                    seen.append(path)
                    assert (path, language, await barriers(page)) == (path, language, [])
            assert len(seen) >= WORKPLACES[role][1], seen
        assert browser.complaints == []


@pytest.mark.parametrize("role", WORKPLACES)
async def test_every_text_may_be_long_and_was_given_to_be_translated(
    pool: Pool, clock: Clock, role: str
) -> None:
    """On the narrowest phone, in two languages nobody speaks: long, and mirrored."""
    async with lived_in(pool, clock) as (_, tokens, app), browsing(app) as browser:
        for language in PSEUDO:
            async with browser.page(viewport=PHONE) as page:
                async for path in opened(browser, tokens, role, language, page):
                    wide = await page.evaluate(TOO_WIDE)
                    assert not wide, (path, language, wide)
                    forgotten = await page.evaluate(FORGOTTEN, LANGUAGES)
                    assert not forgotten, (path, forgotten)
