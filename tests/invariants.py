"""What holds in every network at every moment, whatever happened before, in whatever order."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final, TypeAlias
from uuid import UUID

from interpreters.domain import travel
from interpreters.domain.requests import request_state
from interpreters.domain.travel import Neighbour, Point
from interpreters.domain.windows import Window
from worlds import World

Rows: TypeAlias = list[Mapping[str, Any]]
LIVE: Final = ("held", "confirmed", "in_progress")
WERE_THERE: Final = ("completed", "client_no_show")
SEAT_OF: Final = {
    "held": "held", "confirmed": "filled", "in_progress": "filled", "completed": "closed",
    "client_no_show": "closed",
}  # fmt: skip


async def check_invariants(world: World) -> None:
    """Read the whole network and assert that its tables agree."""
    requests, bookings = await world.rows("requests"), await world.rows("bookings")
    seats, offers = await world.rows("request_seats"), await world.rows("offers")
    due = {(one["kind"], one["id"]): one["at"] for one in await world.rows("due")}
    for request in requests:
        of = {
            "seats": [one for one in seats if one["request_id"] == request["id"]],
            "offers": [one for one in offers if one["request_id"] == request["id"]],
            "bookings": [one for one in bookings if one["request_id"] == request["id"]],
        }
        _check_seats(request, of["seats"], of["bookings"])
        _check_offers(of["seats"], of["offers"], of["bookings"])
        _check_clock(request, of["seats"], of["offers"], due)
    await check_time(world, bookings)


def _check_seats(request: Mapping[str, Any], seats: Rows, bookings: Rows) -> None:
    """A seat says what its one booking says; the request says what its seats say."""
    legs = [one for one in seats if one["from_language"] is not None]
    assert len(seats) == request["interpreters_needed"] + len(legs)
    assert len(legs) in (0, 2)
    assert request["state"] == request_state([one["state"] for one in seats])
    for seat in seats:
        standing = [
            one["state"]
            for one in bookings
            if one["seat"] == seat["seat"] and one["state"] in SEAT_OF
        ]
        if standing:
            assert [seat["state"]] == [SEAT_OF[one] for one in standing]
        else:
            assert seat["state"] in ("open", "unfilled", "cancelled")
    if request["interpreters_needed"] > 1 and not request["partial_ok"]:
        held = any(one["state"] == "held" for one in seats)
        assert not held or any(one["state"] == "open" for one in seats), "a full team is confirmed"
    elif legs:
        states = sorted(one["state"] for one in legs)
        whole = (["cancelled", "cancelled"], ["filled", "filled"], ["closed", "filled"])
        assert "open" in states or states in (*whole, ["closed", "closed"]), "both or none"
        assert "filled" not in states or "open" not in states, "one leg alone waits, held"
    else:
        assert all(one["state"] != "held" for one in seats)


def _check_offers(seats: Rows, offers: Rows, bookings: Rows) -> None:
    """Nobody is asked twice at once, nor about nothing; every yes is a booking."""
    asked = [one["interpreter_id"] for one in offers if one["state"] == "open"]
    assert len(asked) == len(set(asked))
    assert not asked or any(one["state"] == "open" for one in seats)
    said_yes = sorted(one["id"] for one in offers if one["state"] == "accepted")
    assert said_yes == sorted(one["offer_id"] for one in bookings if one["offer_id"])


def _check_clock(
    request: Mapping[str, Any], seats: Rows, offers: Rows, due: Mapping[tuple[str, UUID], Any]
) -> None:
    """Whatever must happen later has its time in the clock; an open seat is being searched."""
    waiting = [one["answer_by"] for one in offers if one["state"] == "open"]
    assert due.get(("ladder", request["id"])) == request["next_step_at"]
    if waiting:
        assert due[("offers", request["id"])] <= min(waiting)
    if any(one["state"] == "open" for one in seats):
        assert waiting or request["next_step_at"] is not None, "nobody would ever look again"
    else:
        assert request["next_step_at"] is None


async def check_time(world: World, bookings: Rows | None = None) -> None:
    """Nobody is in two places, and everybody can travel from each booking to the next."""
    by_person: defaultdict[UUID, Rows] = defaultdict(list)
    for one in await world.rows("bookings") if bookings is None else bookings:
        if one["state"] in LIVE + WERE_THERE:
            by_person[one["interpreter_id"]].append(one)
    homes = {
        one["id"]: Point(latitude=one["latitude"], longitude=one["longitude"])
        for one in await world.rows("interpreters")
    }
    for person, theirs in by_person.items():
        ordered = sorted(theirs, key=lambda one: one["session"].lower)
        _check_no_overlap([_window(one["blocked"]) for one in ordered if one["state"] in LIVE])
        _check_journeys([one for one in ordered if one["state"] in LIVE])
        _check_blocked(ordered, homes[person])


def _check_no_overlap(windows: Sequence[Window]) -> None:
    for one, two in pairwise(windows):
        assert one.ends_at <= two.starts_at


def _check_journeys(ordered: Rows) -> None:
    """Between two sessions at places there is time for the road between them."""
    there = [one for one in ordered if one["latitude"] is not None]
    for one, two in pairwise(there):
        km = travel.distance_km(
            lat1=one["latitude"], lon1=one["longitude"],
            lat2=two["latitude"], lon2=two["longitude"],
        )  # fmt: skip
        road = timedelta(minutes=travel.travel_minutes(km))
        assert _there(two).starts_at - _there(one).ends_at >= road


def _check_blocked(ordered: Rows, home: Point) -> None:
    """What is kept is what a computation from nothing gives.

    Except where that would overlap: when the booking between two others goes, each keeps its
    part of the road by way of the one that is gone.
    """
    fresh = {}
    for one in ordered:
        session = _there(one)
        others = [other for other in ordered if other["latitude"] is not None]
        before = [it for it in others if _there(it).ends_at <= session.starts_at]
        after = [it for it in others if _there(it).starts_at >= session.ends_at]
        fresh[one["id"]] = travel.blocked(
            session=session,
            place=_place(one),
            home=home,
            before=_neighbour(max(before, key=lambda it: _there(it).ends_at, default=None)),
            after=_neighbour(min(after, key=lambda it: _there(it).starts_at, default=None)),
        )
    live = [one for one in ordered if one["state"] in LIVE]
    windows = sorted(fresh.values(), key=lambda one: one.starts_at)
    if all(one.ends_at <= two.starts_at for one, two in pairwise(windows)):
        assert {one["id"]: _window(one["blocked"]) for one in live} == {
            one["id"]: fresh[one["id"]] for one in live
        }


def _neighbour(one: Mapping[str, Any] | None) -> Neighbour | None:
    return None if one is None else Neighbour(session=_there(one), place=_place(one))


def _place(one: Mapping[str, Any]) -> Point | None:
    if one["latitude"] is None:
        return None
    return Point(latitude=one["latitude"], longitude=one["longitude"])


def _there(one: Mapping[str, Any]) -> Window:
    """The time that the interpreter is there: the session, and the briefing before it."""
    session, briefing = _window(one["session"]), timedelta(minutes=one["briefing_minutes"])
    return Window(starts_at=session.starts_at - briefing, ends_at=session.ends_at)


def _window(found: Any) -> Window:
    return Window(starts_at=found.lower, ends_at=found.upper)
