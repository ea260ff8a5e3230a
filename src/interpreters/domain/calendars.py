"""When somebody is busy, read from their other calendar (RFC 5545): times alone, merged.

Work is counted: no file, however it was made, takes longer than a second or two.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from interpreters.domain.calendar_parts import Line, Part, UnreadableCalendar, read_parts
from interpreters.domain.calendar_times import (
    Moment,
    clock_of,
    read_length,
    read_moments,
    read_period,
    read_until,
)
from interpreters.domain.calendar_zones import Zones
from interpreters.domain.recurrence_rules import read_rule
from interpreters.domain.recurrences import TooMuchWork, Work, repetitions
from interpreters.domain.windows import Window, joined, zone

STEPS: Final = 300_000  # about a second
SLACK: Final = timedelta(days=2)  # more than any zone is away from UTC
ZERO: Final = timedelta(0)
DAY: Final = timedelta(days=1)
WRONG: Final = (ValueError, OverflowError)  # what a single property can be


class LeftOut(msgspec.Struct):
    """What of a repeating event does not take place, or stands in the file by itself."""

    instants: set[datetime]
    days: set[date]  # of times that are whole days
    walls: set[date]  # of all times: a whole day that repeats has no other

    @classmethod
    def of(cls, moments: Iterable[Moment]) -> "LeftOut":
        """Return these times to look things up in."""
        found = cls(instants=set(), days=set(), walls=set())
        for one in moments:
            found.add(one)
        return found

    def add(self, moment: Moment) -> None:
        """Leave out one more; one before the first or after the last year hides nothing."""
        self.walls.add(moment.wall.date())
        if moment.is_day:
            self.days.add(moment.wall.date())
        else:
            with contextlib.suppress(*WRONG):
                self.instants.add(moment.instant)

    def has(self, day: date, start: datetime, *, whole_days: bool) -> bool:
        """Say whether what begins on that day of the wall, at that instant, is left out."""
        if whole_days:
            return day in self.walls
        return day in self.days or start in self.instants


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event with its times. It lasts `days`, as clocks count them, and `rest` more."""

    part: Part
    uid: str
    sequence: int
    start: Moment
    days: timedelta
    rest: timedelta
    replaces: Moment | None  # RECURRENCE-ID

    @property
    def is_busy(self) -> bool:
        """Say whether it takes time, and takes place."""
        free = self.part.value("TRANSP").upper() == "TRANSPARENT"
        return not free and self.part.value("STATUS").upper() != "CANCELLED"

    def ends(self, wall: datetime) -> datetime:
        """Return the instant at which it ends when it begins at that wall time."""
        return self.start.clock(wall + self.days) + self.rest


def calendar_address(text: str) -> str:
    """Return the address to read a calendar from: `webcal:` is https."""
    for scheme in ("webcal://", "webcals://"):
        if text[: len(scheme)].lower() == scheme:
            return "https://" + text[len(scheme) :]
    return text


def busy_times(data: bytes, *, window: Window, time_zone: str, but: str = "") -> list[Window]:
    """Return when an iCalendar file says that its owner is busy, within the window.

    Whole days and times without a zone are those of `time_zone`. What is cancelled, or marked as
    free, takes no time. An event whose rule cannot be read counts once; one whose start cannot be
    read does not count. With `but`, events with that in their UID are left out: some calendars
    add to a UID, and some change its capitals.

    Raises:
        UnreadableCalendar: `not-a-calendar`, `broken-off`, `wrong-structure`, `too-large` (also
            where rules would repeat for too long).
        UnknownTimeZone: `time_zone` is none.
    """
    work = Work(STEPS)
    parts = read_parts(data)
    zones = Zones(
        parts,
        usual=clock_of(zone(time_zone)),
        until=window.ends_at.replace(tzinfo=None) + SLACK,
        work=work,
    )
    try:
        found = list(_found(parts, zones, window, but.lower(), work))
    except TooMuchWork:
        raise UnreadableCalendar("too-large") from None
    return joined(
        [
            Window(starts_at=max(start, window.starts_at), ends_at=min(end, window.ends_at))
            for start, end in found
            if start < end and start < window.ends_at and window.starts_at < end
        ]
    )


def _found(
    parts: list[Part], zones: Zones, window: Window, but: str, work: Work
) -> Iterator[tuple[datetime, datetime]]:
    read = [_event(one, zones, work) for one in parts if one.kind == "VEVENT"]
    events = list(_newest(one for one in read if one and not (but and but in one.uid.lower())))
    replaced: dict[str, LeftOut] = {}
    for event in events:
        if event.uid and event.replaces is not None:
            replaced.setdefault(event.uid, LeftOut.of(())).add(event.replaces)
    for event in events:
        if event.is_busy:
            yield from _times(event, zones, window, replaced, work)
    for part in parts:
        if part.kind == "VFREEBUSY":
            yield from _busy_periods(part, zones, work)


