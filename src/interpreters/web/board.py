"""`/board`: what coordinators look at, live; without scripts a table and a link to read it anew."""

import re
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, get_args
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get

from interpreters.application.board import (
    MOST,
    BoardOrder,
    BoardRow,
    list_board,
    show_board,
    show_choices,
)
from interpreters.domain import ids
from interpreters.domain.errors import NotFound
from interpreters.domain.events import types_for
from interpreters.domain.requests import RequestState
from interpreters.domain.windows import at_place, local_instant
from interpreters.http.stream import PING
from interpreters.web.board_words import starts_in
from interpreters.web.fields import Fields, asked_fields
from interpreters.web.formats import Formats
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

STALE_AFTER: Final = int(2 * PING)  # seconds without a sign of life
FILTERS: Final = ("state", "language", "institution_id", "when", "open")
DAYS: Final = {"today": 1, "week": 7}
CODE: Final = re.compile("[a-z]{3}")


@get("/board", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def board_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Show the board, filtered as the address says."""
    visit = await visiting(request, "coordinator")
    said = asked_fields(request)
    order = _order(visit, said)
    board = await visit.ask(
        lambda db, caller: show_board(db, caller, wanted=lambda: order, now=visit.now)
    )
    choices = await visit.ask(show_choices)
    spoken = sorted(
        ((code, _called(visit, code)) for code in choices.languages), key=lambda one: one[1]
    )
    return visit.page(
        "board.html",
        board=board,
        said={name: said.get(name) for name in FILTERS},
        spoken=spoken,
        institutions=[
            (ids.show_id(ids.INSTITUTION, key), name) for key, name in choices.institutions
        ],
        query=_query(said),
        types=" ".join(types_for("coordinator")),
        stale_after=STALE_AFTER,
        most=MOST,
        **row_words(visit),
    )


@get("/board/rows", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def board_rows(request: Request[Any, Any, Any]) -> Response[str]:
    """Show rows alone: all that fit the address, or of those the ones named by `id`."""
    visit = await visiting(request, "coordinator")
    said = asked_fields(request)
    only = [one for one in map(_request_id, said.all("id")) if one is not None]
    if "id" not in said:
        order = _order(visit, said)
        board = await visit.ask(
            lambda db, caller: show_board(db, caller, wanted=lambda: order, now=visit.now)
        )
        return visit.page("board_rows.html", board=board, rows=board.rows, **row_words(visit))
    named = _order(visit, said, only[:MOST])
    rows = await visit.ask(
        lambda db, caller: list_board(db, caller, wanted=lambda: named, now=visit.now)
    )
    return visit.page("board_rows.html", board=None, rows=rows, **row_words(visit))


def row_words(visit: Visit) -> dict[str, Any]:
    """Return what the templates of rows call: ids as they are shown, places in the order, times."""
    return {
        "request_id": partial(ids.show_id, ids.REQUEST),
        "order_of": _order_of,
        "starts_in": lambda instant: starts_in(visit.language, instant, visit.now),
    }


def _order(visit: Visit, said: Fields, only: list[UUID] | None = None) -> BoardOrder:
    """Return the filter; what cannot be read is left out, as if nothing was chosen."""
    state, language = said.get("state"), said.get("language")
    return BoardOrder(
        state=state if state in get_args(RequestState) else None,  # type: ignore[arg-type]  # it is one of them
        language=language if CODE.fullmatch(language) else None,
        institution_id=_read(ids.INSTITUTION, said.get("institution_id")),
        until=_until(visit, said.get("when")),
        open_only=said.ticked("open"),
        ids=only,
    )


def _until(visit: Visit, when: str) -> datetime | None:
    """Return the midnight, by the network's clock, until which one looks."""
    if when not in DAYS:
        return None
    zone = visit.me.network.time_zone
    today = at_place(instant=visit.now, time_zone=zone).date()
    return local_instant(date=today + timedelta(days=DAYS[when]), minute_of_day=0, time_zone=zone)


def _query(said: Fields) -> str:
    return urlencode([(name, said.get(name)) for name in FILTERS if said.get(name)])


def _order_of(row: BoardRow) -> str:
    """Return a text by which rows are sorted as the table is."""
    request = row.shown.request
    return f"{int(not row.is_open)} {request.session.starts_at.isoformat()} {request.id}"


def _called(visit: Visit, code: str) -> str:
    return Formats(visit.language, visit.me.network.time_zone).language_called(code)


def _request_id(text: str) -> UUID | None:
    return _read(ids.REQUEST, text)


def _read(prefix: str, text: str) -> UUID | None:
    try:
        return ids.read_id(prefix, text) if text else None
    except NotFound:
        return None


ROUTES = (board_page, board_rows)
