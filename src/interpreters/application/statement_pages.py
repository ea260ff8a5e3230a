"""The printed statement: what stands on it, in the language the network works in."""

import unicodedata
from collections.abc import Iterator
from typing import Any, Final, Literal

from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency

from interpreters.application.statements import Document
from interpreters.application.tables import decimal_of
from interpreters.domain.statements import Side, StatementLine
from interpreters.domain.told_sessions import language_name
from interpreters.domain.told_times import tell_number
from interpreters.domain.windows import at_place
from interpreters.domain.wording import ENGLISH, direction, locale_of, page_tag, say

RIGHT_TO_LEFT: Final = ("R", "AL")


def page_of(document: Document) -> dict[str, Any]:
    """Return what the template `statement` is filled with."""
    language = page_tag(document.network.working_language or "") or ENGLISH
    title = _title(document, language)
    return {
        "language": language.partition("-")[0],
        "direction": direction(language),
        "title": title,
        "network": document.network_name,
        "facts": [
            {"label": label, "value": value, "direction": way_of(value)}
            for label, value in _facts(document, language)
        ],
        "columns": [
            say(language, "Date"), say(language, "What"), say(language, "Language"),
            say(language, "How"), say(language, "Place"), say(language, "Minutes booked"),
            say(language, "Minutes held"), say(language, "Minutes counted"),
            say(language, "Amount"),
        ],
        "rows": [_row(one, language) for one in document.lines],
        "totals-title": say(language, "Total"),
        "totals-columns": [
            say(language, "What"), say(language, "Entries"), say(language, "Amount"),
        ],
        "totals": list(_totals(document, language)),
    }  # fmt: skip


def _title(document: Document, language: str) -> str:
    titles: dict[tuple[Side, bool], str] = {
        ("charge", True): say(language, "Draft of a statement"),
        ("charge", False): say(language, "Statement {number}", number=document.number),
        ("pay", True): say(language, "Draft of a pay statement"),
        ("pay", False): say(language, "Pay statement {number}", number=document.number),
    }
    return titles[document.party.side, document.number is None]


def _facts(document: Document, language: str) -> Iterator[tuple[str, str]]:
    locale = locale_of(language)
    yield say(language, "From"), document.network_name
    yield say(language, "For"), document.party.name
    month = format_skeleton("yMMMM", document.month, locale=locale)
    yield say(language, "Month"), month
    if document.statement is not None:
        issued = at_place(
            instant=document.statement.issued_at, time_zone=document.network.time_zone
        )
        yield say(language, "Issued on"), format_date(issued.date(), format="long", locale=locale)
    if document.replaces is not None:
        yield say(language, "Replaces"), document.replaces


def _row(one: StatementLine, language: str) -> list[dict[str, str]]:
    what = _kind(one.kind, language)
    if one.unpriced:
        what = f"{what} ({say(language, 'no tariff had a rate')})"
    if one.break_minutes:
        breaks = tell_number(language, one.break_minutes)
        what = f"{what} ({say(language, 'Minutes of breaks')}: {breaks})"
    if one.disputed:
        what = f"{what} ({say(language, 'disputed')})"
    cells = (
        format_date(one.day, format="short", locale=locale_of(language)),
        what,
        language_name(language, one.language),
        _mode(one.mode, language),
        one.site_name or "",
        tell_number(language, one.booked_minutes),
        tell_number(language, one.actual_minutes),
        tell_number(language, one.billable_minutes),
        money_of(one.amount_minor, one.currency, language),
    )
    return [{"value": value, "direction": way_of(value)} for value in cells]


def _totals(document: Document, language: str) -> Iterator[list[str]]:
    for one in document.totals.kinds:
        amount = money_of(one.amount_minor, one.currency, language)
        yield [_kind(one.kind, language), tell_number(language, one.entries), amount]
    for currency, amount_minor in sorted(document.totals.amounts.items()):
        entries = sum(one.entries for one in document.totals.kinds if one.currency == currency)
        amount = money_of(amount_minor, currency, language)
        yield [say(language, "Total"), tell_number(language, entries), amount]


def _kind(kind: str, language: str) -> str:
    kinds = {
        "session": say(language, "Session"),
        "late_cancellation": say(language, "Late cancellation"),
        "client_no_show": say(language, "The client did not come"),
        "adjustment": say(language, "Correction"),
    }
    return kinds[kind]


def _mode(mode: str, language: str) -> str:
    modes = {
        "in_person": say(language, "on site"),
        "phone": say(language, "by phone"),
        "video": say(language, "by video"),
    }
    return modes.get(mode, mode)


def money_of(amount_minor: int, currency: str, language: str) -> str:
    """Return an amount as the language writes it."""
    amount = decimal_of(amount_minor, currency) or 0
    return format_currency(amount, currency, locale=locale_of(language), numbering_system="latn")


def way_of(text: str) -> Literal["ltr", "rtl"]:
    """Return which way a name is written: as its first letter is (UAX #9, rule P2)."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    first = next((one for one in strong if one in ("L", *RIGHT_TO_LEFT)), "L")
    return "rtl" if first in RIGHT_TO_LEFT else "ltr"
