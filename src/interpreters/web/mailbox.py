"""`/mailbox`: what a demonstration would have sent to people, for whoever sits at the machine.

The demonstration goes on writing to everybody: `?to=` shows what went to one address alone.

It shows everybody's codes, so it is there in `demo` alone, for this machine alone: not through a
proxy, and not under another name (a page elsewhere whose name leads here could read it).
"""

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get

from interpreters.application.messages import Message, kept_messages
from interpreters.application.networks import list_networks
from interpreters.domain.errors import NotFound
from interpreters.domain.ids import PUSH_SUBSCRIPTION, show_id
from interpreters.domain.push import Pushed
from interpreters.domain.wording import direction, page_tag
from interpreters.http.origin import is_near
from interpreters.web.rendering import PAGE_ERRORS, page

MOST: Final = 50
LOOKED_AT: Final = 2000  # the newest, where one address is looked for: addresses are sealed
NAMES: Final = {"localhost", "127.0.0.1", "[::1]"}
AnyRequest = Request[Any, Any, Any]


@get("/mailbox", include_in_schema=False, exception_handlers=PAGE_ERRORS)
async def show_mailbox(request: AnyRequest) -> Response[str]:
    """Show the newest messages of all networks."""
    if not is_open(request):
        raise NotFound
    pool, to = request.app.state.pool, str(request.query_params.get("to", "")).strip()
    found = [
        (slug, _shown(one))
        for slug, network_id in (await list_networks(pool)).items()
        for one in await kept_messages(pool, network_id=network_id, limit=LOOKED_AT if to else MOST)
        if to.casefold() in one.recipient.casefold()
    ]
    newest = sorted(found, key=lambda pair: pair[1].created_at, reverse=True)[:MOST]
    return page("mailbox.html", "en", letters=newest, to=to, language_tag=page_tag, way=direction)


def is_open(request: AnyRequest) -> bool:
    """Tell whether this is a demonstration, looked at on its own machine."""
    said = request.headers.get("host", "").lower()
    host, _, port = said.rpartition(":")
    name = host if host and port.isdigit() else said
    return bool(request.app.state.demo) and is_near(request) and name in NAMES


def _shown(one: Message) -> Message:
    """Return a push as its browser would show it."""
    if one.channel != "push":
        return one
    pushed = msgspec.json.decode(one.body, type=Pushed).notification
    return msgspec.structs.replace(
        one,
        body=f"{pushed.body}\n{pushed.navigate}",
        recipient=show_id(PUSH_SUBSCRIPTION, UUID(one.recipient)),
    )


ROUTES = (show_mailbox,)