def _event(part: Part, zones: Zones, work: Work) -> Event | None:
    work.spend()
    try:
        start = read_moments(part.lines["DTSTART"][0], zones.clock)[0]
        days, rest = _length(part, start, zones)
    except (KeyError, *WRONG):
        return None
    return Event(
        part=part,
        uid=part.value("UID"),
        sequence=int(part.value("SEQUENCE")[:9]) if _is_number(part.value("SEQUENCE")) else 0,
        start=start,
        days=days,
        rest=rest,
        replaces=next(iter(_moments(part, "RECURRENCE-ID", zones, work)), None),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _length(part: Part, start: Moment, zones: Zones) -> tuple[timedelta, timedelta]:
    """Return days and exact time. Of a DTEND the exact length repeats (RFC 5545 §3.8.5.3)."""
    if end := part.first("DTEND"):
        ends = read_moments(end, zones.clock)[0]
        if start.is_day and ends.is_day:
            return ends.wall - start.wall, ZERO
        return ZERO, ends.instant - start.instant
    if length := part.value("DURATION"):
        return read_length(length)
    return (DAY if start.is_day else ZERO), ZERO


def _newest(events: Iterable[Event]) -> Iterator[Event]:
    """Yield the events, of several versions of one only the newest."""
    known = list(events)
    newest: dict[tuple[str, datetime | None], int] = {}
    for one in known:
        newest[_version(one)] = max(one.sequence, newest.get(_version(one), 0))
    yield from (one for one in known if not one.uid or one.sequence >= newest[_version(one)])


def _version(event: Event) -> tuple[str, datetime | None]:
    return event.uid, None if event.replaces is None else event.replaces.wall


def _times(
    event: Event,
    zones: Zones,
    window: Window,
    replaced: Mapping[str, LeftOut],
    work: Work,
) -> Iterator[tuple[datetime, datetime]]:
    """Yield when it takes place; some of it may lie outside the window."""
    left_out = [LeftOut.of(_moments(event.part, "EXDATE", zones, work))]
    if event.replaces is None and event.uid in replaced:
        left_out.append(replaced[event.uid])  # one for all events of that UID: never copied
    for moment in _moments_of(event, zones, window, work):
        try:
            start, end = moment.instant, event.ends(moment.wall)
        except WRONG:
            continue
        day = moment.wall.date()
        if not any(one.has(day, start, whole_days=event.start.is_day) for one in left_out):
            yield start, end
    yield from _periods(event, zones, work)


def _moments_of(event: Event, zones: Zones, window: Window, work: Work) -> Iterator[Moment]:
    """Yield the starts: the first, those of RDATE, those of the rules."""
    yield event.start
    if event.replaces is not None:
        return
    yield from _moments(event.part, "RDATE", zones, work)
    length = event.days + event.rest
    try:
        after = window.starts_at.replace(tzinfo=None) - SLACK - max(length, ZERO)
        before = window.ends_at.replace(tzinfo=None) + SLACK
    except OverflowError:
        return
    for line in event.part.lines.get("RRULE", ()):
        try:
            rule, until = read_rule(line.value)
            last = read_until(until, event.start.clock) if until else None
        except WRONG:
            continue
        for wall in repetitions(rule, event.start.wall, after=after, before=before, work=work):
            moment = msgspec.structs.replace(event.start, wall=wall)
            if last is not None and _is_past(moment, last):
                break
            yield moment


def _is_past(moment: Moment, last: Moment) -> bool:
    if moment.is_day or last.is_day:
        return moment.wall.date() > last.wall.date()
    try:
        return moment.instant > last.instant
    except OverflowError:  # "until 9999" means for ever: beyond the last day there is no instant
        return moment.wall > last.wall


def _moments(part: Part, name: str, zones: Zones, work: Work) -> list[Moment]:
    """Return the times of a property that may stand several times; periods are read elsewhere."""
    found = []
    for line in part.lines.get(name, ()):
        if line.parameters.get("VALUE", "").upper() == "PERIOD":
            continue
        work.spend(line.value.count(",") + 1)
        try:
            found += read_moments(line, zones.clock)
        except WRONG:
            continue
    return found


def _periods(event: Event, zones: Zones, work: Work) -> Iterator[tuple[datetime, datetime]]:
    for line in event.part.lines.get("RDATE", ()):
        if line.parameters.get("VALUE", "").upper() == "PERIOD":
            yield from _read_periods(line, zones, work)


def _busy_periods(part: Part, zones: Zones, work: Work) -> Iterator[tuple[datetime, datetime]]:
    """Yield the times of a file that says nothing but when (RFC 5545 §3.6.4)."""
    for line in part.lines.get("FREEBUSY", ()):
        if line.parameters.get("FBTYPE", "BUSY").upper() != "FREE":
            yield from _read_periods(line, zones, work)


def _read_periods(line: Line, zones: Zones, work: Work) -> Iterator[tuple[datetime, datetime]]:
    clock = zones.clock(line.parameters.get("TZID", ""))
    for text in line.value.split(","):
        work.spend()
        with contextlib.suppress(*WRONG):
            yield read_period(text, clock)
