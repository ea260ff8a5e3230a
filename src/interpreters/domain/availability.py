"""Weekly hours by the interpreter's own wall clock, and the free time they leave.

A moment is within the hours when the wall clock of the interpreter's zone then shows a weekday
and a time that a row covers. So an hour that autumn shows twice is twice within the hours, and an
hour that spring leaves out is missed by nobody.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any, Final, Literal, get_args

import msgspec

from interpreters.domain.errors import FieldError, Invalid
from interpreters.domain.windows import DAY, MINUTE, Window, even_pieces, joined, without

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MinuteOfDay = Annotated[int, msgspec.Meta(ge=0, le=1440, description="Minutes since 00:00.")]

DAYS: Final[tuple[Day, ...]] = get_args(Day)
QUARTER: Final = timedelta(minutes=15)
SLOTS_A_DAY: Final = 96
SLOTS_A_WEEK: Final = 7 * SLOTS_A_DAY
# Monday is repeated after Sunday, so that a window over Sunday's midnight is still one run of bits.
SLOTS: Final = SLOTS_A_WEEK + SLOTS_A_DAY
CLOCK: Final = re.compile(r"(?:[01][0-9]|2[0-3]):(?:00|15|30|45)|24:00", re.ASCII)


class WeeklyRow(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Every week on `day`, from minute `from_` of the day up to, not including, minute `to`."""

    day: Day
    from_: MinuteOfDay
    to: MinuteOfDay


def read_weekly(rows: Sequence[Mapping[str, Any]]) -> tuple[WeeklyRow, ...]:
    """Return the rows `{day, from, to}` in order of the week; rows that overlap become one.

    `from` and `to` are times such as "09:00" at quarter hours, `to` up to "24:00"; rows that only
    touch stay as they were written.

    Raises:
        Invalid: with one error for each wrong field: `unknown-day`, `not-a-quarter-hour`,
            `ends-before-start` (a range over midnight is two rows).
    """
    errors = [error for index, row in enumerate(rows) for error in _errors(index, row)]
    if errors:
        raise Invalid(errors)
    return _merged(
        WeeklyRow(day=row["day"], from_=_minute(row["from"]), to=_minute(row["to"])) for row in rows
    )


def show_weekly(rows: Sequence[WeeklyRow]) -> list[dict[str, str]]:
    """Return the rows as they are written: `{"day": "mon", "from": "09:00", "to": "24:00"}`."""
    return [{"day": row.day, "from": _clock(row.from_), "to": _clock(row.to)} for row in rows]


