"""Windows of time, half-open and in UTC, and the wall clocks of the places they happen at."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from interpreters.domain.errors import Refusal

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)
# No zone has changed its clock twice within this span, so looking this often misses nothing.
LOOK_EVERY: Final = timedelta(hours=12)
# Found beside the IANA names on many machines: copies, clocks with leap seconds, this very machine.
NOT_ZONES: Final = frozenset({"posix", "right", "posixrules", "localtime", "leapseconds"})


class InvalidWindow(Refusal):
    """The end is not after the start, or an instant has no offset."""

    code = "invalid-window"
    title = "The end must come after the start"


class UnknownTimeZone(Refusal):
    """No IANA time zone has this name."""

    code = "unknown-time-zone"
    title = "There is no such time zone"


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """From `starts_at` up to, not including, `ends_at`. Instants are kept in UTC.

    Python compares and subtracts two instants of one zone by their wall clocks, which is wrong on
    the nights when clocks change; in UTC it is right, so other offsets are converted on entry.
    """

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise InvalidWindow("An instant needs an offset")
        msgspec.structs.force_setattr(self, "starts_at", self.starts_at.astimezone(UTC))
        msgspec.structs.force_setattr(self, "ends_at", self.ends_at.astimezone(UTC))
        if self.ends_at <= self.starts_at:
            raise InvalidWindow

    @property
    def minutes(self) -> int:
        """The length in minutes, an unfinished one counted whole."""
        return -((self.starts_at - self.ends_at) // MINUTE)

    def overlaps(self, other: "Window") -> bool:
        """Say whether the two share an instant; windows that only touch do not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def zone(name: str) -> ZoneInfo:
    """Return the IANA zone of that name.

    Raises:
        UnknownTimeZone: there is none, or the name is no name at all (a path, a NUL, empty).
    """
    if name.partition("/")[0] in NOT_ZONES:
        raise UnknownTimeZone(f"There is no time zone {name[:60]!r}")
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        # A folder such as "Europe" is an OSError, a path or a NUL a ValueError, the rest KeyErrors.
        raise UnknownTimeZone(f"There is no time zone {name[:60]!r}") from error


def local_instant(*, date: date, minute_of_day: int, time_zone: str) -> datetime:
    """Return, in UTC, the instant at which the wall clock of the zone shows that minute.

    `minute_of_day` runs from 0 to 1440, the midnight that ends the day. A time that the spring
    change leaves out is shifted forward by the change; of a time shown twice the first is meant.

    Raises:
        UnknownTimeZone: the zone does not exist.
    """
    midnight = datetime.combine(date, time.min)
    return (midnight + minute_of_day * MINUTE).replace(tzinfo=zone(time_zone)).astimezone(UTC)


def at_place(*, instant: datetime, time_zone: str) -> datetime:
    """Return the instant as the wall clock of the zone shows it.

    Raises:
        UnknownTimeZone: the zone does not exist.
    """
    return instant.astimezone(zone(time_zone))


def even_pieces(*, window: Window, time_zone: str) -> Iterator[tuple[Window, timedelta]]:
    """Yield the window cut where the zone changes its clock, each piece with its offset from UTC.

    Within a piece the wall clock runs evenly: local time is UTC plus the offset.

    Raises:
        UnknownTimeZone: the zone does not exist.
    """
    place = zone(time_zone)
    piece_start = looked = window.starts_at
    while looked < window.ends_at:
        ahead = min(looked + LOOK_EVERY, window.ends_at)
        if _offset(place, ahead) == _offset(place, looked):
            looked = ahead
            continue
        change = _change_between(place, looked, ahead)
        yield Window(starts_at=piece_start, ends_at=change), _offset(place, looked)
        piece_start = looked = change
    if piece_start < window.ends_at:
        yield Window(starts_at=piece_start, ends_at=window.ends_at), _offset(place, piece_start)


def joined(windows: Sequence[Window]) -> list[Window]:
    """Return the same time as the fewest windows, in order: those that overlap or touch are one."""
    result: list[Window] = []
    for one in sorted(windows, key=lambda one: one.starts_at):
        if result and one.starts_at <= result[-1].ends_at:
            end = max(result[-1].ends_at, one.ends_at)
            result[-1] = Window(starts_at=result[-1].starts_at, ends_at=end)
        else:
            result.append(one)
    return result


def without(*, windows: Sequence[Window], taken: Sequence[Window]) -> list[Window]:
    """Return what is left of the windows when the taken time is cut out, in order."""
    left = joined(windows)
    for hole in joined(taken):
        left = [rest for one in left for rest in _around(one, hole)]
    return left


def _offset(place: ZoneInfo, instant: datetime) -> timedelta:
    offset = instant.astimezone(place).utcoffset()
    assert offset is not None  # a zone always has one
    return offset


def _change_between(place: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the first second with the later offset; the clock changes once between the two."""
    old = _offset(place, before)
    low, high = 0, -((before - after) // SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(place, before + middle * SECOND) == old:
            low = middle
        else:
            high = middle
    return (before + high * SECOND).replace(microsecond=0)


def _around(window: Window, hole: Window) -> Iterator[Window]:
    if not window.overlaps(hole):
        yield window
        return
    if window.starts_at < hole.starts_at:
        yield Window(starts_at=window.starts_at, ends_at=hole.starts_at)
    if hole.ends_at < window.ends_at:
        yield Window(starts_at=hole.ends_at, ends_at=window.ends_at)
