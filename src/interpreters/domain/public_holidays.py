"""Public holidays of a country, by the rules that the `holidays` library collects."""

from datetime import date
from functools import lru_cache

import holidays


def is_public_holiday(*, day: date, country: str | None) -> bool:
    """Say whether the day is a public holiday in the whole of the country (ISO 3166-1 alpha-2).

    Where the country, or its holidays, are not known there are none.
    """
    return country is not None and day in _of_year(country, day.year)


@lru_cache(maxsize=1024)
def _of_year(country: str, year: int) -> frozenset[date]:
    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()
