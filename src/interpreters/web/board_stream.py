"""`/board/stream`: the feed for whoever looks at the board, signed in by the browser's cookie."""

from typing import Any, Final

from litestar import Request, get
from litestar.response import Stream

from interpreters.http.stream import LONGEST, Line, after_named, follow
from interpreters.web.workplace import token_at

# A comment is not heard by a page's script: it wants to know that the line is alive.
PING: Final = b"event: ping\ndata:\n\n"


@get("/board/stream", include_in_schema=False)
async def board_stream(request: Request[Any, Any, Any]) -> Stream:
    """Events as they happen, from `Last-Event-ID` or `after` on; without, from now on."""
    token = token_at(request)
    line = Line(
        streams=request.app.state.streams,
        token=token,
        # Keys have one role, which may be another one: what they may see is told them.
        role="coordinator" if token.startswith("st_") else None,
        silence=PING,
    )
    after = request.query_params.get("after") or None
    return await follow(line, lambda: after_named(request, after), lambda: LONGEST)


ROUTES = (board_stream,)
