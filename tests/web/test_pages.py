"""The pages that anybody may read."""

import re

import httpx
import pytest

from api import serving
from conftest import Clock
from interpreters.database import Pool

pytestmark = pytest.mark.anyio


async def test_the_front_page_says_what_this_is_and_its_links_work(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        page = await network.client.get("/")
        assert page.status_code == 200
        assert "Somebody needs an interpreter." in page.text
        links = re.findall(r'(?:href|src)="(/[^"]*)"', page.text)
        assert {"/docs", "/sign-in"} <= set(links)
        for link in links:
            assert (await network.client.get(link)).status_code == 200, link
        assert '<html lang="en" dir="ltr">' in page.text
        farsi = await network.client.get("/?lang=fa")
        assert '<html lang="fa" dir="rtl">' in farsi.text


async def test_a_problems_type_leads_to_a_page_about_it(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        refused = await network.client.get("/v1/me")
        page = await network.client.get(refused.json()["type"])
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert refused.json()["title"] in page.text
        unknown = await network.client.get("/problems/never-heard-of-<script>")
        assert unknown.status_code == 404
        assert isinstance(unknown, httpx.Response)
        assert "<script>" not in unknown.text
