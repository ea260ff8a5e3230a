"""A phone that people share: what the app keeps goes with whoever signs out at `/sign-in`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from api import serving
from browser import Browser, app_of, browsing
from centre import Centre, Person
from conftest import Clock
from interpreters.database import Pool
from phone import KEPT, controlled, cookie, phone, signed_in

pytestmark = pytest.mark.anyio
# What else a browser keeps for a site, besides cookies.
BESIDES = """async () => {
    const workers = (await navigator.serviceWorker.getRegistrations()).map((one) => one.scope);
    return [...await caches.keys(), ...Object.keys(localStorage), ...workers];
}"""


@asynccontextmanager
async def shared(
    pool: Pool, clock: Clock, **context: Any
) -> AsyncIterator[tuple[Centre, Browser, Page, Person]]:
    """A phone on which Anna has used the app, and Bahram, who has it next."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        anna, bahram = await centre.people(2)
        await centre.booked(anna, instructions="ask for Ilze")
        token = await signed_in(network, anna)
        async with (
            browsing(app_of(network.client)) as browser,
            phone(browser, token, **context) as page,
        ):
            await page.goto(f"{browser.site}/app#jobs")
            await expect(page.get_by_role("article")).to_contain_text("ask for Ilze")
            if not context:
                await controlled(page)
                assert len(await page.evaluate(BESIDES)) == 2
            assert set(await page.evaluate(KEPT)) >= {"state", "who", "told"}
            yield centre, browser, page, bahram


async def leave(page: Page, browser: Browser) -> None:
    """Sign out on the page of the account, not in the app."""
    await page.goto(f"{browser.site}/sign-in")
    await page.get_by_role("button", name="Sign out here").click()
    await expect(page.locator("#address")).to_be_visible()


async def nothing_is_left(page: Page) -> None:
    await expect(page.locator("#address")).to_be_visible()
    assert await page.evaluate(KEPT) == []
    assert await page.evaluate(BESIDES) == []


async def test_nothing_of_the_app_is_left_for_whoever_has_the_phone_next(
    pool: Pool, clock: Clock
) -> None:
    async with shared(pool, clock) as (centre, browser, page, bahram):
        await leave(page, browser)
        await nothing_is_left(page)
        for _ in range(3):  # the button that leads back
            await page.go_back()
            assert "Ilze" not in await page.content()
        token = await signed_in(centre.network, bahram)
        await page.context.add_cookies([cookie(browser, token)])
        await page.route("**/app/state**", lambda route: route.abort())
        await page.goto(f"{browser.site}/app#jobs")
        await expect(page.get_by_text("This needs a network.")).to_be_visible()
        assert "Ilze" not in await page.content()
        await page.unroute("**/app/state**")
        await page.reload()
        await expect(page.get_by_text("No jobs ahead.")).to_be_visible()


async def test_the_servers_word_alone_is_enough(pool: Pool, clock: Clock) -> None:
    """Where the page's script did not run: the browser clears what the answer's header names."""
    async with shared(pool, clock) as (_, browser, page, _):
        await page.route("**/leaving-*.js", lambda route: route.abort())
        await leave(page, browser)
        await nothing_is_left(page)


async def test_a_browser_that_does_not_know_the_header_is_cleared_too(
    pool: Pool, clock: Clock
) -> None:
    async def without(route: Route) -> None:
        answer = await route.fetch(max_redirects=0)
        headers = {
            name: value for name, value in answer.headers.items() if name != "clear-site-data"
        }
        assert len(headers) < len(answer.headers)
        await route.fulfill(status=answer.status, headers=headers)

    async with shared(pool, clock) as (_, browser, page, _):
        await page.route("**/sign-in/out", without)
        await leave(page, browser)
        await nothing_is_left(page)


async def test_a_yes_that_was_not_sent_is_not_lost_without_a_word(pool: Pool, clock: Clock) -> None:
    async with shared(pool, clock, service_workers="block") as (centre, browser, page, _):
        await centre.asked(starts_at="2026-11-26T10:00:00Z")
        await page.goto(f"{browser.site}/app")
        await page.route("**/accept", lambda route: route.abort())
        await page.get_by_role("button", name="Yes, I take it").tap()
        await expect(page.get_by_text("Not sent yet.").first).to_be_visible()
        await page.goto(f"{browser.site}/sign-in")
        everywhere = page.get_by_role("button", name="Sign out on every device")
        await everywhere.click()
        await expect(page.get_by_role("alert")).to_contain_text("It is lost when you sign out.")
        assert [one for one in await page.evaluate(KEPT) if " " in one] != []
        await everywhere.click()
        await nothing_is_left(page)
        assert await centre.network.count("bookings") == 1  # the one of before


async def test_who_is_signed_out_by_time_leaves_no_more_than_was_not_sent(
    pool: Pool, clock: Clock
) -> None:
    """Whoever is asked to sign in next sees nothing, and what was said waits for its person."""
    async with shared(pool, clock, service_workers="block") as (centre, browser, page, _):
        await centre.asked(starts_at="2026-11-26T10:00:00Z")
        await page.goto(f"{browser.site}/app")
        await page.route("**/accept", lambda route: route.abort())
        await page.get_by_role("button", name="Yes, I take it").tap()
        await expect(page.get_by_text("Not sent yet.").first).to_be_visible()
        await page.context.clear_cookies()
        await page.goto(f"{browser.site}/sign-in")
        await expect(page.locator("#address")).to_be_visible()
        while len(left := await page.evaluate(KEPT)) > 1:
            await page.wait_for_timeout(50)
        assert " " in left[0]


async def test_a_browser_that_never_had_the_app_gets_nothing_of_it(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network, browsing(app_of(network.client)) as browser:
        async with browser.page() as page:
            await page.goto(f"{browser.site}/sign-in")
            await page.wait_for_timeout(300)
            assert await page.evaluate("indexedDB.databases()") == []
        assert browser.complaints == []
