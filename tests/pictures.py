"""The README's pictures, taken of the sample network in a real browser: `make pictures`.

Starts `interpreters demo` on a folder of its own, signs each person in by the code that the
mailbox shows, and photographs their page.
"""

import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from playwright.async_api import Page, async_playwright

from browser import QUIET, chromium, free_port

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "docs" / "pictures"
DESK: Final = {"width": 1280, "height": 860}
PHONE: Final = {"width": 390, "height": 780}


class Picture(NamedTuple):
    """A page of somebody: who, where, in which language, how large."""

    name: str
    email: str | None
    path: str
    language: str
    size: dict[str, int]


SOON: Final = datetime.now(UTC).date() + timedelta(days=4)
FORM: Final = {"#date": f"{SOON}", "#time": "10:30", "#client": "LV-1042"}
YEAR: Final = "from=2016-06-01&to=2017-05-31&by=institution&counter=sessions"
PICTURES: Final = (
    Picture("board", "coordinator@example.org", "/board", "en", DESK),
    Picture("desk", "consultant@example.org", "/desk/new?language=prs", "en", DESK),
    Picture("finance", "finance@example.org", f"/finance/reports?{YEAR}", "en", DESK),
    Picture("phone", "interpreter01@example.org", "/app", "en", PHONE),
    Picture("phone-fa", "interpreter01@example.org", "/app", "fa", PHONE),
    Picture("languages", None, "/languages", "lv", PHONE),
)


async def main() -> None:
    """Take them all."""
    FOLDER.mkdir(exist_ok=True)
    with demo() as (site, told):
        await asyncio.to_thread(ask, site, told)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium(), args=QUIET)
            for one in PICTURES:
                await take(browser, site, one)
            await browser.close()


def ask(site: str, told: dict[str, Any]) -> None:
    """Have something to look at: an offer on the phone, a request that finds nobody."""
    begin = datetime.now(UTC).replace(hour=8, minute=30, second=0, microsecond=0)
    ids, usual = told["ids"], {"modes": ["in_person"], "duration_minutes": 60, "topic": "health"}
    for day, language, wanted in (
        (3, "dari", {"preferred_interpreter_ids": [ids["interpreter_id"]]}),
        (1, "mongolian", {}),
        (2, "ukrainian", {}),
        (4, "tamil", {}),
        (5, "pashto", {}),
        (6, "dari", {}),
    ):
        body = {
            **usual, "language": language, "site_id": ids["site_id"], "requirements": wanted,
            "starts_at": (begin + timedelta(days=day)).isoformat(),
            "clients": [{"reference": f"LV-20{day}"}],
        }  # fmt: skip
        call = urllib.request.Request(
            f"{site}/v1/requests",
            data=json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {told['keys']['institution']}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(call) as answer:
            assert answer.status == 201


async def take(browser: Any, site: str, one: Picture) -> None:
    """Photograph one page."""
    context = await browser.new_context(viewport=one.size, device_scale_factor=2)
    page = await context.new_page()
    if one.email is not None:
        await sign_in(page, site, one.email)
    await page.goto(f"{site}{one.path}{'&' if '?' in one.path else '?'}lang={one.language}")
    await page.wait_for_load_state("networkidle")
    for field, said in FORM.items() if one.name == "desk" else ():
        await page.fill(field, said)
    await asyncio.sleep(3)  # what is asked for beside a form comes by itself
    await page.screenshot(path=FOLDER / f"{one.name}.png")
    sys.stderr.write(f"{one.name}\n")
    await context.close()


async def sign_in(page: Page, site: str, email: str) -> None:
    """Sign in as a person does, with the code out of the mailbox."""
    old = await _codes(site, email)
    await page.goto(f"{site}/sign-in?lang=en")
    await page.get_by_role("textbox").first.fill(email)
    await page.get_by_role("button").first.click()
    code = await _code(site, email, after=old)
    await page.get_by_role("textbox").first.fill(code)
    await page.get_by_role("button").first.click()
    await page.wait_for_url(lambda url: "/sign-in" not in url)


async def _code(site: str, email: str, *, after: list[str]) -> str:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = await _codes(site, email)
        if len(found) > len(after):
            return found[0]
        await asyncio.sleep(0.5)
    raise TimeoutError(f"no code came for {email}")


async def _codes(site: str, email: str) -> list[str]:
    """Return the codes that were sent to an address, the newest first."""
    text = await asyncio.to_thread(_read, f"{site}/mailbox")
    mine = (one.partition('class="letter">')[2] for one in text.split("<article") if email in one)
    found = (re.search(r"\b(\d{6})\b", one) for one in mine)
    return [one[1] for one in found if one is not None]


def _read(address: str) -> str:
    with urllib.request.urlopen(address) as answer:
        text: str = answer.read().decode()
        return text


@contextmanager
def demo() -> Iterator[tuple[str, dict[str, Any]]]:
    """Run the sample network until the block ends; yield its address, and its keys and ids."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "interpreters", "demo", "--port", str(port), "--json"]
        running = subprocess.Popen(
            [*argv, "--data-dir", folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        try:
            assert running.stdout is not None
            told = next(line for line in running.stdout if line.startswith(b"{"))
            yield f"http://127.0.0.1:{port}", json.loads(told)
        finally:
            running.terminate()
            running.wait(60)


if __name__ == "__main__":
    asyncio.run(main())
