"""Money, days and months as the pages of finance read and write them."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from babel.dates import format_date
from babel.numbers import get_currency_precision

from interpreters.application.tables import decimal_of
from interpreters.domain.errors import Invalid
from interpreters.domain.statements import month_of, next_month
from interpreters.domain.wording import locale_of
from interpreters.web.workplace import Visit

MOST_DIGITS: Final = 15


def minor_units(text: str | None, currency: str) -> int | str | None:
    """Return an amount such as "45.00" or "45,5" in minor units.

    What is none comes back as written, for the reader to refuse; None is nothing written.
    """
    if not text:
        return None
    plain = "".join(text.split()).replace(",", ".")
    try:
        amount = Decimal(plain) * 10 ** get_currency_precision(currency)
    except InvalidOperation:
        return text
    if not amount.is_finite() or amount != amount.to_integral_value() or len(plain) > MOST_DIGITS:
        return text
    return int(amount)


def major_units(amount_minor: int | None, currency: str) -> str:
    """Return an amount as a field of a form holds it, "45.00"; of nothing, nothing."""
    return "" if amount_minor is None else str(decimal_of(amount_minor, currency))


def dated(language: str) -> Callable[[date | str], str]:
    """Return what writes a day with its year, "Dec 1, 2026"."""
    locale = locale_of(language)

    def told(day: date | str) -> str:
        of = date.fromisoformat(day) if isinstance(day, str) else day
        return format_date(of, "medium", locale=locale)

    return told


def trouble_of(visit: Visit, wrong: Invalid, *, below: str = "") -> dict[str, str]:
    """Return what is wrong by pointer, without the part of the pointers that stands before."""
    told = visit.trouble(wrong)
    return {pointer.removeprefix(below): text for pointer, text in told.items()}


def last_day(until: date) -> date:
    """Return the last day of days whose end is not included."""
    return until - timedelta(days=1)


def month_days(day: date) -> tuple[date, date]:
    """Return the first and the last day of the day's month."""
    first = month_of(day)
    return first, last_day(next_month(first))
