"""The time zones of an iCalendar file: names IANA or Windows know, and zones it defines itself."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from interpreters.domain.calendar_parts import Part
from interpreters.domain.calendar_times import (
    Clock,
    clock_of,
    read_moments,
    read_offset,
    read_until,
)
from interpreters.domain.recurrence_rules import read_rule
from interpreters.domain.recurrences import Work, repetitions
from interpreters.domain.windows import UnknownTimeZone, zone

OLDEST: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall time; changes before it are not looked at
LOOKED_UP: Final = 150  # steps: a name that nobody knows is looked for in files, up to five times
MOST_WORDS: Final = 4  # of a name that hides one of IANA's: /citadel.org/20190914_1/Europe/Riga


class Zones:
    """The clocks by TZID, each made when it is first asked for.

    A name that IANA or Windows knows means that zone, whatever the file defines under it: what
    files define is often years old. A zone nobody knows is the reader's own.
    """

    def __init__(self, parts: Sequence[Part], *, usual: Clock, until: datetime, work: Work) -> None:
        self._defined = {one.value("TZID"): one for one in parts if one.kind == "VTIMEZONE"}
        self._known: dict[str, Clock] = {"": usual}
        self._usual = usual
        self._until = until
        self._work = work

    def clock(self, name: str) -> Clock:
        """Return the clock of a TZID; "" is the reader's own."""
        if name not in self._known:
            self._known[name] = self._found(name)
        return self._known[name]

    def _found(self, name: str) -> Clock:
        self._work.spend(LOOKED_UP)
        defined = self._defined.get(name)
        also = defined.value("X-LIC-LOCATION") if defined else ""
        for one in (name, WINDOWS_TO_OLSON.get(name, ""), *_tails(name), also):
            if clock := _iana(one):
                return clock
        own = _own(defined, self._until, self._work) if defined else None
        return own or self._usual


def _tails(name: str) -> list[str]:
    words = name.split("/")[-MOST_WORDS:]
    return ["/".join(words[first:]) for first in range(len(words) - 1)]


def _iana(name: str) -> Clock | None:
    try:
        return clock_of(zone(name)) if name else None
    except UnknownTimeZone:
        return None


def _own(part: Part, until: datetime, work: Work) -> Clock | None:
    """Return the clock that a VTIMEZONE defines by its changes (RFC 5545 §3.6.5)."""
    changes = sorted(
        change for one in part.parts for change in _changes(one, until, work)
    )  # fmt: skip
    if not changes:
        return None
    walls = [wall for wall, _, _ in changes]

    def instant(wall: datetime) -> datetime:
        at = bisect_right(walls, wall) - 1
        since, before, after = changes[max(at, 0)]
        left_out = at >= 0 and wall < since + (after - before)
        offset = before if at < 0 or left_out else after
        return (wall - offset).replace(tzinfo=UTC)

    return instant


def _changes(
    part: Part, until: datetime, work: Work
) -> list[tuple[datetime, timedelta, timedelta]]:
    """Return when the offset changed, on the clock of before, and the offsets before and after."""
    try:
        before = read_offset(part.value("TZOFFSETFROM"))
        after = read_offset(part.value("TZOFFSETTO"))
        first = read_moments(part.lines["DTSTART"][0], _no_zone)[0].wall
        walls = {first}
        for line in part.lines.get("RDATE", ()):
            walls |= {one.wall for one in read_moments(line, _no_zone)}
        for line in part.lines.get("RRULE", ()):
            rule, ends = read_rule(line.value)
            last = _last_wall(ends, before) if ends else until
            walls |= set(repetitions(rule, first, after=OLDEST, before=min(last, until), work=work))
    except (ValueError, OverflowError, KeyError):
        return []
    work.spend(len(walls))
    return [(one, before, after) for one in walls]


def _no_zone(_: str) -> Clock:
    return clock_of(UTC)


def _last_wall(text: str, offset: timedelta) -> datetime:
    """UNTIL of a change is in UTC; what is compared is the clock of before it."""
    last = read_until(text, clock_of(UTC)).wall
    return last + offset if text.endswith("Z") else last
