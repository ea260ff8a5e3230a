"""How pages write days, times, languages, money and numbers: on the server, always Gregorian.

Browsers print Persian years and fall back to English for some languages; Babel does not. Digits
are 0 to 9 everywhere, as on the papers people compare them with.
"""

from datetime import date, datetime

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, get_currency_precision
from babel.units import format_unit

from interpreters.domain.languages import NeedsVariety, UnknownLanguage, resolve
from interpreters.domain.told_sessions import language_name
from interpreters.domain.told_times import tell_date, tell_short_day, tell_span, tell_time
from interpreters.domain.windows import zone
from interpreters.domain.wording import locale_of


class Formats:
    """What templates write with, as `tell`: in one language, by the network's clock.

    Instants may be given as a view tells them (RFC 3339), and with another place's time zone.
    """

    def __init__(self, language: str, time_zone: str) -> None:
        self.language = language
        self.time_zone = time_zone
        self._locale: Locale = locale_of(language)

    def day(self, instant: datetime | str, at: str | None = None) -> str:
        """Return "Tuesday, December 1, 2026"."""
        return tell_date(self.language, _instant(instant), at or self.time_zone)

    def short_day(self, instant: datetime | date | str, at: str | None = None) -> str:
        """Return "Dec 1"."""
        if isinstance(instant, date) and not isinstance(instant, datetime):
            return tell_short_day(self.language, instant)
        local = _instant(instant).astimezone(zone(at or self.time_zone))
        return tell_short_day(self.language, local.date())

    def dated(self, day: date) -> str:
        """Return a day with its year, "Dec 1, 2026"."""
        return format_date(day, "medium", locale=self._locale)

    def weekday(self, instant: datetime | str, at: str | None = None) -> str:
        """Return "Tue"."""
        local = _instant(instant).astimezone(zone(at or self.time_zone))
        return format_datetime(local, "EEE", locale=self._locale)

    def clock(self, instant: datetime | str, at: str | None = None) -> str:
        """Return "10:30"; the day the clock is set back, with the offset where it comes twice."""
        return tell_time(_instant(instant), at or self.time_zone)

    def span(self, first: str, last: str) -> str:
        """Return from what to what, "10:30 - 11:30" with a dash, of what is told already."""
        return tell_span(self.language, first, last)

    def moment(self, instant: datetime | str, at: str | None = None) -> str:
        """Return "Dec 1 10:30"."""
        return f"{self.short_day(instant, at)} {self.clock(instant, at)}"

    def month(self, text: str) -> str:
        """Return "November 2026" of "2026-11"."""
        return format_date(date.fromisoformat(f"{text}-01"), "LLLL y", locale=self._locale)

    def number(self, value: float) -> str:
        """Return a number with the language's separators."""
        return format_decimal(value, locale=self._locale, numbering_system="latn")

    def minutes(self, count: int) -> str:
        """Return "90 min"."""
        told: str = format_unit(
            count, "minute", "short", locale=self._locale, numbering_system="latn"
        )
        return told

    def money(self, amount_minor: int, currency: str) -> str:
        """Return an amount of money from its minor units."""
        amount = amount_minor / 10 ** get_currency_precision(currency)
        return format_currency(amount, currency, locale=self._locale, numbering_system="latn")

    def language_called(self, code: str) -> str:
        """Return the name of a spoken language (ISO 639-3), such as "Dari"."""
        return language_name(self.language, code)

    def country_called(self, code: str) -> str:
        """Return the name of a country (ISO 3166-1, two letters); of an unknown one the code."""
        return str(self._locale.territories.get(code, code))

    def language_written(self, said: str) -> str:
        """Return a language as a form shows it: of a code its name, where that leads back to it
        alone; else as it stands.
        """
        try:
            name = self.language_called(said)
            back = resolve(name).language.code
        except (UnknownLanguage, NeedsVariety):
            return said
        return name if back == said else said


def _instant(said: datetime | str) -> datetime:
    return said if isinstance(said, datetime) else datetime.fromisoformat(said)
