"""Whether what a plan was made of still holds when it is kept: nothing was held meanwhile."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from interpreters.application.plan_questions import Posed
from interpreters.application.plan_seats import EMPTY
from interpreters.database import Db
from interpreters.domain.requests import SeatState
from interpreters.domain.windows import Window
from interpreters.sql import commitments, request_seats, requests
from interpreters.sql.plan_places import PlanPlace
from interpreters.sql.requests import Request

SEARCHED = ("searching", "partly_filled", "unfilled")


async def lost_since(
    db: Db, *, network_id: UUID, posed: Posed, places: Sequence[PlanPlace]
) -> set[UUID]:
    """Return the requests of which a place no longer holds: the whole request is planned anew.

    Because it was called off, changed or begun anew; because somebody has the seat, or the
    interpreter something else at that time.
    """
    if not places:
        return set()
    ids = sorted({one.request_id for one in places})
    before = {one.request.id: one.request for one in posed.seats}
    found = await requests.get_many(db, network_id=network_id, ids=ids)
    seats = await request_seats.states(db, network_id=network_id, request_ids=ids)
    changed = {one for one in ids if not _is_same(before[one], found.get(one))}
    taken = {one.request_id for one in places if not _is_empty(seats[one.request_id], one.seat)}
    return changed | taken | await _busy(db, network_id, places)


def _is_same(before: Request, found: Request | None) -> bool:
    return (
        found is not None
        and found.state in SEARCHED
        and (found.session, found.ladder_started_at) == (before.session, before.ladder_started_at)
    )


def _is_empty(seats: Mapping[int, SeatState], seat: int) -> bool:
    """A leg of a relay that nobody has looked for yet has no row."""
    return seats.get(seat, "open") in EMPTY


async def _busy(db: Db, network_id: UUID, places: Sequence[PlanPlace]) -> set[UUID]:
    """Return the requests whose interpreter is booked at that time: they were not when it was
    solved.
    """
    window = Window(
        starts_at=min(one.session.starts_at for one in places),
        ends_at=max(one.session.ends_at for one in places),
    )
    booked = await commitments.around(
        db, network_id=network_id, window=window,
        interpreter_ids=sorted({one.interpreter_id for one in places}),
    )  # fmt: skip
    return {
        one.request_id
        for one in places
        if any(
            each.is_live
            and each.session.starts_at < one.session.ends_at
            and one.session.starts_at < each.session.ends_at
            for each in booked[one.interpreter_id]
        )
    }
