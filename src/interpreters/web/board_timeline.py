"""`/board/timeline`: who works when, for a day or a week, and times that were freed."""

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get

from interpreters.application.board import show_choices
from interpreters.application.timelines import (
    ShownTimeline,
    TimelineOrder,
    list_suiting,
    show_timelines,
)
from interpreters.domain import ids
from interpreters.domain.availability import hours
from interpreters.domain.errors import NotFound
from interpreters.domain.timelines import Clash
from interpreters.domain.windows import Window, at_place, local_instant
from interpreters.web.board import CODE, row_words
from interpreters.web.fields import Fields, asked_fields
from interpreters.web.formats import Formats
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

WEEK: Final = 7
WIDE: Final = 960  # units of the picture of a day
FARTHEST: Final = timedelta(days=3660)


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """Something in the picture of a day: hours, away, way, job or asked; in units."""

    kind: str
    x: float
    width: float


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """The same in words: when, and what it is."""

    kind: str
    window: Window
    request_id: UUID | None = None
    institution: str | None = None


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One person's day."""

    window: Window
    bars: list[Bar]
    entries: list[Entry]
    clashes: list[Clash]


@get("/board/timeline", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def timeline_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Show people's time."""
    visit = await visiting(request, "coordinator")
    said = asked_fields(request)
    zone = visit.me.network.time_zone
    today = at_place(instant=visit.now, time_zone=zone).date()
    first = _day(said.get("day"), today)
    week = said.get("view") == "week"
    if week:
        first -= timedelta(days=first.weekday())
    days = [_window(first + timedelta(days=one), zone) for one in range(WEEK if week else 1)]
    order = _order(said, Window(starts_at=days[0].starts_at, ends_at=days[-1].ends_at))
    found = await visit.ask(lambda db, caller: show_timelines(db, caller, wanted=lambda: order))
    suiting = await visit.ask(lambda db, caller: list_suiting(db, caller, now=visit.now))
    choices = await visit.ask(show_choices)
    step = timedelta(days=WEEK if week else 1)
    return visit.page(
        "board_timeline.html",
        week=week,
        first=first,
        today=today,
        earlier=first - step,
        later=first + step,
        days=days,
        people=[(one, [_shown(one, day) for day in days]) for one in found.people],
        following=ids.show_optional(ids.INTERPRETER, found.following),
        suiting=suiting,
        said={"language": order.language or "", "day": first.isoformat()},
        spoken=_spoken(visit, choices.languages),
        wide=WIDE,
        **row_words(visit),
    )


def _order(said: Fields, window: Window) -> TimelineOrder:
    language = said.get("language")
    try:
        after = ids.read_id(ids.INTERPRETER, said.get("after")) if said.get("after") else None
    except NotFound:
        after = None
    return TimelineOrder(
        window=window, language=language if CODE.fullmatch(language) else None, after=after
    )


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if abs(day - today) < FARTHEST else today


def _window(day: date, zone: str) -> Window:
    """Return a day by the network's clock: 23 or 25 hours when the clock is changed."""
    return Window(
        starts_at=local_instant(date=day, minute_of_day=0, time_zone=zone),
        ends_at=local_instant(date=day + timedelta(days=1), minute_of_day=0, time_zone=zone),
    )


def _shown(one: ShownTimeline, day: Window) -> Day:
    line = one.timeline
    times = [
        ("hours", each) for each in hours(rows=line.weekly, window=day, time_zone=line.time_zone)
    ]
    times += [("away", each) for each in line.away]
    times += [("way", each.blocked) for each in line.jobs]
    times += [("job", each.session) for each in line.jobs]
    times += [("asked", each.session) for each in line.questions]
    return Day(
        window=day,
        bars=[_bar(kind, window, day) for kind, window in times if window.overlaps(day)],
        entries=_entries(one, day),
        clashes=[each for each in one.clashes if each.at.overlaps(day)],
    )


def _bar(kind: str, window: Window, day: Window) -> Bar:
    whole = (day.ends_at - day.starts_at).total_seconds()

    def x(instant: datetime) -> float:
        inside = min(max(instant, day.starts_at), day.ends_at)
        return round((inside - day.starts_at).total_seconds() / whole * WIDE, 1)

    return Bar(
        kind=kind, x=x(window.starts_at), width=round(x(window.ends_at) - x(window.starts_at), 1)
    )


def _entries(one: ShownTimeline, day: Window) -> list[Entry]:
    line = one.timeline
    found = [Entry(kind="away", window=each) for each in line.away]
    found += [
        Entry(
            kind="job", window=each.session, request_id=each.request_id,
            institution=each.institution,
        )
        for each in line.jobs
    ]  # fmt: skip
    found += [
        Entry(kind="asked", window=each.session, request_id=each.request_id)
        for each in line.questions
    ]
    inside = [each for each in found if each.window.overlaps(day)]
    return sorted(inside, key=lambda each: (each.window.starts_at, each.kind))


def _spoken(visit: Visit, codes: Any) -> list[tuple[str, str]]:
    tell = Formats(visit.language, visit.me.network.time_zone)
    return sorted(((one, tell.language_called(one)) for one in codes), key=lambda one: one[1])


ROUTES = (timeline_page,)
