"""The interpreter's phone in a real browser: the way of a job, without a network, in Persian."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from api import serving
from browser import app_of, browsing
from centre import START, Centre
from conftest import Clock
from interpreters.database import Pool
from phone import offered, phone, signed_in

pytestmark = pytest.mark.anyio


async def test_an_offer_becomes_a_job_and_is_carried_out(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await offered(centre)
        token = await signed_in(network, person)
        async with browsing(app_of(network.client)) as browser, phone(browser, token) as page:
            await page.goto(f"{browser.site}/app")
            card = page.get_by_role("article")
            await expect(card).to_contain_text("Dari")

            await expect(card).not_to_contain_text("Street 1")
            await page.get_by_role("button", name="Yes, I take it").tap()
            await expect(page.get_by_text("You have the job.")).to_be_visible()

            await page.get_by_role("link", name="See the job").tap()
            await expect(page.get_by_role("article")).to_contain_text("Street 1")

            clock.now = START - timedelta(minutes=10)
            await page.reload()
            await page.get_by_role("button", name="I am there").tap()
            await expect(page.get_by_text("You were there at")).to_be_visible()
            await page.get_by_role("button", name="Start", exact=True).tap()
            await expect(page.get_by_text("Started at")).to_be_visible()
            clock.now = START + timedelta(hours=1)
            await page.reload()
            await page.get_by_role("button", name="End").tap()
            await page.get_by_role("button", name="Yes", exact=True).tap()
            await expect(page.get_by_role("article")).to_contain_text("Carried out")

            assert browser.complaints == []
        [entry] = (await centre.coordinator.get("/v1/usage/entries")).json()["items"]
        assert entry["actual_minutes"] == 60
