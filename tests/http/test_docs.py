"""The page of the contract comes from this server alone."""

import hashlib
import re

import pytest

from api import serving
from conftest import Clock
from interpreters.database import Pool
from interpreters.http.docs import FOLDER, KINDS

pytestmark = pytest.mark.anyio


async def test_the_page_names_nothing_outside_and_all_it_names_is_there(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        page = await network.client.get("/docs")
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        named = re.findall(r"(?:src|href)=\"([^\"]*)\"", page.text)
        assert "/docs/swagger-ui-bundle.js" in named
        assert "//" not in page.text.replace("<!doctype html>", "")
        for address in named:
            if address != "data:,":
                answer = await network.client.get(address)
                assert (address, answer.status_code) == (address, 200)
                assert answer.headers["content-type"].partition(";")[0] in (
                    "text/javascript",
                    "text/css",
                    "application/json",
                )


async def test_the_page_allows_nothing_from_outside_and_no_script_of_its_own(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        page = await network.client.get("/docs")
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'self';")
        assert "unsafe" not in policy
        assert "http" not in policy
        assert not re.search(r"<script(?![^>]*src=)|<style|style=|\son\w+=", page.text)


async def test_a_file_that_is_not_the_pages_is_not_there(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        for name in ("VERSION", "..%2f..%2fdocs.py", "x", "%2e%2e"):
            assert (await network.client.get(f"/docs/{name}")).status_code == 404


def test_the_files_are_those_that_were_published() -> None:
    said = (FOLDER / "VERSION").read_text()
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert f"{hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()}  {name}" in said
    assert set(KINDS) <= {one.name for one in FOLDER.iterdir()}


def test_our_script_asks_only_this_server() -> None:
    script = (FOLDER / "start.js").read_text()
    assert "http" not in script
    assert "validatorUrl: null" in script
