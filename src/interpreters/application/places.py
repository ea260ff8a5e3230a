"""Defaults that follow from the country."""

from functools import cache

from babel.languages import get_official_languages

from interpreters.domain.errors import Refusal
from interpreters.domain.languages import resolve


@cache
def default_working_language(country: str | None) -> str | None:
    """Return the first official language of the country (CLDR), as ISO 639-3: LV is `lav`."""
    if country is None:
        return None
    for tag in get_official_languages(country, de_facto=True):
        try:
            return resolve(tag).language.code
        except Refusal:
            continue
    return None
