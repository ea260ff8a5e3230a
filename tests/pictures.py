"""The README's pictures, taken of the sample network in a real browser: `make pictures`.

Starts `interpreters demo` on a folder of its own, signs each person in by the code that the
mailbox shows, and photographs their page.
"""

import asyncio
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from playwright.async_api import Page, async_playwright

from browser import QUIET, chromium, free_port

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "docs" / "pictures"
PATIENCE: Final = 300.0  # seconds that fifteen months may take to be played
DESK: Final = {"width": 1280, "height": 860}
PHONE: Final = {"width": 390, "height": 780}


class Picture(NamedTuple):
    """A page of somebody: who, where, in which language, how large."""

    name: str
    email: str | None
    path: str
    language: str
    size: dict[str, int]


PICTURES: Final = (
    Picture("board", "coordinator@example.org", "/board", "en", DESK),
    Picture("desk", "consultant@example.org", "/desk/new", "en", DESK),
    Picture("finance", "finance@example.org", "/finance/reports", "en", DESK),
    Picture("phone", "interpreter01@example.org", "/app", "en", PHONE),
    Picture("phone-fa", "interpreter01@example.org", "/app", "fa", PHONE),
    Picture("languages", None, "/languages", "lv", PHONE),
)


async def main() -> None:
    """Take them all."""
    FOLDER.mkdir(exist_ok=True)
    with demo() as site:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium(), args=QUIET)
            for one in PICTURES:
                await take(browser, site, one)
            await browser.close()


async def take(browser: Any, site: str, one: Picture) -> None:
    """Photograph one page."""
    context = await browser.new_context(viewport=one.size, device_scale_factor=2)
    page = await context.new_page()
    if one.email is not None:
        await sign_in(page, site, one.email)
    await page.goto(f"{site}{one.path}?lang={one.language}")
    await page.wait_for_load_state("networkidle")
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
def demo() -> Iterator[str]:
    """Run the sample network until the block ends; yield its address."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "interpreters", "demo", "--port", str(port)]
        running = subprocess.Popen([*argv, "--data-dir", folder], stdout=subprocess.DEVNULL)
        try:
            _wait(f"http://127.0.0.1:{port}/health/ready", running)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait(60)


def _wait(address: str, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert running.poll() is None, "the sample network did not start"
        try:
            _read(address)
        except (urllib.error.URLError, OSError):
            time.sleep(1)
        else:
            return
    raise TimeoutError(address)


if __name__ == "__main__":
    asyncio.run(main())
