"""The helped person's page in a real browser: by keyboard, in any language, on a small phone."""

import pytest
from playwright.async_api import expect

from api import Network, serving
from browser import barriers, browsing
from centre import Centre, Json
from clients_page import link, open_centre, path_of
from conftest import Clock
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
PHONE = {"width": 320, "height": 640}


async def a_link(network: Network, clock: Clock, **body: str) -> tuple[Centre, Json]:
    centre = Centre(network, clock)
    return centre, await link(centre, await centre.booked(await open_centre(centre)), **body)


async def test_another_person_is_asked_for_with_the_keyboard_alone_in_dari(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, made = await a_link(network, clock)
        app = network.client._transport.app  # type: ignore[attr-defined]  # httpx hides it
        async with (
            browsing(app) as browser,
            browser.page(java_script_enabled=False, viewport=PHONE) as page,
        ):
            await page.goto(browser.site + path_of(made))
            await expect(page.locator("html")).to_have_attribute("dir", "rtl")
            button = page.get_by_role("button", name="شخص دیگری می‌خواهم")
            await page.get_by_label("چرا (فقط اگر می‌خواهید)").focus()
            await page.keyboard.press("Tab")
            await expect(button).to_be_focused()
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("status")).to_have_text("متشکریم. به دست ما رسید.")
            assert browser.complaints == []
        heard = (await centre.coordinator.get("/v1/client-voices")).json()["items"]
        assert [one["kind"] for one in heard] == ["another_person"]


async def test_the_language_is_changed_with_the_keyboard(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        _, made = await a_link(network, clock)
        app = network.client._transport.app  # type: ignore[attr-defined]  # httpx hides it
        async with browsing(app) as browser, browser.page() as page:
            await page.goto(browser.site + path_of(made))
            await page.keyboard.press("Tab")
            await page.keyboard.press("Enter")
            await page.get_by_role("link", name="Latviešu").press("Enter")
            await expect(page.get_by_role("heading", level=1)).to_have_text("Jūsu tikšanās")
            await expect(page.locator("html")).to_have_attribute("dir", "ltr")
            assert browser.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_keeps_nobody_out(pool: Pool, clock: Clock, scheme: str) -> None:
    """By axe-core, up to WCAG 2.2 AA; in every language it also fits 320 CSS pixels (1.4.10)."""
    async with serving(pool, clock) as network:
        _, made = await a_link(network, clock)
        app = network.client._transport.app  # type: ignore[attr-defined]  # httpx hides it
        async with (
            browsing(app) as browser,
            browser.page(color_scheme=scheme, viewport=PHONE) as page,
        ):
            for language in ("en", "lv", "fa", "ar", "ur", "ps", "ta", "uk"):
                for path in (path_of(made), "/c/dead"):
                    await page.goto(f"{browser.site}{path}?lang={language}")
                    width = await page.evaluate("document.documentElement.scrollWidth")
                    assert (language, width) == (language, PHONE["width"])
                    await page.locator("summary").click()
                    assert (language, await barriers(page)) == (language, [])
            not_found = "Failed to load resource: the server responded with a status of 404"
            assert [one for one in browser.complaints if not_found not in one] == []


async def test_everything_that_is_tapped_is_large_enough_for_a_thumb(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        _, made = await a_link(network, clock)
        app = network.client._transport.app  # type: ignore[attr-defined]  # httpx hides it
        async with browsing(app) as browser, browser.page(viewport=PHONE) as page:
            await page.goto(f"{browser.site}{path_of(made)}?lang=fa")
            await page.locator("summary").click()
            sizes = [
                await one.bounding_box()
                for one in await page.locator("a, button, summary, textarea").all()
            ]
            assert len(sizes) > 15
            small = [one for one in sizes if one is None or min(one["width"], one["height"]) < 44]
            assert small == []


async def test_the_clock_is_not_mirrored_and_the_button_changes_sides(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        _, made = await a_link(network, clock)
        app = network.client._transport.app  # type: ignore[attr-defined]  # httpx hides it
        async with browsing(app) as browser, browser.page() as page:
            starts: dict[str, float] = {}
            for language in ("lv", "fa"):
                await page.goto(f"{browser.site}{path_of(made)}?lang={language}")
                box = await page.locator("button").first.bounding_box()
                assert box is not None
                starts[language] = box["x"]
                directions = await page.locator(".clock").evaluate(
                    "one => getComputedStyle(one).direction"
                )
                assert directions == "ltr"
            assert starts["fa"] > starts["lv"] + 100
