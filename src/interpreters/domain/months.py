"""Calendar months."""

from collections.abc import Iterator
from datetime import date


def months_between(from_: date, until: date) -> Iterator[date]:
    """Yield the first day of every month that has a day from `from_` up to, not on, `until`."""
    month = from_.replace(day=1)
    while month < until:
        yield month
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
