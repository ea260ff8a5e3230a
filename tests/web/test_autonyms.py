"""Languages by their own names: all of them, each in its own direction, found by who points."""

import re

import pytest

from api import serving
from browser import app_of, barriers, browsing
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.language_catalogue import catalogue

pytestmark = pytest.mark.anyio


async def test_every_language_stands_there_once_under_its_own_name(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        response = await network.client.get("/languages?lang=lv")
    assert response.status_code == 200
    linked = re.findall(r'href="/desk/new\?language=(\w+)"', response.text)
    assert sorted(linked) == sorted(catalogue().languages)
    assert '<span lang="fa-AF" dir="rtl">دری</span> <small>darī</small>' in response.text
    assert '<span lang="ta" dir="ltr">தமிழ்</span>' in response.text


async def test_people_are_asked_in_all_languages_of_the_pages(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        response = await network.client.get("/languages")
    asked = re.findall(r'<li lang="(\w+)" dir="(ltr|rtl)">', response.text)
    assert {("fa", "rtl"), ("ar", "rtl"), ("uk", "ltr"), ("ps", "rtl")} <= set(asked)


async def test_it_is_pointed_at_on_a_phone(pool: Pool, clock: Clock) -> None:
    async with (
        serving(pool, clock) as network,
        browsing(app_of(network.client)) as browser,
        browser.page(viewport={"width": 320, "height": 640}) as page,
    ):
        for language in ("en", "fa", "lv"):
            await page.goto(f"{browser.site}/languages?lang={language}")
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert (language, width) == (language, 320)
            assert (language, await barriers(page)) == (language, [])
        box = await page.get_by_role("link", name="دری").bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert browser.complaints == []
