"""Money, days and months as the pages of finance read and write them."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from babel.dates import format_date
from babel.numbers import get_currency_precision

from interpreters.application.tables import decimal_of
from interpreters.domain.errors import Invalid
from interpreters.domain.statements import month_of, next_month
from interpreters.domain.wording import locale_of
from interpreters.web.fields import Fields
from interpreters.web.workplace import Visit

MOST_DIGITS: Final = 15


def minor_units(text: str | None, currency: str) -> int | str | None:
    """Return an amount such as "45.00" or "45,5" in minor units.

    What is none comes back as written, for the reader to refuse; None is nothing written.
    """
    if not text:
        return None
    plain = "".join(text.split()).replace(",", ".").replace("\N{ARABIC DECIMAL SEPARATOR}", ".")
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


def day_after(text: str) -> str:
    """Return the day after one that is written; what is none comes back as it is."""
    try:
        return str(date.fromisoformat(text) + timedelta(days=1))
    except (ValueError, OverflowError):
        return text


def rows_of(fields: Fields, names: Sequence[str], most: int) -> list[dict[str, str]]:
    """Return the rows of a form's table that hold anything: fields are named `name-0`, `name-1`.

    Rows left empty are left out, so that the place of a row is its place in what is sent.
    """
    rows = [{name: fields.get(f"{name}-{at}") for name in names} for at in range(most)]
    return [row for row in rows if any(row.values())]


def with_spare(
    rows: Sequence[dict[str, str]], names: Sequence[str], *, spare: int, most: int
) -> list[dict[str, str]]:
    """Return the rows with empty ones below them to be filled."""
    empty = dict.fromkeys(names, "")
    return [*rows, *[empty] * spare][: max(most, len(rows))]
