"""Dates, times and numbers as people are told them: in their language, by the place's clock.

Always the Gregorian calendar, 24 hours and the digits 0 to 9, in every language: they stand so on
letters, doors and telephones of the place. Babel has month names in all page languages, browsers
have not.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from babel.dates import format_date, format_skeleton, get_timezone_location
from babel.numbers import format_decimal

from interpreters.domain.windows import Window, zone
from interpreters.domain.wording import direction, locale_of

# Where the CLDR has no order of its own its usual one comes out: "دسم 1", the month first and cut.
DAYS_AND_MONTHS: Final[Mapping[str, str]] = {"fa-AF": "d MMMM", "ps": "d MMMM"}


def tell_date(language: str, instant: datetime, time_zone: str) -> str:
    """Return the day of an instant at the place, such as "Tuesday, December 1, 2026"."""
    day = instant.astimezone(zone(time_zone)).date()
    return format_date(day, format="full", locale=locale_of(language))


def tell_short_day(language: str, day: date) -> str:
    """Return the day and the month, such as "Dec 1"."""
    pattern = DAYS_AND_MONTHS.get(language)
    if pattern is not None:
        return format_date(day, pattern, locale=locale_of(language))
    return format_skeleton("MMMd", datetime.combine(day, time()), locale=locale_of(language))


def tell_time(instant: datetime, time_zone: str) -> str:
    """Return the time of day at the place, `10:30`; with its offset when the clock is set back
    around it, so that the hour comes twice.
    """
    local = instant.astimezone(zone(time_zone))
    return f"{local:%H:%M}" + (_offset(local) if _comes_twice(local) else "")


def tell_span(language: str, first: str, last: str) -> str:
    """Return from what to what: "10:30 - 11:30" with a dash.

    Figures alone run from left to right wherever they are set apart, and whoever reads from the
    right would take the end for the beginning. Persian has a word between them, as the CLDR says;
    other such scripts get a mark that has them read from the right.
    """
    if language.partition("-")[0] == "fa":
        return f"{first} تا {last}"
    mark = "\N{RIGHT-TO-LEFT MARK}" if direction(language) == "rtl" else ""
    return f"{mark}{first} \N{EN DASH} {last}"


def tell_times(language: str, session: Window, time_zone: str) -> str:
    """Return from when to when; both with their offsets when the clock is changed in between or
    an hour comes twice.
    """
    start, end = (one.astimezone(zone(time_zone)) for one in (session.starts_at, session.ends_at))
    exact = start.utcoffset() != end.utcoffset() or _comes_twice(start) or _comes_twice(end)
    first, last = (f"{one:%H:%M}" + (_offset(one) if exact else "") for one in (start, end))
    return tell_span(language, first, last)


def tell_zone(language: str, time_zone: str) -> str:
    """Return the city whose clock it is, in the language; the zone's name where it has none."""
    if "/" not in time_zone:
        return time_zone
    return get_timezone_location(zone(time_zone), locale=locale_of(language), return_city=True)


def tell_number(language: str, number: float) -> str:
    """Return a number with the language's separators and the digits 0 to 9."""
    return format_decimal(number, locale=locale_of(language), numbering_system="latn")


def _comes_twice(local: datetime) -> bool:
    """Tell whether the wall clock shows this time twice that night."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _offset(local: datetime) -> str:
    minutes = int((local.utcoffset() or timedelta()).total_seconds()) // 60
    sign, (hours, rest) = ("+" if minutes >= 0 else "-"), divmod(abs(minutes), 60)
    return f" (UTC{sign}{hours:02}:{rest:02})"
