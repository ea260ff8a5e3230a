"""Expenses on a narrow phone: asked before the session, said after it, once, and with a network."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from api import Network, serving
from browser import app_of, barriers, browsing
from centre import START, Centre, Json
from conftest import Clock
from interpreters.database import Pool
from phone import phone, signed_in

pytestmark = pytest.mark.anyio
NARROW: Any = {"viewport": {"width": 320, "height": 640}}
REFUSED = "Failed to load resource"  # what the browser says of a refusal, and without a network
SIDEWAYS = "document.documentElement.scrollWidth"


async def test_what_is_spent_is_asked_and_said_once_on_the_phone(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.coordinator.patch("/v1/network", {"travel_approval_minor": 5000})
        person = await centre.person()
        booking = await centre.booked(person)
        token = await signed_in(network, person)
        async with (
            browsing(app_of(network.client)) as browser,
            phone(browser, token, **NARROW) as page,
        ):
            await page.goto(f"{browser.site}/app?lang=en#job/{booking['id']}")
            await page.get_by_role("link", name="Expenses").tap()
            await ask(page, network)
            [made] = await listed(centre)
            assert (made["state"], made["amount"]["amount_minor"]) == ("asked", 6050)
            assert (await barriers(page), await page.evaluate(SIDEWAYS)) == ([], 320)

            finance = await network.caller("finance")
            await finance.post(f"/v1/expenses/{made['id']}/approve", {})
            clock.now = START + timedelta(hours=1)
            await page.goto(f"{browser.site}/app?lang=fa#pay")
            await page.locator("summary").tap()
            assert (await barriers(page), await page.evaluate(SIDEWAYS)) == ([], 320)
            await page.locator(f"a[href='#expenses/{booking['id']}']").tap()
            await expect(page.locator("html")).to_have_attribute("dir", "rtl")
            await say(page)
            assert (await barriers(page), await page.evaluate(SIDEWAYS)) == ([], 320)
            assert [one for one in browser.complaints if not one.startswith(REFUSED)] == []
        [made] = await listed(centre)
        assert (made["state"], made["amount"]["amount_minor"]) == ("submitted", 5950)
        assert made["receipt"] == "17"


async def listed(centre: Centre) -> list[Json]:
    found: list[Json] = (await centre.coordinator.get("/v1/expenses")).json()["items"]
    return found


async def ask(page: Page, network: Network) -> None:
    """Ask about a taxi: an amount that is none, without a network, and then with a double tap."""
    await page.get_by_label("What it is for").select_option(label="Taxi")
    amount = page.get_by_label("Amount")
    await amount.fill("about 60")
    send = page.get_by_role("button", name="Send")
    await send.tap()
    await expect(amount).to_have_attribute("aria-invalid", "true")
    await page.context.set_offline(True)
    await amount.fill("60,50")
    await send.tap()
    await expect(page.get_by_text("This needs a network.").first).to_be_visible()
    await page.context.set_offline(False)
    assert await network.count("expenses") == 0
    await send.dblclick()
    await expect(page.get_by_text("Asked before it is spent")).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text="Saved")).to_be_focused()


async def say(page: Page) -> None:
    """Say what the taxi cost, and then parking that should have been agreed."""
    spent = page.locator("article form")
    await spent.locator("[name=amount]").fill("\u06f5\u06f9\u066b\u06f5")  # 59.5, in Persian
    await spent.locator("[name=receipt]").fill("17")
    await spent.locator("button").tap()
    await expect(page.locator("article form")).to_have_count(0)
    other = page.locator("section form")
    await other.locator("[name=kind]").select_option("parking")
    await other.locator("[name=amount]").fill("51")
    await other.locator("button").tap()
    await expect(other.locator("[name=amount]")).to_have_attribute("aria-invalid", "true")
