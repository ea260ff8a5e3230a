"""What a coordinator should look at before it fails: the troubles of one request, at one moment."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal, TypeAlias

import msgspec

from interpreters.domain.bookings import BookingState
from interpreters.domain.escalations import RINGS, Escalation
from interpreters.domain.requests import RequestState, SeatState

TroubleCode: TypeAlias = Literal[
    "emergency", "rung", "begun", "soon", "given_back", "running_late", "not_started",
    "paper", "not_said", "maybe_twice",
]  # fmt: skip
OPEN: Final[tuple[RequestState, ...]] = ("searching", "partly_filled", "unfilled")
AHEAD: Final[tuple[RequestState, ...]] = (*OPEN, "filled")
SOON: Final = timedelta(hours=2)
LATE: Final = timedelta(minutes=10)  # after the start before somebody is missed
PAPER: Final = timedelta(days=7)  # after the session a paper should be good for


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """How far a request for several people is: booked, waiting for the others, missing.

    `divisible` is one of which those who said yes can be booked without the others.
    """

    booked: int = 0
    waiting: int = 0
    missing: int = 0
    divisible: bool = False

    @classmethod
    def of(cls, seats: Sequence[SeatState], *, partial_ok: bool) -> "Team":
        """Count the seats of a request for several people."""
        counts = Counter(seats)
        return cls(
            booked=counts["filled"] + counts["closed"],
            waiting=counts["held"],
            missing=counts["open"] + counts["unfilled"],
            divisible=not partial_ok,
        )


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to look at; `name` is the interpreter it is about, where it is about one."""

    code: TroubleCode
    name: str | None = None
    minutes: int | None = None
    day: date | None = None


class Seated(msgspec.Struct, frozen=True, kw_only=True):
    """A booking of the request, as far as it may go wrong.

    `paper_ends_on` is when the first of the papers that the request demands of them runs out.
    """

    name: str
    state: BookingState
    late_minutes: int | None = None
    asks: bool = False  # whether they may interpret for these people is not said yet
    paper_ends_on: date | None = None


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a request. `ends_on` is the day at the place on which the session ends."""

    state: RequestState
    emergency: bool
    starts_at: datetime
    ends_on: date
    escalations: Sequence[Escalation]
    seated: Sequence[Seated]
    maybe_twice: bool


def needs_somebody(state: RequestState) -> bool:
    """Tell whether an interpreter is still missing."""
    return state in OPEN


def waits_for_a_coordinator(state: RequestState, made: Sequence[Escalation]) -> bool:
    """Tell whether somebody was rung and nobody has said that they take care of it."""
    return needs_somebody(state) and any(
        one.kind in RINGS and one.acknowledged_at is None for one in made
    )


def troubles(one: Looked, *, now: datetime) -> list[Trouble]:
    """Return what is, or is about to go, wrong with a request, the gravest first."""
    return [*_of_the_search(one, now), *_of_the_booked(one, now), *_of_the_order(one)]


def _of_the_search(one: Looked, now: datetime) -> Iterator[Trouble]:
    if not needs_somebody(one.state):
        return
    if one.emergency:
        yield Trouble(code="emergency")
    if waits_for_a_coordinator(one.state, one.escalations):
        yield Trouble(code="rung")
    if one.starts_at - now < SOON:
        yield Trouble(code="soon" if one.starts_at > now else "begun")
    for each in one.seated:
        if each.state in {"given_back", "interpreter_no_show"}:
            yield Trouble(code="given_back", name=each.name)


def _of_the_booked(one: Looked, now: datetime) -> Iterator[Trouble]:
    for each in one.seated:
        if each.state != "confirmed":
            continue
        if each.late_minutes:
            yield Trouble(code="running_late", name=each.name, minutes=each.late_minutes)
        if now - one.starts_at > LATE:
            yield Trouble(code="not_started", name=each.name)
        if each.paper_ends_on is not None and each.paper_ends_on < one.ends_on + PAPER:
            yield Trouble(code="paper", name=each.name, day=each.paper_ends_on)
        if each.asks:
            yield Trouble(code="not_said", name=each.name)


def _of_the_order(one: Looked) -> Iterator[Trouble]:
    if one.maybe_twice:
        yield Trouble(code="maybe_twice")
