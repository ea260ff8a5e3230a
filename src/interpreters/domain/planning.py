"""Planning together: what is planned, by which rules, and what a plan is worth.

Jobs are the open seats of one request at one time; a job has options, one for each interpreter
who could take a seat of it. Times are whole minutes since 1970 in UTC, so that many of them can be
reckoned at once. How it is solved stands in `plan_solving.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from interpreters.domain.errors import Refusal
from interpreters.domain.travel import Point
from interpreters.domain.windows import MINUTE, at_place, local_instant

PlanState: TypeAlias = Literal["proposed", "accepted", "partly_accepted", "superseded", "dismissed"]
PlaceState: TypeAlias = Literal[
    "proposed", "offered", "seat_filled", "interpreter_busy", "interpreter_unfit",
    "request_changed", "request_over", "too_late",
]  # fmt: skip

CANDIDATES: Final = 20  # of each seat, the best
FILLED: Final = 10_000.0  # what a filled seat is worth
BEST: Final = 1_000.0  # what a score of 100 adds
KEPT: Final = 100.0  # what it adds that somebody was planned, or is being asked already
PRIORITIES: Final[Mapping[str, float]] = {"routine": 0.0, "important": 2_000.0, "emergency": 4_000}
SPREAD: Final = 4.0  # for each point of the fairness weight, an hour above an even share costs
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class PlanIsOver(Refusal):
    """The plan was superseded or dismissed."""

    code = "plan-is-over"
    title = "This plan is no longer open"


class PlanningRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a network plans: what is left out is as here.

    A plan is made every night at `minute_of_day` by the network's clock (null: never by itself),
    for the sessions of the next `days_ahead`. It gives nobody more than so many minutes of
    sessions on one day, and in one week from Monday on, with what is booked already.
    """

    minute_of_day: Annotated[int, msgspec.Meta(ge=0, lt=1440)] | None = 4 * 60
    days_ahead: Annotated[int, msgspec.Meta(ge=1, le=92)] = 28
    most_minutes_a_day: Annotated[int, msgspec.Meta(ge=15, le=1440)] = 8 * 60
    most_minutes_a_week: Annotated[int, msgspec.Meta(ge=15, le=10_080)] = 40 * 60


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Seats of one request at one time. `day` and `week` number its days and weeks, by the place
    whose clock the limits follow.

    Jobs of one `request` belong together: with `whole` all seats of all of them are filled, or
    none. `weight` is what filling a seat of it is worth; `asked_at` says whose turn it is when
    they are taken in order of arrival.
    """

    request: int
    seats: int = 1
    whole: bool = False
    starts: int
    ends: int
    day: int
    week: int
    weight: float = FILLED
    asked_at: float = 0.0

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return self.ends - self.starts


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """A person who could take a seat of a job; `place` None is by phone or video.

    `worth` is what their score adds. `home_minutes` is the way between home and place.
    """

    job: int
    person: int
    worth: float
    place: Point | None = None
    home_minutes: int = 0


class Busy(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person is booked for already; as of a job."""

    starts: int
    ends: int
    day: int
    week: int
    place: Point | None = None
    home_minutes: int = 0


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with options. `hours` are those they are available in the plan's time.

    `spread` is what each hour above an even share costs.
    """

    busy: Sequence[Busy] = ()
    hours: float = 0.0


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """All that is planned together."""

    jobs: Sequence[Job]
    people: Sequence[Person]
    options: Sequence[Option]
    most_a_day: int = 8 * 60
    most_a_week: int = 40 * 60
    spread: float = 0.0


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The options chosen, by their places in the question.

    `value` is what they are worth, and `bound` what nothing can be worth more than; `most_seats`
    is how many seats nothing can fill more than.
    """

    chosen: Sequence[int]
    value: float
    bound: float
    most_seats: int

    @property
    def gap(self) -> float:
        """How far below the bound the value is, as a share of the bound."""
        return 0.0 if self.bound <= 0 else max(0.0, 1 - self.value / self.bound)


class Solution(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, beside how many seats would be filled one by one."""

    answer: Answer
    arrival_order: int
    scarcest_first: int


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan came to, in seats: open, planned, and the most that any plan could fill.

    `gap` is how far the plan's value is from the best value possible, at most, as a share.
    `arrival_order` and `scarcest_first` are how many seats would be filled one by one: as they
    came, and those with the fewest candidates first.
    """

    open: int
    planned: int
    bound: int
    gap: float
    arrival_order: int
    scarcest_first: int


def worth(*, score: float, kept: bool) -> float:
    """Return what somebody with this score (0 to 106) adds to a filled seat."""
    return BEST * score / 100 + (KEPT if kept else 0.0)


def weight(priority: str) -> float:
    """Return what filling a seat of a request with this priority is worth."""
    return FILLED + PRIORITIES.get(priority, 0.0)


def in_minutes(instant: datetime) -> int:
    """Return the instant as whole minutes since 1970, begun ones not counted."""
    return (instant - EPOCH) // MINUTE


def days_of(*, instant: datetime, time_zone: str) -> tuple[int, int]:
    """Return the numbers of the day and of the week from Monday on that the zone's clock shows."""
    day: date = at_place(instant=instant, time_zone=time_zone).date()
    return day.toordinal(), (day.toordinal() - 1) // 7  # the first of January of year 1: a Monday


def next_plan(*, now: datetime, time_zone: str, minute_of_day: int) -> datetime:
    """Return the next instant at which the zone's clock shows the minute, in UTC.

    Where spring leaves it out it is the first minute after; where autumn shows it twice, the first.
    """
    day: date = at_place(instant=now, time_zone=time_zone).date()
    at = local_instant(date=day, minute_of_day=minute_of_day, time_zone=time_zone)
    while at <= now:
        day += timedelta(days=1)
        at = local_instant(date=day, minute_of_day=minute_of_day, time_zone=time_zone)
    return at


def outcome(*, any_left: bool) -> PlanState:
    """Return the state of a plan somebody accepted from: partly, while a place is left proposed."""
    return "partly_accepted" if any_left else "accepted"
