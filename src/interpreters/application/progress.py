"""How far a search is, for whoever asked: how many people are asked, and until when they answer.

Who they are is nobody's business before somebody says yes.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.shown_requests import ASKERS, ShownRequest, find_request, shown
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.matching import show_count
from interpreters.sql import offers


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A request, and how the search for it goes.

    `asked` counts people who were asked, `waiting` those who may still answer, until `answer_by`
    at the latest; for institutions fewer than 3 are "few".
    """

    shown: ShownRequest
    asked: int | str
    waiting: int | str
    answer_by: datetime | None


async def show_progress(db: Db, caller: Caller, *, request_id: UUID, now: datetime) -> Progress:
    """Return a request with how far its search is.

    Raises:
        NotFound: there is none such in what the caller may see.
    """
    permit(caller, "requests:read", *ASKERS)
    found = await find_request(db, caller, request_id=request_id)
    made = await offers.of_request(db, network_id=caller.network_id, request_id=request_id)
    open_now = [one for one in made if one.state == "open" and one.answer_by > now]
    return Progress(
        shown=(await shown(db, caller.network_id, [found]))[0],
        asked=_people(caller, {one.interpreter_id for one in made}),
        waiting=_people(caller, {one.interpreter_id for one in open_now}),
        answer_by=max((one.answer_by for one in open_now), default=None),
    )


def _people(caller: Caller, found: set[UUID]) -> int | str:
    """Nobody is nobody: 0 points at no person."""
    return show_count(count=len(found), role=caller.role) if found else 0
