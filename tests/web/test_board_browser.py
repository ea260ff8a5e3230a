"""The board in a real browser: live, by two coordinators, over a new start of the server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright, expect

from api import Api, Network, serving
from browser import SWEPT, Browser, app_of, barriers, browsing, chromium, free_port, served
from centre import START, Centre, z
from conftest import Clock
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
NARROW = {"width": 320, "height": 640}
LIVE = 10_000  # milliseconds: the feed is looked at once a second


@asynccontextmanager
async def signed_in(browser: Browser, person: Api, **context: Any) -> AsyncIterator[Page]:
    async with browser.page(**context) as page:
        await page.context.add_cookies(
            [{"name": "interpreters_token", "value": str(person.token), "url": browser.site}]
        )
        yield page


async def coordinator(network: Network, name: str) -> Api:
    return await network.person(["coordinator"], display_name=name)


async def test_a_request_appears_is_worked_on_and_filled_before_both_eyes(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(2)
        anna, boris = await coordinator(network, "Anna"), await coordinator(network, "Boris")
        async with (
            browsing(app_of(network.client)) as browser,
            signed_in(browser, anna) as page,
            signed_in(browser, boris) as other,
        ):
            for one in (page, other):
                await one.goto(f"{browser.site}/board")
                await expect(one.get_by_text("There is nothing to look at.")).to_be_visible()
            asked = await centre.asked()
            row = f"#row-{asked['id']}"
            for one in (page, other):
                await expect(one.locator(row)).to_contain_text("Searching", timeout=LIVE)
                await one.locator(f"{row} a").click()
                await expect(one.locator("#panel-title")).to_be_focused()
            await expect(page.locator("#said")).to_contain_text("Dari")

            # Boris is writing something: nothing is taken from under his hands.
            await other.get_by_text("Call it off").click()
            await other.locator("#panel #reason").fill("not needed")
            await page.get_by_role("button", name="Book Person 1").click()
            await expect(page.locator("#panel")).to_contain_text("Booked.")
            for one in (page, other):
                await expect(one.locator(row)).to_contain_text("Filled", timeout=LIVE)
                await expect(one.locator(row)).to_contain_text("Person 1")
            await expect(other.get_by_text("This has changed since")).to_be_visible()
            await other.get_by_role("button", name="Call the request off").click()
            await expect(other.locator("#panel")).to_contain_text("Anna changed this")
            assert (await centre.request(asked))["state"] == "filled"
            assert "Booked." in await page.locator("#panel").inner_text()  # read again, still said
            refused = "the server responded with a status of 409"  # what Boris was told
            assert [one for one in browser.complaints if refused not in one] == []


async def test_the_board_lives_on_when_the_server_starts_anew(pool: Pool, clock: Clock) -> None:
    port = free_port()
    async with serving(pool, clock) as network, async_playwright() as playwright:
        centre = await Centre(network, clock).open()
        await centre.person()
        anna = await coordinator(network, "Anna")
        started = await playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox"]
        )
        browser = Browser(started, f"http://127.0.0.1:{port}")
        app = app_of(network.client)
        streams = app.app.state.streams
        async with signed_in(browser, anna) as page:
            async with served(app, "127.0.0.1", port):
                await page.goto(f"{browser.site}/board")
                first = await centre.asked()
                await expect(page.locator(f"#row-{first['id']}")).to_be_visible(timeout=LIVE)
                await page.evaluate("window.same = true")
                streams.end()
            await expect(page.locator("[data-stale]")).to_be_visible(timeout=LIVE)
            missed = await centre.asked(language="tamil")
            streams.ending = False  # as in a process that is new
            async with served(app, "127.0.0.1", port):
                await expect(page.locator(f"#row-{missed['id']}")).to_be_visible(timeout=2 * LIVE)
                await expect(page.locator("[data-stale]")).to_be_hidden(timeout=LIVE)
                later = await centre.asked(language="pashto")
                await expect(page.locator(f"#row-{later['id']}")).to_be_visible(timeout=LIVE)
                assert await page.evaluate("window.same")  # it was not loaded anew
                streams.end()
        await started.close()


async def test_the_board_by_keyboard_and_without_scripts(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        first = await centre.asked()
        second = await centre.asked(starts_at=z(START + timedelta(hours=1)))
        anna = await coordinator(network, "Anna")
        async with browsing(app_of(network.client)) as browser:
            async with signed_in(browser, anna) as page:
                await page.goto(f"{browser.site}/board")
                rows = [f"#row-{one['id']} a" for one in (first, second)]
                await page.locator(rows[0]).focus()
                await page.keyboard.press("j")
                await expect(page.locator(rows[1])).to_be_focused()
                await page.keyboard.press("k")
                await page.keyboard.press("Enter")
                await expect(page.locator("#panel-title")).to_be_focused()
                await page.keyboard.press("Escape")
                await expect(page.locator(rows[0])).to_be_focused()
                await expect(page.locator("#panel-title")).to_have_count(0)
            async with signed_in(browser, anna, java_script_enabled=False) as page:
                await page.goto(f"{browser.site}/board")
                await expect(page.get_by_role("link", name="Read again")).to_be_visible()
                await page.locator(rows[0]).click()
                await page.get_by_role("button", name="Book Person 1").click()
                await expect(page.locator("main")).to_contain_text("Booked.")
            assert browser.complaints == []
        assert (await centre.request(first))["state"] == "filled"


@pytest.mark.parametrize("language", SWEPT)
async def test_the_board_keeps_nobody_out(pool: Pool, clock: Clock, language: str) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person(phone="+37125565098")
        asked = await centre.asked()
        await centre.asked(language="tamil")
        anna = await coordinator(network, "Anna")
        path = f"/board/requests/{asked['id']}"
        plan = (await centre.coordinator.post("/v1/plans")).json()
        others = ["/board/timeline?day=2026-11-25", "/board/timeline?day=2026-11-25&view=week"]
        others += ["/board/fairness", "/board/plans", f"/board/plans/{plan['id']}"]
        async with browsing(app_of(network.client)) as browser:
            async with signed_in(browser, anna) as page:
                await page.goto(f"{browser.site}/board?lang={language}")
                await page.locator(f"#row-{asked['id']} a").click()
                await expect(page.locator("#panel-title")).to_be_focused()
                assert await barriers(page) == []
                for one in (f"{path}/calls", *others):
                    await page.goto(f"{browser.site}{one}")
                    assert (one, await barriers(page)) == (one, [])
            async with signed_in(browser, anna, viewport=NARROW, color_scheme="dark") as page:
                await page.goto(f"{browser.site}/board?lang={language}")
                for one in ("/board", path, f"{path}/calls", *others):
                    await page.goto(f"{browser.site}{one}")
                    wide = await page.evaluate("document.documentElement.scrollWidth")
                    assert (one, wide) == (one, NARROW["width"])
                assert await barriers(page) == []
                await page.goto(f"{browser.site}/board")
                await page.locator(f"#row-{asked['id']} a").click()
                await page.wait_for_url(f"**{path}")  # nothing fits beside the table
                await page.locator("details:has(#text) > summary").click()
                await page.locator("#text").fill("Ask again")
                await page.locator("form[action$='/note'] button").click()
                await expect(page.locator("#panel-title")).to_be_focused()
            assert browser.complaints == []
