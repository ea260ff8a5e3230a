"""Every page that links lead to, found by following them: what is added is looked at by itself."""

import re
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urlsplit

from playwright.async_api import Page

from browser import Browser

# Not pages: the API and its description, files, and what signs out.
ELSEWHERE: Final = re.compile(
    r"^/(v1|docs|openapi|health|metrics|static|problems|calendar|mailbox|sign-in/)"
    r"|/file/|/stream$|\.(csv|xlsx|pdf|json|ics|svg|txt)$"
)
# What differs between pages of one kind: ids, months, dates, codes of languages.
PARTS: Final = re.compile(r"[a-z]{2,3}_[0-9A-Z]{26}|\d{4}-\d{2}(-\d{2})?")
MOST: Final = 80

# Text that was not given to be translated and is no data: data stands in <bdi>, in an element
# with a language of its own, or is a time, a day, a code or the name of a language.
FORGOTTEN: Final = """languages => {
  const known = new Set(languages.map(one => one.toLowerCase()));
  for (const unit of ["min", "csv", "xlsx", "pdf", "json"]) known.add(unit);
  for (const locale of ["en", "ar-u-nu-latn-ca-gregory"]) {
    for (const style of ["long", "short"]) {
      for (let one = 0; one < 12; one += 1) {
        const month = new Date(Date.UTC(2026, one)), weekday = new Date(Date.UTC(2026, 0, one));
        for (const [part, day] of Object.entries({ month, weekday })) {
          const options = { [part]: style, timeZone: "UTC" };
          known.add(day.toLocaleDateString(locale, options).toLowerCase());
        }
      }
    }
  }
  const isWord = one => /\\p{L}{3}/u.test(one) && !known.has(one);
  const isData = text => known.has(text) || !text.split(/[\\s,.\u060c\u2013-]+/).some(isWord);
  const apart = "script,style,noscript,template,bdi,time,code,pre,svg,textarea,option";
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    const text = node.textContent.trim();
    const parent = node.parentElement;
    if (isData(text.toLowerCase()) || text.includes("\u27e6") || parent.closest(apart)) continue;
    const spoken = parent.closest("[lang]");
    if (spoken && spoken !== document.documentElement) continue;
    // What stands in the middle of a message has its brackets on both sides of it.
    const whole = parent.textContent;
    const at = whole.indexOf(text);
    const opens = whole.lastIndexOf("\u27e6", at), closes = whole.lastIndexOf("\u27e7", at);
    if (opens < 0 || closes > opens) found.push(text.slice(0, 80));
  }
  return found;
}"""
# What is wider than the page, so that it has to be pushed sideways: what scrolls by itself may be.
TOO_WIDE: Final = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const found = [];
  for (const one of document.body.querySelectorAll("*")) {
    const box = one.getBoundingClientRect();
    const scrolls = one.closest(".scroll");
    if ((box.right > wide + 1 || box.left < -1) && box.width && !(scrolls && scrolls !== one)) {
      const text = one.textContent.trim().slice(0, 40);
      found.push(`${one.tagName} ${one.className} ${Math.round(box.width)} ${text}`);
    }
  }
  return found.length ? found : ["something is wider than the page"];
}"""


async def pages(browser: Browser, page: Page, start: str, language: str) -> AsyncIterator[str]:
    """Open one page of each kind that links lead to from `start`; yield its path.

    The page stays open until the next is asked for.
    """
    waiting, seen = [start], set[str]()
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        kind = PARTS.sub("*", urlsplit(path).path)
        if kind in seen:
            continue
        seen.add(kind)
        joined = "&" if "?" in path else "?"
        answer = await page.goto(f"{browser.site}{path}{joined}lang={language}")
        assert answer is not None
        assert (path, answer.status) == (path, 200)
        await page.wait_for_load_state("networkidle")
        yield path
        waiting += await _links(browser, page)


async def _links(browser: Browser, page: Page) -> list[str]:
    hrefs: list[str] = await page.eval_on_selector_all("a[href]", "found => found.map(a => a.href)")
    paths = []
    for href in hrefs:
        if href.startswith(f"{browser.site}/"):
            path = href.removeprefix(browser.site).partition("#")[0]
            plain = urlsplit(path).path
            if not ELSEWHERE.search(plain) and "lang=" not in path:
                paths.append(path)
    return paths


async def sign_in(browser: Browser, page: Page, token: str) -> None:
    """Give the browser somebody's sign-in."""
    await page.context.add_cookies(
        [{"name": "interpreters_token", "value": token, "url": browser.site}]
    )
