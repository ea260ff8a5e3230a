"""The board: what coordinators look at, unfilled first, with what is about to go wrong."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.on_call import who_is_on_call
from interpreters.application.shown_requests import ShownRequest, shown
from interpreters.database import Db
from interpreters.domain.board import (
    AHEAD,
    OPEN,
    Looked,
    Seated,
    Trouble,
    needs_somebody,
    troubles,
    waits_for_a_coordinator,
)
from interpreters.domain.bookings import LIVE
from interpreters.domain.callers import Caller, permit
from interpreters.domain.requests import RequestState
from interpreters.domain.windows import at_place
from interpreters.sql import board, credentials, institutions, networks, requests, sites, users
from interpreters.sql.board import Asking, BoardFilter
from interpreters.sql.bookings import Booking
from interpreters.sql.credentials import Credential
from interpreters.sql.sites import Site

MOST: Final = 200  # rows; the filters find the others
MOST_WAITING: Final = 20
MOST_CHOICES: Final = 500
KEPT: Final = timedelta(hours=2)  # a session that is over is looked at so much longer


class BoardOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Which requests; without a state those that are ahead, or only those that miss somebody."""

    state: RequestState | None = None
    language: str | None = None
    institution_id: UUID | None = None
    until: datetime | None = None
    open_only: bool = False
    ids: Sequence[UUID] | None = None


class BoardRow(msgspec.Struct, frozen=True, kw_only=True):
    """One request with what stands beside it on the board."""

    shown: ShownRequest
    institution: str
    site: Site | None
    asking: Asking
    troubles: Sequence[Trouble]

    @property
    def is_open(self) -> bool:
        """Whether somebody is missing."""
        return needs_somebody(self.shown.request.state)

    @property
    def live(self) -> list[Booking]:
        """Who is coming."""
        return [one for one in self.shown.bookings if one.state in LIVE]


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """Rows in their order; `more` says that there are others. Who is on call, by name."""

    rows: Sequence[BoardRow]
    more: bool
    waiting: Sequence[BoardRow]
    on_call: Sequence[str]
    is_rota: bool


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What the board may be filtered by: languages (ISO 639-3), institutions with their names."""

    languages: Sequence[str]
    institutions: Sequence[tuple[UUID, str]]


async def show_choices(db: Db, caller: Caller) -> Choices:
    """Return what the board may be filtered by.

    Raises:
        Forbidden: only coordinators look at it.
    """
    permit(caller, "requests:read", "coordinator")
    network_id = caller.network_id
    found = await institutions.page(
        db, network_id=network_id, only=None, before=None, limit=MOST_CHOICES
    )
    return Choices(
        languages=await board.languages(db, network_id=network_id),
        institutions=sorted(((one.id, one.name) for one in found), key=lambda one: one[1]),
    )


async def show_board(
    db: Db, caller: Caller, *, wanted: Callable[[], BoardOrder], now: datetime
) -> Board:
    """Return the board, with whatever waits for a coordinator and who is on call.

    Raises:
        Forbidden: only coordinators look at it.
    """
    permit(caller, "requests:read", "coordinator")
    found = await list_board(db, caller, wanted=wanted, now=now)
    there = await who_is_on_call(db, network_id=caller.network_id, at=now)
    named = [
        await users.find(db, network_id=caller.network_id, user_id=one) for one in there.user_ids
    ]
    everything = BoardOrder(open_only=True)
    urgent = found if wanted() == everything else await list_board(
        db, caller, wanted=lambda: everything, now=now
    )  # fmt: skip
    waiting = [one for one in urgent if _waits(one)][:MOST_WAITING]
    return Board(
        rows=found[:MOST],
        more=len(found) > MOST,
        waiting=waiting,
        on_call=[one.display_name or "" for one in named if one is not None],
        is_rota=there.is_rota,
    )


async def list_board(
    db: Db, caller: Caller, *, wanted: Callable[[], BoardOrder], now: datetime
) -> list[BoardRow]:
    """Return the rows: first those that miss somebody, each part by its start.

    Raises:
        Forbidden: only coordinators look at it.
    """
    permit(caller, "requests:read", "coordinator")
    asked, network_id = wanted(), caller.network_id
    usual = OPEN if asked.open_only else AHEAD
    ids = await board.page(
        db,
        network_id=network_id,
        wanted=BoardFilter(
            since=now - KEPT,
            until=asked.until,
            states=usual if asked.state is None else [asked.state],
            language=asked.language,
            institution_id=asked.institution_id,
            ids=asked.ids,
        ),
        limit=MOST + 1,
    )
    return await rows_of(db, caller, ids=ids, now=now)


async def rows_of(db: Db, caller: Caller, *, ids: Sequence[UUID], now: datetime) -> list[BoardRow]:
    """Return the rows of these requests, in this order."""
    network_id = caller.network_id
    found = await requests.get_many(db, network_id=network_id, ids=ids)
    each = await shown(db, network_id, [found[one] for one in ids])
    asking = await board.asking(db, network_id=network_id, request_ids=ids)
    names = await institutions.names(
        db, network_id=network_id, ids=[one.institution_id for one in found.values()]
    )
    places = await sites.get_many(
        db, network_id=network_id, ids=[one.site_id for one in found.values() if one.site_id]
    )
    papers = await _papers(db, network_id, each)
    network = await networks.get(db, network_id=network_id)
    return [
        BoardRow(
            shown=one,
            institution=names[one.request.institution_id],
            site=places.get(one.request.site_id) if one.request.site_id else None,
            asking=asking.get(one.request.id, Asking()),
            troubles=troubles(_looked(one, papers, asks=network.ask_conflicts), now=now),
        )
        for one in each
    ]


def _waits(one: BoardRow) -> bool:
    return waits_for_a_coordinator(one.shown.request.state, one.shown.escalations)


async def _papers(
    db: Db, network_id: UUID, each: Sequence[ShownRequest]
) -> dict[UUID, list[Credential]]:
    """Return the papers of those who are booked where the request demands some."""
    people = {
        booking.interpreter_id
        for one in each
        if one.request.requirements.get("credentials")
        for booking in one.bookings
        if booking.state in LIVE
    }
    if not people:
        return {}
    return await credentials.of_interpreters(
        db, network_id=network_id, interpreter_ids=sorted(people)
    )


def _looked(one: ShownRequest, papers: dict[UUID, list[Credential]], *, asks: bool) -> Looked:
    request = one.request
    demanded = set(request.requirements.get("credentials", ()))
    return Looked(
        state=request.state,
        emergency=request.emergency,
        starts_at=request.session.starts_at,
        ends_on=at_place(instant=request.session.ends_at, time_zone=request.time_zone).date(),
        escalations=one.escalations,
        seated=[
            Seated(
                name=booking.interpreter_name,
                state=booking.state,
                late_minutes=booking.late_minutes,
                asks=asks and booking.no_conflict_at is None,
                paper_ends_on=_ends_on(papers.get(booking.interpreter_id, ()), demanded),
            )
            for booking in one.bookings
        ],
        maybe_twice=bool(one.possible_duplicates),
    )


def _ends_on(papers: Sequence[Credential], demanded: set[str]) -> date | None:
    """Return when the first kind of paper that is demanded is good no more."""
    last = []
    for kind in demanded:
        dates = [one.expires_on for one in papers if one.kind == kind]
        if dates and None not in dates:
            last.append(max(each for each in dates if each is not None))
    return min(last, default=None)
