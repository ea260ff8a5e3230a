"""A real browser for tests: Chromium without a window, on the application behind a real server.

Nothing leaves the machine: whatever is not asked of the served application fails the test. Debian
and Ubuntu have the browser in `chromium`, fonts for all page languages in `fonts-noto-core`.
"""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

import httpx
import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, Route, async_playwright

CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
QUIET: Final = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
# Languages in which a workplace's own tests go through its pages; test_every_page.py does it in
# Persian, and `make e2e` does both in all of these.
SWEPT: Final = ("en", "fa", "lv") if os.environ.get("E2E") == "all" else ("en",)
STANDARDS: Final = [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice",
]  # fmt: skip
OPEN: Final[list[Any]] = []  # browsers that are kept open


class Browser:
    """A browser, the address it may ask, and what it complained about."""

    def __init__(self, browser: Any, site: str) -> None:
        self.browser = browser
        self.site = site
        self.complaints: list[str] = []

    @asynccontextmanager
    async def page(self, **context: Any) -> AsyncIterator[Page]:
        """Open a page as `context` says (`locale`, `viewport`, `color_scheme`, …)."""
        opened: BrowserContext = await self.browser.new_context(**context)
        opened.set_default_timeout(15_000)
        await opened.route("**/*", self._only_here)
        page = await opened.new_page()
        page.on("console", lambda one: self._heard(one.type, one.text))
        page.on("pageerror", lambda one: self._heard("error", str(one)))
        try:
            yield page
        finally:
            await opened.close()

    async def _only_here(self, route: Route) -> None:
        if route.request.url.startswith((f"{self.site}/", "data:")):
            await route.continue_()
        else:
            self.complaints.append(f"asked elsewhere: {route.request.url}")
            await route.abort()

    def _heard(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)


@asynccontextmanager
async def browsing(app: Any, *, name: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Browser]:
    """Serve a started application on this machine, and open a browser on it.

    `name` is what the browser calls the machine (passkeys need `localhost`); without `port` some
    free one is taken. Nothing of one page is left for another: each has a context of its own.
    """
    async with served(app, name, port) as site, AsyncExitStack() as own:
        yield Browser(OPEN[-1] if OPEN else await own.enter_async_context(launched()), site)


@asynccontextmanager
async def kept_open() -> AsyncIterator[None]:
    """Browse with one browser until the block ends: its start takes longer than most pages."""
    async with launched() as browser:
        OPEN.append(browser)
        try:
            yield
        finally:
            OPEN.remove(browser)


@asynccontextmanager
async def launched() -> AsyncIterator[Any]:
    """Start a browser, and end it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        try:
            yield browser
        finally:
            await browser.close()


async def barriers(page: Page) -> list[str]:
    """Return what keeps people with disabilities out, by axe-core: rule and where."""
    found = await Axe().run(page, options={"runOnly": STANDARDS})
    return [
        f"{one['id']}: {node['html'][:120]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


def app_of(client: httpx.AsyncClient) -> Any:
    """Return the application that a client without a network calls."""
    return client._transport.app  # type: ignore[attr-defined]  # an ASGITransport has it


def free_port() -> int:
    """Return a port nobody has: for settings that name it before it is served."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def chromium() -> str:
    """Return where the browser is."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    assert found is not None, "tests in a browser need Chromium: apt-get install chromium"
    return found


@asynccontextmanager
async def served(app: Any, name: str, port: int) -> AsyncIterator[str]:
    """Serve in this process, so that clock and database are the test's.

    Yield the address. The same port may be served again afterwards.
    """
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=3,
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve())
    while not server.started:
        assert not running.done(), "the server did not start"
        await asyncio.sleep(0.01)
    taken = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://{name}:{taken}"
    finally:
        server.should_exit = True
        await running
