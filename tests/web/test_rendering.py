"""Pages for people: escaped, in their direction, with nothing a strict policy would stop."""

import re
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import RequestFactory

from api import serving
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.errors import NotFound, WrongState
from interpreters.domain.wording import CHOICES
from interpreters.web import rendering
from interpreters.web.rendering import PAGE_ERRORS, from_our_page, message_page, page

pytestmark = pytest.mark.anyio
WEB = Path(rendering.__file__).parent
NASTY = '"><script>alert(1)</script>\u202e'


def text(response: Any) -> str:
    return str(response.content)


@pytest.mark.parametrize("language", CHOICES)
async def test_a_page_says_its_language_and_which_way_it_runs(language: str) -> None:
    way = "rtl" if language[:2] in {"fa", "ar", "ur", "ps"} else "ltr"
    made = text(message_page(language, "There is nothing here.", 404))
    assert f'<html lang="{language}" dir="{way}">' in made
    assert made.count("?lang=") == len(CHOICES)
    assert made.count('aria-current="true"') == 1


async def test_what_people_say_is_escaped_and_cannot_turn_the_words_around_it() -> None:
    told = rendering._told("en", "Room: {room}", room=NASTY)
    assert told.startswith("Room: <bdi>&#34;&gt;&lt;script&gt;")
    assert told.endswith("</bdi>")
    assert "<script" not in text(message_page(NASTY, NASTY, 404, NASTY))


async def test_templates_hold_nothing_that_the_policy_would_stop() -> None:
    templates = sorted((WEB / "templates").glob("*.html"))
    assert len(templates) >= 2
    for path in templates:
        read = path.read_text(encoding="utf-8")
        ours = r'<script src="(/static/[a-z]+\.js|\{\{ asset\("[a-z]+\.js"\) \}\})" defer></script>'
        read = re.sub(ours, "", read)
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:|https?://", read), path
        assert "|safe" not in read.replace(" ", ""), path
        assert "autoescape" not in read, path


async def test_no_template_parts_facts_by_a_comma_of_its_own() -> None:
    between = re.compile(r"(?:\}|<[^<>%]+>), ?(?:<|\{|\$\{)")
    written = [one for one in (WEB / "templates").glob("*.html") if one.name != "mailbox.html"]
    for path in written:
        read = re.sub(r"\{# .*? #\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not between.search(re.sub(r"\{\{.*?\}\}", "{}", read)), path
        assert 'join(", ")' not in read, path
    for path in (WEB.parents[2] / "frontend" / "phone").glob("*.js"):
        assert not re.search(r"\}, (?:<|\$\{)", path.read_text(encoding="utf-8")), path


async def test_no_sheet_knows_left_or_right() -> None:
    frontend = WEB.parents[2] / "frontend"
    written = [one for one in frontend.rglob("*.css") if "node_modules" not in one.parts]
    for path in [*sorted((WEB / "static").glob("*.css")), *written]:
        assert not re.search(r"\b(left|right)\b", path.read_text(encoding="utf-8")), path
    sheet = (WEB / "static" / "people.css").read_text(encoding="utf-8")
    assert not re.search(r"\b(left|right)\b", sheet)
    assert "url(" not in sheet
    assert {"prefers-color-scheme: dark", ":focus-visible", "@media print"} <= {
        one for one in ("prefers-color-scheme: dark", ":focus-visible", "@media print")
        if one in sheet
    }  # fmt: skip


async def test_the_sheet_is_served_under_an_address_that_changes_with_it(
    pool: Pool, clock: Clock
) -> None:
    made = text(page("message.html", "lv", message="There is nothing here.", hint=None))
    address = re.findall(r'href="(/static/[^"]+)"', made)[0]
    async with serving(pool, clock) as network:
        sheet = await network.client.get(address)
        assert (sheet.status_code, sheet.headers["content-type"].partition(";")[0]) == (
            200, "text/css",
        )  # fmt: skip
        assert "immutable" in sheet.headers["cache-control"]


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "http://testserver.local"}, True),
        ({"Origin": "http://testserver.local.evil.example"}, False),
        ({"Origin": "http://[evil"}, False),
    ],
)
async def test_a_form_comes_from_our_own_page(headers: dict[str, str], ours: bool) -> None:
    request = RequestFactory().post("/", headers={"Host": "testserver.local", **headers})
    assert from_our_page(request) is ours


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotFound(), 404), (WrongState(), 409), (OSError("gone"), 503), (KeyError(NASTY), 500)],
)
async def test_people_are_told_in_words_what_went_wrong(error: Exception, status: int) -> None:
    handler = next(PAGE_ERRORS[one] for one in type(error).__mro__ if one in PAGE_ERRORS)
    request = RequestFactory().get("/", headers={"Accept-Language": "lv"})
    answer = handler(request, error)
    assert answer.status_code == status
    assert answer.media_type == "text/html"
    assert '<html lang="lv"' in text(answer)
    assert "gone" not in text(answer)
