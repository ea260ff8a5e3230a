"""The one-tap page in a real browser: in Dari, by keyboard, without scripts, on a small phone."""

import pytest
from playwright.async_api import expect

from api import serving
from browser import barriers, browsing
from centre import Centre
from conftest import Clock
from interpreters.database import Pool
from people_post import Post, link_in

pytestmark = pytest.mark.anyio
PHONE = {"width": 320, "height": 640}


async def test_the_job_is_taken_with_one_key_in_dari(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        asked = await centre.asked()
        (mail,) = await Post(centre).sent("offer")
        app = network.client._transport.app  # type: ignore[attr-defined]  # httpx hides it
        async with (
            browsing(app) as browser,
            browser.page(java_script_enabled=False, viewport=PHONE) as page,
        ):
            await page.goto(f"{browser.site}{link_in(mail)}?lang=fa")
            await expect(page.locator("html")).to_have_attribute("dir", "rtl")
            await page.get_by_role("button", name="بله، قبول می‌کنم").press("Enter")
            await expect(page.get_by_role("status")).to_contain_text("این کار به شما داده شد")
            assert browser.complaints == []
        assert (await centre.request(asked))["state"] == "filled"


async def test_the_page_keeps_nobody_out(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        await centre.asked()
        (mail,) = await Post(centre).sent("offer")
        app = network.client._transport.app  # type: ignore[attr-defined]  # httpx hides it
        async with browsing(app) as browser, browser.page(viewport=PHONE) as page:
            for language in ("en", "lv", "fa", "ar", "uk"):
                await page.goto(f"{browser.site}{link_in(mail)}?lang={language}")
                width = await page.evaluate("document.documentElement.scrollWidth")
                assert (language, width) == (language, PHONE["width"])
                assert (language, await barriers(page)) == (language, [])
                for one in await page.get_by_role("button").all():
                    box = await one.bounding_box()
                    assert box is not None
                    assert min(box["width"], box["height"]) >= 44
