"""An interpreter's phone for tests: a centre that asks, somebody signed in, their app opened."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Page

from api import Network
from browser import Browser
from centre import Centre, Person

SMALL = {"width": 360, "height": 740}
# What lies in the page's own databases, by its keys.
KEPT = """async () => {
    const found = [];
    for (const {name} of await indexedDB.databases()) {
        const store = name.replace("interpreters-", "");
        found.push(...await new Promise((resolve) => {
            const opened = indexedDB.open(name);
            opened.onsuccess = () => {
                const all = opened.result.transaction(store).objectStore(store).getAllKeys();
                all.onsuccess = () => { opened.result.close(); resolve(all.result); };
            };
        }));
    }
    return found;
}"""


async def signed_in(network: Network, person: Person, **fields: Any) -> str:
    """Return the sign-in of the interpreter as a browser keeps it."""
    somebody = await network.person(
        ["interpreter"], email=f"phone-{person.id[-6:].lower()}@example.org",
        interpreter_id=person.key, **fields,
    )  # fmt: skip
    assert somebody.token is not None
    return somebody.token


async def offered(centre: Centre, **changes: Any) -> Person:
    """Return somebody who is asked."""
    person = await centre.person()
    await centre.asked(**changes)
    return person


@asynccontextmanager
async def phone(browser: Browser, token: str | None, **context: Any) -> AsyncIterator[Page]:
    """A small screen, signed in where there is a token."""
    async with browser.page(**{"viewport": SMALL, "has_touch": True, **context}) as page:
        if token is not None:
            await page.context.add_cookies([cookie(browser, token)])
        yield page


def cookie(browser: Browser, token: str) -> Any:
    """Return the cookie that a sign-in is kept in."""
    return {"name": "interpreters_token", "value": token, "url": browser.site}


async def controlled(page: Page) -> None:
    """Wait until the page's worker has taken over."""
    await page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    while not await page.evaluate("Boolean(navigator.serviceWorker.controller)"):
        await page.wait_for_timeout(50)
