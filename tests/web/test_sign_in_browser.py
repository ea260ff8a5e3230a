"""Signing in as people do: in a real browser, with the mailbox beside it."""

import re

import pytest
from playwright.async_api import Page, expect

from api import Network, serving
from browser import Browser, app_of, barriers, browsing
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.wording import say
from letters import letters

pytestmark = pytest.mark.anyio
DEMO = {"INTERPRETERS_DEMO": "1", "INTERPRETERS_RATE_SIGN_IN_BURST": "100"}


async def read_code(page: Page, browser: Browser, network: Network) -> str:
    """Return the newest code on the mailbox's page, looked at as people do."""
    await letters(network)
    await page.goto(f"{browser.site}/mailbox")
    newest = await page.locator("article").first.inner_text()
    found = re.search(r"\b\d{6}\b", newest)
    assert found is not None
    assert "anna@example.org" in newest
    return found[0]


@pytest.mark.parametrize(("language", "way"), [("en", "ltr"), ("fa", "rtl")])
async def test_an_address_a_code_from_the_mailbox_in_and_out_everywhere(
    pool: Pool, clock: Clock, language: str, way: str
) -> None:
    async with serving(pool, clock, DEMO) as network:
        anna = await network.person(["coordinator"], email="anna@example.org", display_name="Anna")
        async with browsing(app_of(network.client)) as browser, browser.page() as page:
            await page.goto(f"{browser.site}/sign-in?lang={language}")
            html = page.locator("html")
            assert await html.get_attribute("lang") == language
            assert await html.get_attribute("dir") == way
            found = await barriers(page)
            await page.locator("#address").fill("anna@example.org")
            await page.get_by_role("button", name=say(language, "Send me a code")).click()
            await expect(page.locator("#code")).to_be_visible()
            assert await html.get_attribute("dir") == way
            assert "?attempt" not in page.url
            found += await barriers(page)
            async with browser.page() as beside:
                code = await read_code(beside, browser, network)
                found += await barriers(beside)
            await page.locator("#code").fill("000000" if code != "000000" else "111111")
            await page.locator("form[action^='/sign-in/code'] button").click()
            await expect(page.get_by_role("alert")).to_be_visible()
            found += await barriers(page)
            await page.locator("#code").fill(code)
            await page.keyboard.press("Enter")
            await page.wait_for_url(f"{browser.site}/board")
            await page.goto(f"{browser.site}/sign-in?lang={language}")
            await expect(page.get_by_text("Anna", exact=True)).to_be_visible()
            found += await barriers(page)
            [cookie] = await page.context.cookies()
            assert cookie.get("name") == "interpreters_token"
            assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Lax")
            assert await page.evaluate("document.cookie") == ""
            await page.get_by_role("button", name=say(language, "Sign out on every device")).click()
            await expect(page.locator("#address")).to_be_visible()
            assert await page.context.cookies() == []
            assert (await anna.get("/v1/me")).status_code == 401
            refused = "the server responded with a status of 401"  # the wrong code, and no more
            assert len([one for one in browser.complaints if refused in one]) == 1
            assert [one for one in browser.complaints if refused not in one] == []
            assert found == []


async def test_a_narrow_screen_shows_all_of_it(pool: Pool, clock: Clock) -> None:
    """WCAG 2.2, 1.4.10: no scrolling sideways at 320 pixels, in the longest and widest scripts."""
    async with (
        serving(pool, clock, DEMO) as network,
        browsing(app_of(network.client)) as browser,
        browser.page(viewport={"width": 320, "height": 568}) as page,
    ):
        for language in ("fr", "ta", "ur"):
            await page.goto(f"{browser.site}/sign-in?lang={language}")
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 320, language
        assert browser.complaints == []


async def test_another_sites_page_cannot_sign_anybody_in(pool: Pool, clock: Clock) -> None:
    """A form of a page elsewhere, sent by the browser itself with all it says of it."""
    async with serving(pool, clock, DEMO) as network:
        anna = await network.person(["coordinator"], email="anna@example.org")
        async with browsing(app_of(network.client)) as browser, browser.page() as page:
            await page.context.add_cookies(
                [{"name": "interpreters_token", "value": str(anna.token), "url": browser.site}]
            )
            for path in ("/sign-in", "/sign-in/code", "/sign-in/out"):
                await page.goto(
                    f"data:text/html,<form method=post action='{browser.site}{path}'>"
                    "<input name=everywhere value=yes><button>Win</button></form>"
                )
                async with page.expect_navigation() as gone:
                    await page.get_by_role("button").click()
                answer = await gone.value
                assert answer is not None
                assert answer.status == 403
            assert (await anna.get("/v1/me")).status_code == 200
