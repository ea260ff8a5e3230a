"""The desk in a real browser: a consultant asks, somebody says yes, the page shows it by itself."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, expect

from api import Api, serving
from browser import SWEPT, Browser, app_of, barriers, browsing
from centre import Centre
from conftest import Clock
from desk_pages import consultant, fields
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
PHONE = {"width": 320, "height": 640}
WAIT = 10_000


@asynccontextmanager
async def signed_in(browser: Browser, api: Api, **context: object) -> AsyncIterator[Page]:
    """Open a page on which somebody is signed in."""
    async with browser.page(**context) as page:
        await page.context.add_cookies(
            [{"name": "interpreters_token", "value": str(api.token), "url": browser.site}]
        )
        yield page


async def test_dari_tomorrow_by_keyboard_and_the_yes_is_seen_without_a_reload(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        anna = await centre.person()
        desk = await consultant(centre)
        async with (
            browsing(app_of(network.client)) as browser,
            signed_in(browser, desk.api) as page,
        ):
            await page.goto(f"{browser.site}/desk")
            await page.get_by_role("link", name="Ask for an interpreter").last.press("Enter")
            await page.get_by_role("button", name="Send the request").last.press("Enter")
            await expect(page.get_by_role("alert")).to_be_focused()
            language = page.get_by_role("combobox", name="Which language does the client speak?")
            await language.press_sequentially("дари")
            option = page.get_by_role("option", name=re.compile("^Dari"))
            await expect(option).to_be_visible()
            await language.press("ArrowDown")
            await expect(option).to_have_attribute("aria-selected", "true")
            assert await barriers(page) == []
            await language.press("Enter")
            await expect(language).to_have_value("Dari")
            await expect(language).to_have_attribute("aria-expanded", "false")
            await page.get_by_label("Day", exact=True).fill("2026-11-25")
            await page.get_by_label("Start", exact=True).fill("10:00")
            await expect(page.locator("#outlook")).to_contain_text("You may get an interpreter.")
            await page.get_by_label("s code").fill("LV-1042")
            await page.get_by_role("button", name="Send the request").last.press("Enter")
            await expect(page.locator("#live")).to_contain_text("We are asking a few interpreters.")
            await anna.accept({"id": page.url.rpartition("/")[2]})
            await expect(page.locator("#live")).to_contain_text("Person 1", timeout=WAIT)
            await expect(page.locator("#live")).to_contain_text("Filled")
            assert [one for one in browser.complaints if "422" not in one] == []


async def test_now_takes_two_presses_and_is_widened_on_its_page(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person(modes=["video"])
        desk = await consultant(centre)
        async with (
            browsing(app_of(network.client)) as browser,
            signed_in(browser, desk.api, viewport=PHONE) as page,
        ):
            await page.goto(f"{browser.site}/desk")
            await page.get_by_role("link", name=re.compile("^Now")).click()
            await page.get_by_role("combobox").first.fill("Dari")
            await page.get_by_role("button", name="Ask now").last.click()
            live = page.locator("#live")
            await expect(live).to_contain_text("Nobody in the network fits what you asked for.")
            await page.get_by_role("button", name="Also this way: By video").click()
            await expect(live).to_contain_text("We are asking a few interpreters.")
            assert browser.complaints == []


async def test_without_scripts_a_name_of_several_languages_is_asked_back(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        desk = await consultant(centre)
        async with (
            browsing(app_of(network.client)) as browser,
            signed_in(browser, desk.api, java_script_enabled=False) as page,
        ):
            await page.goto(f"{browser.site}/desk/now")
            await page.get_by_label("Which language does the client speak?").fill("Kurdish")
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("alert")).to_contain_text("several languages")
            await page.get_by_role("button", name=re.compile("Kurmanji|Northern Kurdish")).click()
            await expect(page.locator("h1")).to_contain_text("Kurmanji")
            assert [one for one in browser.complaints if "422" not in one] == []


async def test_the_desk_keeps_nobody_out(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        anna = await centre.person()
        desk = await consultant(centre)
        path = (await desk.send("/desk/new", **fields(centre))).headers["location"]
        booking = await anna.accept({"id": path.rpartition("/")[2]})
        searching = (await desk.send("/desk/new", **fields(centre, key="two"))).headers["location"]
        made = await desk.send(
            "/desk/now", key="now", language="dari", mode="phone", duration_minutes="15"
        )
        calling = made.headers["location"]
        await anna.accept({"id": calling.rpartition("/")[2]})
        pages = [
            "/desk", "/desk/new", "/desk/now", "/desk/requests", path, searching, calling,
            f"{path}/change", f"{path}/cancel", f"/desk/bookings/{booking['id']}",
            "/desk/approvals", "/desk/clients", "/desk/usage",
        ]  # fmt: skip
        known = ("/desk", "/desk/new", "/desk/now", path)
        async with (
            browsing(app_of(network.client)) as browser,
            signed_in(browser, desk.api, viewport=PHONE) as page,
        ):
            for one in pages:
                for language in SWEPT if one in known else SWEPT[:2]:
                    await page.goto(f"{browser.site}{one}?lang={language}")
                    for more in await page.locator("main details").all():
                        await more.evaluate("one => { one.open = true }")
                    assert (one, language, await barriers(page)) == (one, language, [])
                    width = await page.evaluate("document.documentElement.scrollWidth")
                    assert (one, language, width) == (one, language, PHONE["width"])
            await page.goto(f"{browser.site}/desk/requests?lang=en")
            row = page.get_by_role("row").filter(has_text="LV-1042").first
            assert await row.evaluate("one => one.scrollWidth <= innerWidth")  # a card
            assert await row.get_by_role("cell").first.get_attribute("data-column") == "State"
            assert browser.complaints == []
