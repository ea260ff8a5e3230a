"""The pages of finance in a real browser: a month closed, kept, opened again, issued anew."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Page, expect

from api import Api, serving
from browser import SWEPT, Browser, app_of, barriers, browsing
from conftest import Clock
from finance_books import booking_page, books
from interpreters.database import Pool
from over import TARIFF

pytestmark = pytest.mark.anyio
NARROW = {"width": 320, "height": 640}


@asynccontextmanager
async def signed_in(browser: Browser, person: Api, **context: Any) -> AsyncIterator[Page]:
    async with browser.page(**context) as page:
        await page.context.add_cookies(
            [{"name": "interpreters_token", "value": str(person.token), "url": browser.site}]
        )
        yield page


async def filled(coordinator: Api) -> None:
    """Have a price list, rules and a grant to be looked at."""
    rules = [{"mode": "in_person", "free_until_hours": 24, "fee_percent": 100}]
    grant = {"number": "G-1", "starts_on": "2026-01-01",
             "donors": [{"name": "City", "share_basis_points": 10_000}]}  # fmt: skip
    policy = {"name": "2026", "default": True, "valid_from": "2026-01-01", "rules": rules}
    for path, body in (("tariffs", TARIFF), ("cancellation-policies", policy), ("fundings", grant)):
        made = await coordinator.post(f"/v1/{path}", body)
        assert made.status_code == 201, made.text


async def test_a_month_is_closed_kept_opened_again_and_issued_anew(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        await made.held("2026-05-04 07:00")
        await made.held("2026-05-05 07:00", institution=made.police_key)
        async with browsing(app_of(network.client)) as browser:
            async with signed_in(browser, made.finance) as page:
                await page.goto(f"{browser.site}/finance")
                await page.get_by_role("link", name="May 2026").first.click()
                await page.get_by_role("button", name="Issue all 2 statements").press("Enter")
                await expect(page.get_by_role("status").first).to_contain_text(
                    "Everything of this month is issued."
                )
                async with page.expect_download() as kept:
                    await page.get_by_role("link", name="PDF, School 12").click()
                assert (await kept.value).suggested_filename.startswith("statement-2026-05-2026-")
                await page.get_by_role("link", name="School 12", exact=True).click()
                await page.get_by_text("Open it again").first.click()
                await page.get_by_label("Why? The history keeps it.").fill("Wrong hour")
                await page.get_by_role("button", name="Open it again").click()
                await expect(page.get_by_text("The statement is a draft again.")).to_be_visible()
                await page.get_by_role("link", name="Correct", exact=True).click()
                await page.get_by_label("The institution pays more or less").fill("-5")
                await page.get_by_label("Why, in one or two words").fill("Agreed discount")
                await page.get_by_role("button", name="Enter the correction").click()
                await expect(page.get_by_text("The correction is entered.")).to_be_visible()
                await page.get_by_role("button", name="Issue this statement").click()
                await expect(page.get_by_text("The statement is issued.")).to_be_visible()
                await expect(page.locator(".facts")).to_contain_text("2026-000003")
                await expect(page.locator(".facts")).to_contain_text("€40.00")
            assert browser.complaints == []


@pytest.mark.parametrize("language", SWEPT)
async def test_these_pages_keep_nobody_out(pool: Pool, clock: Clock, language: str) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        booking = await made.held("2026-05-04 07:00")
        coordinator = await network.caller("coordinator")
        path = f"/v1/bookings/{booking_page(booking).rsplit('/', 1)[1]}/dispute"
        await filled(coordinator)
        dispute = (await coordinator.post(path, {"reason": "It was shorter"})).json()["id"]
        pages = [
            "/finance", "/finance/months/2026-05", made.school("2026-05"), booking_page(booking),
            "/finance/disputes", f"/finance/disputes/{dispute}", "/finance/expenses",
            "/finance/reports?from=2026-05-01&to=2026-06-30&by=language",
            "/finance/reports/service?from=2026-05-01&to=2026-05-31", "/finance/fundings",
            "/finance/fundings/new", "/finance/tariffs", "/finance/tariffs/new",
            "/finance/cancellation-policies", "/finance/cancellation-policies/new",
        ]  # fmt: skip
        async with (
            browsing(app_of(network.client)) as browser,
            signed_in(browser, made.finance, viewport=NARROW) as page,
        ):
            for address in pages:
                mark = "&" if "?" in address else "?"
                await page.goto(f"{browser.site}{address}{mark}lang={language}")
                width = await page.evaluate("document.documentElement.scrollWidth")
                assert (address, width) == (address, NARROW["width"])
                assert (address, await barriers(page)) == (address, [])
                left = page.locator("main bdi")
                assert await left.count() > 0 or "new" in address or "months" not in address
            assert browser.complaints == []
