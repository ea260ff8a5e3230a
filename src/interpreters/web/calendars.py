"""`/calendar/{token}.ics`: somebody's sessions, for the calendar of a telephone or a desk."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get

from interpreters.application import calendars
from interpreters.application.calendars import Feed
from interpreters.application.calls import run
from interpreters.database import Db
from interpreters.domain.errors import NotSignedIn
from interpreters.domain.tokens import network_of
from interpreters.web.rendering import NOTHING_HERE, PAGE_ERRORS, language_of, message_page

SUFFIX: Final = ".ics"
AnyRequest = Request[Any, Any, Any]


@get("/calendar/{file:str}", include_in_schema=False, exception_handlers=PAGE_ERRORS)
async def show_calendar(request: AnyRequest) -> Response[Any]:
    """The calendar as a file, unless the reader has it already."""
    feed = await _opened(request)
    if feed is None:
        return message_page(language_of(request), NOTHING_HERE, 404)
    headers = {
        "ETag": feed.etag,
        "Cache-Control": "private, no-cache",  # to be asked again each time
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow",
    }
    if _is_known(request.headers.get("if-none-match", ""), feed.etag):
        return Response(b"", status_code=304, headers=headers)
    return Response(
        feed.file(request.app.state.clock()),
        media_type="text/calendar",
        headers=headers,
    )


async def _opened(request: AnyRequest) -> Feed | None:
    state, name = request.app.state, str(request.path_params["file"])
    token, network_id = name.removesuffix(SUFFIX), _network(name)
    if network_id is None:
        return None
    now, base_url = state.clock(), state.base_url

    async def work(db: Db) -> Feed | None:
        return await calendars.open_feed(db, network_id, token=token, base_url=base_url, now=now)

    return await run(state.pool, network_id, work)


def _network(name: str) -> UUID | None:
    if not name.endswith(SUFFIX):
        return None
    try:
        return network_of(name.removesuffix(SUFFIX), "ca")
    except NotSignedIn:
        return None


def _is_known(said: str, etag: str) -> bool:
    """Compare weakly, as RFC 9110 §13.1.2 has it for If-None-Match."""
    named = {one.strip().removeprefix("W/") for one in said.split(",")}
    return "*" in named or etag.removeprefix("W/") in named


ROUTES = (show_calendar,)
