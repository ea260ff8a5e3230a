"""Times as iCalendar files write them (RFC 5545 §3.3): dates, wall times, UTC, lengths, offsets."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, TypeAlias

import msgspec

from interpreters.domain.calendar_parts import Line

TIME: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?", re.ASCII)
LENGTH: Final = re.compile(
    r"([+-])?P(?:(\d{1,5})W)?(?:(\d{1,6})D)?"
    r"(?:T(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?",
    re.ASCII,
)
OFFSET: Final = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?", re.ASCII)

Clock: TypeAlias = Callable[[datetime], datetime]  # from a wall time to its instant in UTC


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """What a wall clock shows, and whose. `is_day`: a date, meant is its first instant."""

    wall: datetime
    clock: Clock
    is_day: bool

    @property
    def instant(self) -> datetime:
        """The instant in UTC."""
        return self.clock(self.wall)


def clock_of(place: tzinfo) -> Clock:
    """Return the clock of a zone. RFC 5545 §3.3.5: of a time shown twice the first is meant, and

    one left out in spring is read with the offset of before, as Python does too.
    """

    def instant(wall: datetime) -> datetime:
        return wall.replace(tzinfo=place).astimezone(UTC)

    return instant


def read_moments(line: Line, clocks: Callable[[str], Clock]) -> list[Moment]:
    """Return the times of a property; of periods their starts. "" is the clock of no zone.

    Raises:
        ValueError: one of them is none.
    """
    clock = clocks(line.parameters.get("TZID", ""))
    return [_moment(one.partition("/")[0], clock) for one in line.value.split(",")]


def read_until(text: str, clock: Clock) -> Moment:
    """Return the last moment of a rule, in the zone of what it repeats.

    Raises:
        ValueError: it is none.
    """
    return _moment(text, clock)


def read_period(text: str, clock: Clock) -> tuple[datetime, datetime]:
    """Return the instants of `start/end` or `start/length`.

    Raises:
        ValueError: it is no period.
    """
    start, _, end = text.partition("/")
    begins = _moment(start, clock)
    if end.strip()[:1] in {"P", "+"}:
        days, rest = read_length(end)
        return begins.instant, begins.clock(begins.wall + days) + rest
    return begins.instant, _moment(end, clock).instant


def read_length(text: str) -> tuple[timedelta, timedelta]:
    """Return a length as days, which a clock change makes longer or shorter, and exact time.

    Raises:
        ValueError: it is none, or negative.
    """
    read = LENGTH.fullmatch(text.strip().upper())
    if read is None or read[1] == "-":
        raise ValueError("Not a length")
    weeks, days, hours, minutes, seconds = (int(one or 0) for one in read.groups()[1:])
    return (
        timedelta(weeks=weeks, days=days),
        timedelta(hours=hours, minutes=minutes, seconds=seconds),
    )


def read_offset(text: str) -> timedelta:
    """Return an offset from UTC, such as +0200.

    Raises:
        ValueError: it is none.
    """
    read = OFFSET.fullmatch(text.strip())
    if read is None or int(read[2]) > 23:  # noqa: PLR2004 - hours
        raise ValueError("Not an offset")
    size = timedelta(hours=int(read[2]), minutes=int(read[3]), seconds=int(read[4] or 0))
    return -size if read[1] == "-" else size


def _moment(text: str, clock: Clock) -> Moment:
    read = TIME.fullmatch(text.strip().upper())
    if read is None:
        raise ValueError("Not a time")
    numbers = [int(one or 0) for one in read.groups()[:6]]
    numbers[5] = min(numbers[5], 59)  # a leap second
    return Moment(
        wall=datetime(*numbers),  # type: ignore[arg-type]  # noqa: DTZ001 - six numbers, a wall time
        clock=clock_of(UTC) if read[7] else clock,
        is_day=read[4] is None,
    )
