"""Pages for people: templates in their language, plain error pages, forms without scripts.

Nothing inline, nothing from elsewhere, no script at all; what a person or the database says is
escaped, and stands in `<bdi>` so that it does not turn the words around it.
"""

import traceback
from collections.abc import Mapping
from functools import cache, partial
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import structlog
from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Request, Response
from litestar.exceptions import HTTPException
from markupsafe import Markup, escape

from interpreters.database import BUSY, GONE
from interpreters.domain.errors import NotFound, Refusal
from interpreters.domain.pseudo_languages import PSEUDO
from interpreters.domain.wording import (
    CHOICES,
    comma,
    direction,
    fill,
    page_language,
    template,
)
from interpreters.web.assets import asset

LANGUAGE_COOKIE: Final = "interpreters_language"
FORM: Final = "application/x-www-form-urlencoded"
MOST_FIELDS: Final = 20
NOTHING_HERE: Final = "There is nothing here."
NOT_SENT: Final = "This could not be sent. Please go back and try again."
WENT_WRONG: Final = "Something went wrong. Please try again in a moment."
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
AnyRequest = Request[Any, Any, Any]
log = structlog.get_logger()


class NotOurPage(Exception):
    """A form was sent from another site's page, or is no form."""


def page(template_name: str, language: str, status: int = 200, /, **values: Any) -> Response[str]:
    """Return a page in a language.

    Templates have `t(message, **values)`, `tn(one, many, count)`, `say_in(language, message)`,
    `language`, `dir`, `languages` with their names and directions, `comma` (what stands between
    the parts of a list) and `asset(name)`.
    """
    text = _environment().get_template(template_name).render(
        language=language,
        dir=direction(language),
        comma=comma(language),
        languages={one: (name, direction(one)) for one, name in CHOICES.items()},
        asset=asset,
        t=partial(_told, language),
        tn=partial(_counted, language),
        say_in=_told,
        **values,
    )  # fmt: skip
    return Response(text, status_code=status, media_type="text/html", headers=HEADERS)


def message_page(
    language: str, message: str, status: int, hint: str | None = None
) -> Response[str]:
    """Return a page that says one thing: what is not here, what did not work."""
    return page("message.html", language, status, message=message, hint=hint)


def language_of(request: AnyRequest, usual: str | None = None) -> str:
    """Return the language to answer in: `?lang=`, what was chosen in this browser, the person's
    own, the browser's, English.
    """
    chosen = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    if chosen in PSEUDO:
        return str(chosen)
    return page_language(request.headers.get("accept-language"), chosen, usual)


async def read_form(request: AnyRequest) -> Mapping[str, str]:
    """Return the fields of a form sent from our own page; of a repeated one the last.

    Raises:
        NotOurPage: another site's page sent it, or it is no form.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not from_our_page(request) or kind != FORM or "content-encoding" in request.headers:
        raise NotOurPage
    raw = (await request.body()).decode("ascii", "replace")
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise NotOurPage from error
    return {name: value.replace("\r\n", "\n").replace("\0", "") for name, value in pairs}


def from_our_page(request: AnyRequest) -> bool:
    """Tell whether a form may be believed to come from a page of this site.

    Our pages send no referrer, so browsers say `Origin: null` also of our own forms (Fetch,
    "append a request Origin header"); `Sec-Fetch-Site` tells them apart. Browsers older than it
    are believed: no form here is sent by a cookie alone.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin", "null")
    return origin == "null" or _host(origin) == request.headers.get("host", "").lower()


def on_refusal(request: AnyRequest, refusal: Refusal) -> Response[str]:
    """Answer a refusal with a page."""
    if isinstance(refusal, NotFound):
        return message_page(language_of(request), NOTHING_HERE, 404)
    return message_page(language_of(request), NOT_SENT, 409)


def on_strange_form(request: AnyRequest, _: NotOurPage) -> Response[str]:
    """Answer a form that did not come from our page."""
    return message_page(language_of(request), NOT_SENT, 403)


def on_http_exception(request: AnyRequest, error: HTTPException) -> Response[str]:
    """Answer what the framework refuses with a page."""
    message = NOTHING_HERE if error.status_code == 404 else NOT_SENT  # noqa: PLR2004 - not found
    return message_page(language_of(request), message, error.status_code)


def on_surprise(request: AnyRequest, error: Exception) -> Response[str]:
    """Answer 503 when the database is away, else 500, and log where: never what was sent."""
    status = 503 if isinstance(error, (*GONE, *BUSY)) else 500
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = [f"{one.filename}:{one.lineno}:{one.name}" for one in frames]
    log.error("page-failed", error=type(error).__name__, at=places)
    return message_page(language_of(request), WENT_WRONG, status)


# For `exception_handlers=` of every door that answers people, who cannot read a problem's JSON.
PAGE_ERRORS: Final[dict[int | type[Exception], Any]] = {
    **dict.fromkeys((*GONE, *BUSY), on_surprise),
    Refusal: on_refusal,
    NotOurPage: on_strange_form,
    HTTPException: on_http_exception,
    Exception: on_surprise,
}


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("interpreters.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _host(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


def _told(language: str, message: str, **values: object) -> Markup:
    return _filled(template(language, message), values)


def _counted(language: str, one: str, many: str, count: int, **values: object) -> Markup:
    return _filled(template(language, one, many, count), {"count": count, **values})


def _filled(text: str, values: Mapping[str, object]) -> Markup:
    isolated = {name: Markup("<bdi>{}</bdi>").format(value) for name, value in values.items()}
    whole = fill(str(escape(text)), isolated)
    return Markup(whole)  # noqa: S704 - escaped above  # nosec B704 # escaped above