def week_bits(rows: Sequence[WeeklyRow]) -> str:
    """Return 768 times 0 or 1, one for each quarter hour of the local week from Monday 00:00.

    The last 96 repeat Monday. Without rows every quarter hour is 1.
    """
    if not rows:
        return "1" * SLOTS
    bits = ["0"] * SLOTS_A_WEEK
    for row in rows:
        start = DAYS.index(row.day) * SLOTS_A_DAY
        for slot in range(row.from_ // 15, row.to // 15):
            bits[start + slot] = "1"
    return "".join([*bits, *bits[:SLOTS_A_DAY]])


def week_mask(*, window: Window, time_zone: str) -> str:
    """Return 768 bits: 1 for each quarter hour of the local week that the window touches there.

    Rows begin and end on quarter hours, so `week_bits` has a 1 in all these places exactly when
    `covers` is true: on the nights when the clock changes, over Sunday's midnight, for any length.

    Raises:
        UnknownTimeZone: the zone does not exist.
    """
    bits = ["0"] * SLOTS
    for piece, offset in even_pieces(window=window, time_zone=time_zone):
        start, end = _wall(piece.starts_at, offset), _wall(piece.ends_at, offset)
        monday = datetime.combine(start.date(), time.min) - start.weekday() * DAY
        first = (start - monday) // QUARTER
        count = -((monday - end) // QUARTER) - first
        for slot in range(first, first + min(count, SLOTS_A_WEEK)):
            bits[slot % SLOTS_A_WEEK] = "1"
    return "".join(bits)


def covers(*, rows: Sequence[WeeklyRow], window: Window, time_zone: str) -> bool:
    """Say whether the whole window lies within the hours, to the second, on any night.

    Without rows every window does.

    Raises:
        UnknownTimeZone: the zone does not exist.
    """
    return hours(rows=rows, window=window, time_zone=time_zone) == [window]


def hours(*, rows: Sequence[WeeklyRow], window: Window, time_zone: str) -> list[Window]:
    """Return the parts of the window that lie within the hours, in order, joined where they touch.

    Raises:
        UnknownTimeZone: the zone does not exist.
    """
    if not rows:
        return [window]
    return joined(
        [
            part
            for piece, offset in even_pieces(window=window, time_zone=time_zone)
            for part in _hours_of_piece(rows, piece, offset)
        ]
    )


def free_times(
    *,
    rows: Sequence[WeeklyRow],
    busy: Sequence[Window],
    absences: Sequence[Window],
    from_: datetime,
    to: datetime,
    time_zone: str,
) -> list[Window]:
    """Return when the interpreter is free from `from_` to `to`: the hours without what is taken.

    `busy` are the blocked times of bookings (sessions with their travel) and of other calendars.

    Raises:
        InvalidWindow: `to` is not after `from_`.
        UnknownTimeZone: the zone does not exist.
    """
    whole = Window(starts_at=from_, ends_at=to)
    return without(
        windows=hours(rows=rows, window=whole, time_zone=time_zone), taken=[*busy, *absences]
    )


def _errors(index: int, row: Mapping[str, Any]) -> list[FieldError]:
    errors = []
    if row.get("day") not in DAYS:
        errors.append(_error(index, "day", "unknown-day", f"One of {', '.join(DAYS)}"))
    wrong = [name for name in ("from", "to") if not _is_clock(row.get(name))]
    for name in wrong:
        detail = 'A time at a quarter hour, such as "09:00" or "17:45"; midnight is "24:00"'
        errors.append(_error(index, name, "not-a-quarter-hour", detail))
    if not wrong and _minute(row["to"]) <= _minute(row["from"]):
        detail = "It must end after it starts; a range over midnight is two rows"
        errors.append(_error(index, "to", "ends-before-start", detail))
    return errors


def _error(index: int, field: str, code: str, detail: str) -> FieldError:
    return FieldError(pointer=f"/weekly/{index}/{field}", code=code, detail=detail)


def _is_clock(value: object) -> bool:
    return isinstance(value, str) and CLOCK.fullmatch(value) is not None


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _merged(rows: Iterable[WeeklyRow]) -> tuple[WeeklyRow, ...]:
    result: list[WeeklyRow] = []
    for row in sorted(rows, key=lambda row: (DAYS.index(row.day), row.from_)):
        last = result[-1] if result else None
        if last and last.day == row.day and row.from_ < last.to:
            result[-1] = WeeklyRow(day=row.day, from_=last.from_, to=max(last.to, row.to))
        else:
            result.append(row)
    return tuple(result)


def _wall(instant: datetime, offset: timedelta) -> datetime:
    """Return what the wall clock shows, as a naive time."""
    return instant.replace(tzinfo=None) + offset


def _hours_of_piece(
    rows: Sequence[WeeklyRow], piece: Window, offset: timedelta
) -> Iterator[Window]:
    start, end = _wall(piece.starts_at, offset), _wall(piece.ends_at, offset)
    midnight = datetime.combine(start.date(), time.min)
    while midnight < end:
        for row in rows:
            opens = max(start, midnight + row.from_ * MINUTE)
            closes = min(end, midnight + row.to * MINUTE)
            if row.day == DAYS[midnight.weekday()] and opens < closes:
                yield Window(
                    starts_at=(opens - offset).replace(tzinfo=UTC),
                    ends_at=(closes - offset).replace(tzinfo=UTC),
                )
        midnight += DAY
