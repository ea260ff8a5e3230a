"""The roster and the settings in a real browser: somebody added, a table put right, nobody kept
out.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from api import Api, serving
from browser import SWEPT, Browser, app_of, barriers, browsing
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.ids import USER, show_id

pytestmark = pytest.mark.anyio
NARROW = {"width": 320, "height": 640}
HEAD = "name,phone,languages\n"


@asynccontextmanager
async def signed_in(browser: Browser, person: Api, **context: Any) -> AsyncIterator[Page]:
    async with browser.page(**context) as page:
        await page.context.add_cookies(
            [{"name": "interpreters_token", "value": str(person.token), "url": browser.site}]
        )
        yield page


async def add_laila(page: Page, browser: Browser) -> None:
    """Put somebody on the roster by the keyboard and the labels alone."""
    await page.goto(f"{browser.site}/board/roster/new")
    await page.get_by_label("Name").fill("Laila A.")
    await page.get_by_label("Phone, with the country").fill("25565098")
    await page.locator("#code-0").fill("dari")
    await page.locator("#code-1").fill("latvian")
    await page.get_by_role("button", name="Save").press("Enter")
    await expect(page.locator("#wrong-phone")).to_be_visible()
    await expect(page.get_by_label("Phone, with the country")).to_have_value("25565098")
    await page.get_by_label("Phone, with the country").fill("+371 25565098")
    await page.get_by_role("button", name="Save").press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Laila A.")


async def test_somebody_is_added_and_a_table_is_put_right(
    pool: Pool, clock: Clock, tmp_path: Path
) -> None:
    async with serving(pool, clock) as network:
        inga = await network.person(["coordinator"], display_name="Inga")
        async with (
            browsing(app_of(network.client)) as browser,
            signed_in(browser, inga) as page,
        ):
            await add_laila(page, browser)
            table = tmp_path / "roster.csv"
            table.write_text(f"{HEAD}Omar,+37125565099,dari; lv\nSara,12,pashto; lv\n")
            await page.goto(f"{browser.site}/board/imports")
            await page.get_by_label("The file, CSV or XLSX").set_input_files(table)
            await page.get_by_role("button", name="Look at it first").click()
            wrong = page.get_by_role("region", name="What is wrong")
            await expect(wrong).to_contain_text("phone")
            await expect(wrong).to_contain_text("12")
            async with page.expect_download() as kept:
                await page.get_by_role("button", name="Keep what is wrong as a file").click()
            assert (await kept.value).suggested_filename == "rejected-rows.csv"
            table.write_text(f"{HEAD}Omar,+37125565099,dari; lv\nSara,+37125565012,pashto; lv\n")
            await page.get_by_label("The file, CSV or XLSX").set_input_files(table)
            await page.get_by_role("button", name="Look at it first").click()
            await page.get_by_role("button", name="Take over 2 rows").click()
            await expect(page.get_by_role("heading", name="Taken over")).to_be_visible()
            await page.goto(f"{browser.site}/board/roster?language=pashto")
            await expect(page.get_by_role("table")).to_contain_text("Sara")
            refused = "the server responded with a status of 422"  # of the wrong number
            assert [one for one in browser.complaints if refused not in one] == []


@pytest.mark.parametrize("language", SWEPT)
async def test_these_pages_keep_nobody_out(pool: Pool, clock: Clock, language: str) -> None:
    async with serving(pool, clock) as network:
        inga = await network.person(["coordinator"], display_name="Inga", email="i@example.org")
        coordinator = await network.caller("coordinator")
        made = await coordinator.post(
            "/v1/interpreters",
            {"display_name": "Laila A.", "phone": "+37125565098", "languages": [{"code": "dari"}]},
        )
        school, _ = await network.institution()
        person = f"/board/roster/{made.json()['id']}"
        paper = {"kind": "court", "expires_on": "2020-01-01"}
        await coordinator.post(f"/v1/interpreters/{made.json()['id']}/credentials", paper)
        pages = [
            "/board/roster", "/board/roster/new", person, f"{person}/change", "/board/imports",
            "/board/institutions", f"/board/institutions/{school}",
            f"/board/institutions/{school}/change", f"/board/institutions/{school}/sites/new",
            "/board/users", f"/board/users/{_user(inga)}", "/board/users/new", "/board/network",
        ]  # fmt: skip
        async with (
            browsing(app_of(network.client)) as browser,
            signed_in(browser, inga, viewport=NARROW) as page,
        ):
            for address in pages:
                await page.goto(f"{browser.site}{address}?lang={language}")
                width = await page.evaluate("document.documentElement.scrollWidth")
                assert (address, width) == (address, NARROW["width"])
                assert (address, await barriers(page)) == (address, [])
            assert browser.complaints == []


def _user(person: Api) -> str:
    assert person.user_id is not None
    return show_id(USER, person.user_id)
