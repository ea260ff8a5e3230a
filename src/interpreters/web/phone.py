"""`/app`: the interpreter's phone. A shell that anybody may load, and what installs it.

The shell holds the texts of one language and nothing of anybody; what a person has comes from
`/app/state`. `frontend/phone` is its script, `frontend/worker` what works without a network.
"""

from functools import cache
from typing import Any, Final

import msgspec
from litestar import Request, Response, get

from interpreters.domain.wording import CHOICES, direction, say
from interpreters.web.assets import STATIC, content, packed
from interpreters.web.entrance import PERSON_ERRORS, chosen_language
from interpreters.web.phone_state import own_language
from interpreters.web.phone_texts import SHELL, TITLE, texts
from interpreters.web.rendering import language_of, page

PATH: Final = "/app"
SIZES: Final = (192, 512)
COLOR: Final = "#0b4f9c"
PAPER: Final = "#ffffff"
_NAMES: Final = msgspec.json.encode(dict(CHOICES)).decode()
FRESH: Final = {"Cache-Control": "no-cache"}
AnyRequest = Request[Any, Any, Any]


@get(PATH, include_in_schema=False, exception_handlers=PERSON_ERRORS)
async def shell(request: AnyRequest) -> Response[Any]:
    """The app, in the language asked for, chosen before, or the person's own."""
    language = language_of(request, await own_language(request))
    made = page(
        "phone.html",
        language,
        title=TITLE,
        loading=SHELL,
        texts=_embedded(language),
        names=_NAMES,
    )
    packed_page = packed(request, made.content.encode(), "text/html", dict(made.headers))
    packed_page.headers["Referrer-Policy"] = "same-origin"
    if "lang" in request.query_params:
        packed_page.set_cookie(chosen_language(request, language))
    return packed_page


@get(f"{PATH}/worker.js", include_in_schema=False)
async def worker(request: AnyRequest) -> Response[bytes]:
    """What runs beside the page: it keeps the app, sends what waits, shows messages.

    Browsers look for a new one under the same address.
    """
    allowed = {**FRESH, "Service-Worker-Allowed": PATH}
    return packed(request, content("worker.js"), "text/javascript", allowed)


@get(f"{PATH}/manifest.webmanifest", include_in_schema=False)
async def manifest(request: AnyRequest) -> Response[bytes]:
    """What a phone needs to install the app, in a language."""
    language = language_of(request)
    told = {
        "id": PATH,
        "name": say(language, TITLE),
        "short_name": say(language, TITLE),
        "lang": language,
        "dir": direction(language),
        "start_url": PATH,
        "scope": PATH,
        "display": "standalone",
        "theme_color": COLOR,
        "background_color": PAPER,
        "icons": [
            {"src": f"{PATH}/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png",
             "purpose": "any maskable"}
            for size in SIZES
        ],
    }  # fmt: skip
    return packed(request, msgspec.json.encode(told), "application/manifest+json", FRESH)


@get([f"{PATH}/icon-{size}.png" for size in SIZES], include_in_schema=False)
async def icon(request: AnyRequest) -> Response[bytes]:
    """The app's picture on a home screen."""
    day = {"Cache-Control": "public, max-age=86400"}
    name = request.url.path.rpartition("icon-")[2]
    return Response(_icon(name), media_type="image/png", headers=day)


@cache
def _icon(name: str) -> bytes:
    return (STATIC / f"phone-{name}").read_bytes()


@cache
def _embedded(language: str) -> str:
    """Return the texts as JSON, to stand in an attribute of the page."""
    return msgspec.json.encode(texts(language)).decode()


ROUTES = (shell, worker, manifest, icon)
