"""One request as a coordinator works on it: who was asked, who could be, and why not the others."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.board import BoardRow, rows_of
from interpreters.application.by_hand import Change, last_change
from interpreters.application.request_notes import ShownNote, notes_of
from interpreters.application.requests import request_candidates
from interpreters.application.scoring import Candidate
from interpreters.application.shown_requests import find_request
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.requests import can
from interpreters.sql import audit, board, interpreters, offers
from interpreters.sql.interpreters import Interpreter
from interpreters.sql.offers import Offer

SHOWN: Final = 30  # candidates; the others fit less well
MOST_SPEAKERS: Final = 500


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """A request with its offers, oldest first, and who could be asked, best first.

    Candidates and the others are looked for only while somebody is missing. `speakers` are those
    about whom one may want to know why they are not asked.
    """

    row: BoardRow
    offers: Sequence[Offer]
    names: Mapping[UUID, str]
    candidates: Sequence[Candidate]
    excluded: Mapping[str, int]
    speakers: Sequence[tuple[UUID, str]]
    notes: Sequence[ShownNote]
    last: Change


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to ring up about a request, with what is known of them."""

    candidate: Candidate
    interpreter: Interpreter
    offer: Offer | None


class CallList(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to ring up about a request, the best first."""

    row: BoardRow
    people: Sequence[Called]


async def show_panel(db: Db, caller: Caller, *, request_id: UUID, now: datetime) -> Panel:
    """Return what a coordinator needs to know of one request.

    Raises:
        Forbidden: only coordinators work on it.
        NotFound: there is no such request.
    """
    permit(caller, "requests:read", "coordinator")
    network_id = caller.network_id
    request = await find_request(db, caller, request_id=request_id)
    [row] = await rows_of(db, caller, ids=[request_id], now=now)
    made = await offers.of_request(db, network_id=network_id, request_id=request_id)
    people = await interpreters.get_many(
        db, network_id=network_id, ids=list({one.interpreter_id for one in made})
    )
    candidates: Sequence[Candidate] = ()
    excluded: Mapping[str, int] = {}
    if can(state=request.state, verb="assign"):
        result, excluded = await request_candidates(db, caller, request_id=request_id, now=now)
        candidates = result.candidates
    return Panel(
        row=row,
        offers=made,
        names={key: one.display_name for key, one in people.items()},
        candidates=candidates[:SHOWN],
        excluded=excluded,
        speakers=await board.speakers(
            db, network_id=network_id, language=request.languages[0], limit=MOST_SPEAKERS
        ),
        notes=await notes_of(db, network_id=network_id, request=request),
        last=await last_change(db, caller, request_id=request_id),
    )


async def show_call_list(db: Db, caller: Caller, *, request_id: UUID, now: datetime) -> CallList:
    """Return whom to ring up, with their numbers; that they were read is noted.

    Raises:
        Forbidden: only coordinators see numbers of people they have not booked.
        NotFound: there is no such request.
    """
    permit(caller, "roster:read", "coordinator")
    network_id = caller.network_id
    result, _ = await request_candidates(db, caller, request_id=request_id, now=now)
    found = result.candidates[:SHOWN]
    ids = [one.interpreter_id for one in found]
    people = await interpreters.get_many(db, network_id=network_id, ids=ids)
    made = await offers.of_request(db, network_id=network_id, request_id=request_id)
    newest = {one.interpreter_id: one for one in made}
    [row] = await rows_of(db, caller, ids=[request_id], now=now)
    await audit.write(
        db, caller=caller, action="read", subject_kind="interpreter", subject_ids=ids, now=now
    )
    return CallList(
        row=row,
        people=[
            Called(
                candidate=one,
                interpreter=people[one.interpreter_id],
                offer=newest.get(one.interpreter_id),
            )
            for one in found
        ],
    )
