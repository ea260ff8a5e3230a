"""The printed receipt: what was agreed, for people; what was signed, as it was; and how to check.

Everything on it but its language is of the signed terms, so the same receipt is the same bytes.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from interpreters.application.receipts import SignedTerms
from interpreters.application.statement_pages import money_of, way_of
from interpreters.domain.receipts import shown
from interpreters.domain.told_sessions import MODES, ToldSession, tell_languages
from interpreters.domain.told_times import tell_date, tell_time, tell_times, tell_zone
from interpreters.domain.windows import Window
from interpreters.domain.wording import comma, direction, say
from interpreters.gateways.pdf import typeset

ATTACHED: Final = "receipt.json"


async def file_of(signed: SignedTerms) -> bytes:
    """Return the receipt as a PDF; never within a transaction, it takes its time."""
    return await typeset("receipt", page_of(signed))


def file_name(signed: SignedTerms) -> str:
    """Return what the file is called, such as `receipt-bkg_…-interpreter.pdf`."""
    return f"receipt-{signed.terms['booking_id']}-{signed.side}.pdf"


def document_of(signed: SignedTerms) -> dict[str, Any]:
    """Return the receipt as it is checked: terms, signature, and by which key."""
    return {
        "side": signed.side,
        "terms": signed.terms,
        "signature": shown(signed.signature),
        "key_id": signed.key.id,
        "public_key": signed.key.public,
    }


def page_of(signed: SignedTerms) -> dict[str, Any]:
    """Return what the template `receipt` is filled with."""
    language, document = signed.language, document_of(signed)
    return {
        "language": language.partition("-")[0],
        "direction": direction(language),
        "title": say(language, "Agreed terms"),
        "network": _network(signed.terms),
        "facts": [
            {"label": label, "value": value, "direction": way_of(value)}
            for label, value in _facts(signed, language)
        ],
        "signed-title": say(language, "What was signed"),
        "signed": list(_flat(signed.terms)),
        "check-title": say(language, "Signature"),
        "check": [[name, document[name]] for name in ("signature", "key_id", "public_key")],
        "how": say(
            language,
            "The attached file {file} holds what was signed and the signature. Whoever has the "
            "network's public key checks it without us.",
            file=ATTACHED,
        ),
        "attached": ATTACHED,
        "document": msgspec.json.encode(document).decode(),
    }


def _facts(signed: SignedTerms, language: str) -> Iterator[tuple[str, str]]:
    terms = signed.terms
    zone = terms["time_zone"]
    told = ToldSession(
        from_language=terms["from_language"], to_language=terms["to_language"],
        mode=terms["mode"], time_zone=zone, place=None,
        session=Window(starts_at=_instant(terms["starts_at"]), ends_at=_instant(terms["ends_at"])),
    )  # fmt: skip
    yield say(language, "From"), _network(terms)
    institution = terms.get("institution_name") or terms["institution_id"]
    yield say(language, "Institution"), institution
    yield say(language, "Interpreter"), terms["interpreter_id"]
    yield say(language, "Languages"), tell_languages(language, told)
    yield say(language, "How"), say(language, MODES[told.mode])
    day = tell_date(language, told.session.starts_at, zone)
    times = f"{tell_times(language, told.session, zone)} ({tell_zone(language, zone)})"
    yield say(language, "When"), f"{day}{comma(language)}{times}"
    if terms["city"] is not None:
        yield say(language, "City"), terms["city"]
    yield from _money(signed, language)
    yield say(language, "Agreed on"), _moment(language, terms["agreed_at"], zone)


def _money(signed: SignedTerms, language: str) -> Iterator[tuple[str, str]]:
    """Yield the side's own money, and until when it costs nothing to call off."""
    money = signed.terms["pay" if signed.side == "interpreter" else "charge"]
    amount = say(language, "no tariff had a rate")
    if money is not None:
        amount = money_of(money["amount_minor"], money["currency"], language)
    yield say(language, "Amount"), amount
    free_until = signed.terms.get("free_until")
    if free_until is not None:
        zone = signed.terms["time_zone"]
        yield say(language, "Free until"), _moment(language, free_until, zone)


def _flat(terms: Mapping[str, Any], start: str = "") -> Iterator[list[str]]:
    """Yield every signed name and its value as JSON, in the order in which they are signed."""
    for name, value in sorted(terms.items()):
        if isinstance(value, Mapping):
            yield from _flat(value, f"{start}{name}.")
        else:
            yield [f"{start}{name}", msgspec.json.encode(value).decode()]


def _network(terms: Mapping[str, Any]) -> str:
    name: str = terms.get("network_name") or terms["network_id"]
    return name


def _moment(language: str, told: str, zone: str) -> str:
    instant = _instant(told)
    parts = (tell_date(language, instant, zone), tell_time(instant, zone))
    return comma(language).join(parts)


def _instant(told: str) -> datetime:
    return datetime.fromisoformat(told)
