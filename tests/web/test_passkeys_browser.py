"""A passkey in a real browser: its own software key, our pages, the strict policy."""

import pytest
from playwright.async_api import Page, expect

from api import serving
from browser import app_of, barriers, browsing, free_port
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.wording import say

pytestmark = pytest.mark.anyio


async def with_authenticator(page: Page, *, verifies: bool = True) -> None:
    """Give the browser a device that keeps passkeys, as a telephone has one."""
    tools = await page.context.new_cdp_session(page)
    await tools.send("WebAuthn.enable")
    await tools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                "hasUserVerification": True, "isUserVerified": verifies,
                "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip


async def test_a_passkey_is_added_and_signs_in_without_typing(pool: Pool, clock: Clock) -> None:
    port = free_port()
    settings = {"INTERPRETERS_PORT": str(port), "INTERPRETERS_RATE_SIGN_IN_BURST": "100"}
    async with serving(pool, clock, settings) as network:
        anna = await network.person(["coordinator"], email="anna@example.org", display_name="Anna")
        async with (
            browsing(app_of(network.client), name="localhost", port=port) as browser,
            browser.page() as page,
        ):
            await with_authenticator(page)
            await page.context.add_cookies(
                [{"name": "interpreters_token", "value": str(anna.token), "url": browser.site}]
            )
            await page.goto(f"{browser.site}/sign-in")
            found = await barriers(page)
            await page.get_by_role("button", name="Add a passkey on this device").click()
            await expect(page.get_by_role("button", name="Remove")).to_be_visible()
            found += await barriers(page)
            await page.get_by_role("button", name="Sign out here").click()
            await expect(page.locator("#address")).to_be_visible()
            assert (await anna.get("/v1/me")).status_code == 401
            await page.goto(f"{browser.site}/sign-in?next=/docs")
            found += await barriers(page)
            await page.get_by_role("button", name="Sign in with a passkey").click()
            await page.wait_for_url(f"{browser.site}/docs")
            await page.goto(f"{browser.site}/sign-in")
            await expect(page.get_by_text("Anna", exact=True)).to_be_visible()
            [cookie] = await page.context.cookies()
            assert cookie.get("httpOnly") is True
            assert await page.evaluate("document.cookie") == ""
            await page.get_by_role("button", name="Remove").click()
            await expect(page.get_by_role("button", name="Remove")).to_have_count(0)
            assert (found, browser.complaints) == ([], [])


async def test_a_passkey_that_opens_nothing_is_said_in_words(pool: Pool, clock: Clock) -> None:
    port = free_port()
    async with (
        serving(pool, clock, {"INTERPRETERS_PORT": str(port)}) as network,
        browsing(app_of(network.client), name="localhost", port=port) as browser,
        browser.page(locale="uk") as page,
    ):
        await with_authenticator(page)
        await page.goto(f"{browser.site}/sign-in")
        await page.get_by_role("button", name=say("uk", "Sign in with a passkey")).click()
        problem = say("uk", "This did not work. Please try again.")
        alert = page.get_by_role("alert").filter(has_text=problem)
        await expect(alert).to_be_visible()
        assert await barriers(page) == []
        assert browser.complaints == []


async def test_where_passkeys_cannot_work_none_are_offered(pool: Pool, clock: Clock) -> None:
    """An address of numbers is no name: the page works without them, and without their script."""
    async with (
        serving(pool, clock) as network,
        browsing(app_of(network.client)) as browser,
        browser.page() as page,
    ):
        await page.goto(f"{browser.site}/sign-in")
        await expect(page.get_by_role("button", name="Send me a code")).to_be_visible()
        passkeys = page.locator("form[data-passkey], script[src*=passkeys]")
        assert await passkeys.count() == 0
        assert browser.complaints == []
