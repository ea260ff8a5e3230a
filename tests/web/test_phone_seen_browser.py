"""What was before an interpreter's eyes, and what was not, in a real browser."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from api import serving
from browser import app_of, browsing
from centre import START, Centre, Json
from conftest import Clock
from interpreters.database import Pool
from phone import offered, phone, signed_in

pytestmark = pytest.mark.anyio
HIDDEN = """() => {
    Object.defineProperty(document, "visibilityState", {get: () => window.shown ?? "hidden"});
}"""


async def seen(centre: Centre) -> dict[str, Any]:
    """Return when each offer was seen, by its request."""
    listed: list[Json] = (await centre.coordinator.get("/v1/offers")).json()["items"]
    return {one["request_id"]: one["seen_at"] for one in listed}


async def until(page: Page, centre: Centre, request: Json) -> datetime:
    """Wait until a request's offer is known to be seen, and return when it was."""
    while (at := (await seen(centre))[request["id"]]) is None:
        await page.wait_for_timeout(50)
    return datetime.fromisoformat(at)


async def test_an_offer_is_seen_once_it_was_on_the_screen(pool: Pool, clock: Clock) -> None:
    """Five offers: the last one lies below the edge until somebody scrolls."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        first = await centre.asked()
        below = [
            await centre.asked(starts_at=(START + timedelta(days=day)).isoformat())
            for day in range(1, 5)
        ]
        token = await signed_in(network, person)
        async with browsing(app_of(network.client)) as browser, phone(browser, token) as page:
            await page.goto(f"{browser.site}/app#settings")
            await expect(page.get_by_role("heading", name="Settings")).to_be_visible()
            await page.wait_for_timeout(1500)
            assert set((await seen(centre)).values()) == {None}
            await page.get_by_role("link", name="Offers").tap()
            assert await until(page, centre, first) == clock.now
            assert (await seen(centre))[below[-1]["id"]] is None
            last = page.locator("article").last.locator(".when")
            await last.scroll_into_view_if_needed()
            await until(page, centre, below[-1])
            assert browser.complaints == []
        assert await network.count("idempotency_keys") == 0


async def test_a_page_that_nobody_looks_at_sees_nothing(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        token = await signed_in(network, await centre.person())
        request = await centre.asked()
        async with browsing(app_of(network.client)) as browser, phone(browser, token) as page:
            await page.add_init_script(f"({HIDDEN})()")
            await page.goto(f"{browser.site}/app")
            await expect(page.get_by_role("article")).to_be_visible()
            await page.wait_for_timeout(2500)
            assert (await seen(centre))[request["id"]] is None
            await page.evaluate("() => { window.shown = 'visible'; }")
            await until(page, centre, request)


async def test_what_was_seen_without_a_network_keeps_its_time(pool: Pool, clock: Clock) -> None:
    """And a yes does not wait for it."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        token = await signed_in(network, await offered(centre))
        [request] = await seen(centre)
        made = clock.now
        async with (
            browsing(app_of(network.client)) as browser,
            phone(browser, token, service_workers="block") as page,  # it has no clock to move
        ):
            clock.now = made + timedelta(minutes=10)
            await page.clock.install()
            await page.goto(f"{browser.site}/app#settings")
            await expect(page.get_by_role("heading", name="Settings")).to_be_visible()
            await page.context.set_offline(True)
            await page.get_by_role("link", name="Offers").tap()
            await expect(page.get_by_role("article")).to_be_visible()
            await page.wait_for_timeout(300)
            await page.clock.run_for(3000)
            await page.wait_for_timeout(300)
            clock.now += timedelta(minutes=20)
            await page.clock.fast_forward("20:00")
            assert (await seen(centre))[request] is None
            await page.context.set_offline(False)
            await page.clock.fast_forward("01:00")
            at = await until(page, centre, {"id": request})
        assert abs(at - made - timedelta(minutes=10)) < timedelta(minutes=1)
