"""What may be offered instead of what was asked: which steps there are, in which order.

Only what the request allows, and only after everybody who fits as asked was asked: another mode,
another time, remote from another region, a language the client understands, and a relay: two
interpreters with a language between them.

A step is a short text, kept with the request: `other_mode`, `other_time:-30` (minutes from the
wished start), `remote`, `neighbour_language`, `relay:rus:phone` (the pivot and the mode).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

import msgspec

from interpreters.domain.availability import WeeklyRow
from interpreters.domain.language_neighbours import Neighbour, gate, neighbours
from interpreters.domain.opening_hours import is_open
from interpreters.domain.windows import MINUTE, Window

Code = Literal["other_mode", "other_time", "remote", "neighbour_language", "relay"]
Shift = Annotated[int, msgspec.Meta(ge=0, le=1440, description="Minutes.")]

MODES: Final = ("in_person", "phone", "video")
QUARTER: Final = 15
# People need as long to see an offer, and to come or to call.
LEAD: Final = timedelta(minutes=30)
# Speech that passes two interpreters takes so much longer; the requester is told to plan it.
RELAY_FACTOR_PERCENT: Final = 130
# The seats of a relay, beside the request's own: from the client's language to the pivot, and on.
DIRECT: Final = 1
FIRST: Final = 2
SECOND: Final = 3
LEGS: Final = (FIRST, SECOND)
RELAY_CODE: Final = "relay"  # before there is a pivot


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """What a request allows; `shift_minutes` both ways, 0 for none."""

    other_mode: bool = False
    neighbour_language: bool = False
    relay: bool = False
    shift_minutes: Shift = 0


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where it is, and when that is open; without hours always."""

    hours: Sequence[WeeklyRow]
    time_zone: str
    country: str | None

    def is_open(self, window: Window) -> bool:
        """Say whether it is open all that time."""
        return is_open(
            rows=self.hours, window=window, time_zone=self.time_zone, country=self.country
        )


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for, as far as it decides which steps there are."""

    languages: Sequence[str]
    working_language: str
    modes: Sequence[str]
    topic: str
    interpreters_needed: int
    starts_now: bool
    has_site: bool
    was_moved: bool = False


def allowed(stored: Mapping[str, Any]) -> Allowed:
    """Return what the stored fallbacks allow; none are none."""
    return msgspec.convert(dict(stored), Allowed)


def merged(have: Allowed, more: Allowed) -> Allowed:
    """Return both together: widening never takes back what was allowed."""
    return Allowed(
        other_mode=have.other_mode or more.other_mode,
        neighbour_language=have.neighbour_language or more.neighbour_language,
        relay=have.relay or more.relay,
        shift_minutes=max(have.shift_minutes, more.shift_minutes),
    )


def steps(asked: Asked, may: Allowed) -> list[str]:
    """Return the steps that a search may take, in their order; a relay's pivots are found later.

    A step that could not differ from what was asked is left out.
    """
    found: list[str] = []
    others = other_modes(asked)
    if may.other_mode and others:
        found.append("other_mode")
    if asked.was_moved:
        found.append("other_time:+0")  # the time that was wished at first
    found += [f"other_time:{minutes:+}" for minutes in shifts(may.shift_minutes)]
    if may.other_mode and "in_person" in asked.modes and set(others) - {"in_person"}:
        found.append("remote")
    if may.neighbour_language and stand_ins(asked):
        found.append("neighbour_language")
    if may.relay and asked.interpreters_needed == 1:
        found.append(RELAY_CODE)
    return found


def following(found: Sequence[str], at: str | None) -> list[str]:
    """Return the steps after `at`; all of them while the search asks as was asked."""
    if at is None:
        return list(found)
    place = code_of(at) if is_relay(at) else at
    return list(found[found.index(place) + 1 :]) if place in found else list(found)


def code_of(step: str) -> str:
    """Return the kind of a step."""
    return step.partition(":")[0]


def is_relay(step: str | None) -> bool:
    """Say whether the search is asking both legs of a relay."""
    return step is not None and step.startswith(f"{RELAY_CODE}:")


def minutes_of(step: str) -> int:
    """Return by how many minutes `other_time` moves the start."""
    return int(step.partition(":")[2])


def is_leg(*, seat: int, interpreters_needed: int) -> bool:
    """Say whether the seat is a leg of a relay, which only a request for one interpreter has."""
    return interpreters_needed == 1 and seat in LEGS


def relay_step(*, pivot: str, mode: str) -> str:
    """Return the step that asks for a relay through the pivot."""
    return f"{RELAY_CODE}:{pivot}:{mode}"


def pivot_of(step: str) -> tuple[str, str]:
    """Return the pivot and the mode of a relay."""
    _, pivot, mode = step.split(":")
    return pivot, mode


def other_modes(asked: Asked) -> list[str]:
    """Return the modes not asked for that could be: nobody comes nowhere, or at once."""
    return [
        mode
        for mode in MODES
        if mode not in asked.modes
        and (mode != "in_person" or (asked.has_site and not asked.starts_now))
    ]


def shifts(most: int) -> Iterator[int]:
    """Yield minutes to move the start by, up to `most`: quarter hours, the nearest first.

    Of two as near the later one comes first: people can wait more easily than come early.
    """
    for minutes in range(QUARTER, most + 1, QUARTER):
        yield minutes
        yield -minutes


def shifted(
    *,
    wished: Window,
    minutes: int,
    now: datetime,
    place: Place | None = None,
    there: bool = True,
    briefing_minutes: int = 0,
) -> Window | None:
    """Return the session moved by the minutes; None when it cannot be.

    It starts half an hour from now at the earliest, with the briefing before it, and while the
    place is open; one that is only `there` ends before it closes, too.
    """
    starts_at = wished.starts_at + minutes * MINUTE
    if starts_at - briefing_minutes * MINUTE < now + LEAD:
        return None
    session = Window(starts_at=starts_at, ends_at=wished.ends_at + minutes * MINUTE)
    begin = Window(starts_at=starts_at, ends_at=starts_at + MINUTE)
    if place is not None and not place.is_open(session if there else begin):
        return None
    return session


def stand_ins(asked: Asked) -> list[Neighbour]:
    """Return languages the client understands well enough for the topic, the best first."""
    found = {
        near.language.code: near
        for language in reversed(asked.languages)
        for near in reversed(neighbours(language))
        if near.understood >= gate(asked.topic)
    }
    for known in (*asked.languages, asked.working_language):
        found.pop(known, None)
    return sorted(found.values(), key=lambda one: (-one.understood, one.language.code))


def relay_minutes(minutes: int) -> int:
    """Return how long to plan a session of so many minutes through two interpreters."""
    return -(-minutes * RELAY_FACTOR_PERCENT // (100 * 5)) * 5


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """Who could take one leg: the best one's level (1 to 3) and score, and how many there are."""

    level: int
    score: float
    count: int


class Pivot(msgspec.Struct, frozen=True, kw_only=True):
    """A language between the client's and the working language, and who could take each leg."""

    language: str
    first: Leg
    second: Leg


def rank_pivots(pivots: Collection[Pivot]) -> list[Pivot]:
    """Return the best first: the weaker leg's level, both scores, then how many there are."""
    return sorted(
        pivots,
        key=lambda one: (
            -min(one.first.level, one.second.level),
            -(one.first.score + one.second.score),
            -min(one.first.count, one.second.count),
            one.language,
        ),
    )
