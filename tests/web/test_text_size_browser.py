"""Letters twice as large (WCAG 2.2, 1.4.4) on the narrowest phone: nothing is cut off."""

from datetime import timedelta
from typing import Any, Final

import pytest
from playwright.async_api import Page, expect

from api import serving
from browser import app_of, browsing
from centre import START, Centre
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.ids import INSTITUTION, read_id
from people_post import Post, link_in
from phone import cookie, offered, phone, signed_in

pytestmark = pytest.mark.anyio
NARROW: Any = {"viewport": {"width": 320, "height": 640}}
SCREENS: Final = ("offers", "jobs", "hours", "pay", "settings")
LANGUAGES: Final = ("en", "fa", "uk")
# As a browser set to large letters does it: whatever is measured in rem grows.
TWICE = "() => { document.documentElement.style.fontSize = '32px'; }"
# What hides a part of what is in it, unless it is meant for screen readers alone; and how much
# wider than the screen the page is.
CUT = """() => [...document.querySelectorAll("body, body *")].flatMap((one) => {
    const style = getComputedStyle(one);
    if (style.clipPath !== "none" || !one.getClientRects().length) return [];
    const wide = /hidden|clip/.test(style.overflowX) && one.scrollWidth > one.clientWidth + 1;
    const high = /hidden|clip/.test(style.overflowY) && one.scrollHeight > one.clientHeight + 1;
    return wide || high ? [`cut: ${one.outerHTML.slice(0, 120)}`] : [];
}).concat(
    document.documentElement.scrollWidth > innerWidth
        ? [`sideways: ${document.documentElement.scrollWidth}`] : [],
)"""
# Words that run over the edge of what holds them, though nothing hides them.
OVER = """() => [...document.querySelectorAll(
    "button, .button, nav a, dd, dt, th, td, li, label, p, h1, h2, h3, summary")]
    .filter((one) => one.getClientRects().length && one.scrollWidth > one.clientWidth + 1
        && one.clientWidth && getComputedStyle(one).display !== "inline"
        && !one.closest("thead, .hidden, .visually")
        && getComputedStyle(one).overflowX === "visible")
    .map((one) => `over: ${one.outerHTML.slice(0, 120)}`)"""
# Letters that stay small, whatever the browser is set to.
FIXED = """() => [...new Set([...document.querySelectorAll("body *")]
    .filter((one) => one.getClientRects().length && [...one.childNodes].some(
        (text) => text.nodeType === 3 && text.textContent.trim()))
    .filter((one) => parseFloat(getComputedStyle(one).fontSize) < 22)
    .map((one) => `small: ${one.outerHTML.slice(0, 120)}`))]"""


async def wrong(page: Page) -> list[str]:
    """Return what twice as large letters break."""
    await page.evaluate(TWICE)
    await page.wait_for_timeout(50)
    found: list[str] = []
    for look in (CUT, OVER, FIXED):
        found += await page.evaluate(look)
    return found


async def test_the_phone_app_bears_letters_twice_as_large(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await offered(centre)
        booking = await centre.booked(
            person, starts_at=(START + timedelta(days=2)).isoformat(), instructions="Room 4"
        )
        token = await signed_in(network, person)
        async with (
            browsing(app_of(network.client)) as browser,
            phone(browser, token, **NARROW) as page,
        ):
            for language in LANGUAGES:
                await page.goto(f"{browser.site}/app?lang={language}")
                await expect(page.get_by_role("article").first).to_be_visible()
                for screen in (*SCREENS, f"job/{booking['id']}"):
                    await page.evaluate("(one) => { location.hash = one; }", screen)
                    await page.wait_for_timeout(150)
                    assert (language, screen, await wrong(page)) == (language, screen, [])


async def test_pages_bear_letters_twice_as_large(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await offered(centre)
        [letter] = await Post(centre).sent("offer")
        school = read_id(INSTITUTION, centre.institution["id"])
        anna = await network.person(
            ["coordinator", "finance", "consultant"], email="anna@example.org",
            institution_id=school,
        )  # fmt: skip
        async with browsing(app_of(network.client)) as browser:
            for path, token in (
                (link_in(letter), None), ("/sign-in", None), ("/languages", None),
                ("/sign-in", anna.token), ("/desk", anna.token), ("/desk/new", anna.token),
                ("/board", anna.token),
            ):  # fmt: skip
                async with phone(browser, token, **NARROW) as page:
                    for language in LANGUAGES:
                        await page.goto(f"{browser.site}{path}?lang={language}")
                        assert (language, path, await wrong(page)) == (language, path, [])


async def test_somebody_chooses_larger_letters_and_they_go_with_them(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person, other = await centre.people(2)
        token = await signed_in(network, person)
        async with (
            browsing(app_of(network.client)) as browser,
            phone(browser, token, **NARROW) as page,
        ):
            await page.goto(f"{browser.site}/app#settings")
            await page.get_by_label("Size of the letters").select_option("Very large")
            await expect(page.locator("html")).to_have_css("font-size", "27.2px")
            await page.reload()
            await expect(page.locator("html")).to_have_css("font-size", "27.2px")
            assert await page.evaluate(CUT) == []
            await page.get_by_role("button", name="Sign out").tap()
            await page.wait_for_url("**/sign-in**")
            again = await signed_in(network, other)
            await page.context.add_cookies([cookie(browser, again)])
            await page.goto(f"{browser.site}/app#settings")
            await expect(page.get_by_label("Size of the letters")).to_have_value("usual")
            await expect(page.locator("html")).to_have_css("font-size", "16px")
            assert browser.complaints == []
