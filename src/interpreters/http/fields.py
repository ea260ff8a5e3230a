"""The kinds of fields bodies are made of: bounded, without NUL, with their units."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
import phonenumbers
import pycountry
from msgspec import Meta

from interpreters.domain import ids, personal_data
from interpreters.domain.ids import id_pattern
from interpreters.domain.languages import resolve
from interpreters.domain.windows import local_instant, zone
from interpreters.domain.wording import PAGE_LANGUAGES, page_tag
from interpreters.http.reading import FieldProblem

NO_NUL: Final = "^[^\\u0000]*$"
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)


class In(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What comes in: unknown fields are refused."""


def _check_zone(value: str, _: datetime) -> None:
    zone(value)


def _check_country(value: str, _: datetime) -> None:
    if pycountry.countries.get(alpha_2=value) is None:
        raise FieldProblem("unknown-country", "There is no such country in ISO 3166-1")


def _check_currency(value: str, _: datetime) -> None:
    if pycountry.currencies.get(alpha_3=value) is None:
        raise FieldProblem("unknown-currency", "There is no such currency in ISO 4217")


def _check_language(value: str, _: datetime) -> None:
    resolve(value)


def _check_instant(value: datetime, _: datetime) -> None:
    if not EARLIEST <= value <= LATEST:
        raise FieldProblem("out-of-range", "Between 1970 and 2200")


def _check_day_or_instant(value: str, now: datetime) -> None:
    try:
        read = msgspec.convert(value, date if len(value) == len("2026-01-01") else datetime)
    except msgspec.ValidationError as error:
        detail = "A day such as 2026-01-31, or RFC 3339 with offset"
        raise FieldProblem("invalid", detail) from error
    if not isinstance(read, datetime):
        read = datetime(read.year, read.month, read.day, tzinfo=UTC)
    if read.tzinfo is None:
        raise FieldProblem("naive-time", "An instant needs an offset, such as Z or +02:00")
    _check_instant(read, now)


def _check_future(value: datetime, now: datetime) -> None:
    _check_instant(value, now)
    if value <= now:
        raise FieldProblem("in-the-past", "This is in the past")


def _check_text(value: str, now: datetime) -> None:
    found = personal_data.in_text(value, today=now.date())
    if found is not None:
        raise FieldProblem(
            "personal-data-not-allowed",
            f"This reads like a number that may not stand here: {found}. "
            "Write the client's own reference instead",
        )


def _check_client_reference(value: str, now: datetime) -> None:
    found = personal_data.in_reference(value, today=now.date())
    if found is not None:
        raise FieldProblem(
            "personal-data-not-allowed",
            f"Clients are known by a code of the institution's own; this reads like: {found}. "
            "Write the client's own reference instead",
        )


def _check_phone(value: str, _: datetime) -> None:
    e164(value)


def _check_page_language(value: str, _: datetime) -> None:
    page_language_tag(value)


def page_language_tag(value: str) -> str:
    """Return the page language a code stands for.

    Raises:
        FieldProblem: `unknown-page-language`.
    """
    found = page_tag(value)
    if found is None:
        named = ", ".join(PAGE_LANGUAGES)
        raise FieldProblem("unknown-page-language", f"Pages and messages are in: {named}")
    return found


def e164(value: str) -> str:
    """Return a phone number written in any common form with its country as E.164.

    `00` before the country is read as `+`: it is how most of the world dials abroad (ITU E.123).

    Raises:
        FieldProblem: `invalid-phone`.
    """
    written = value.strip()
    if written.startswith("00"):
        written = f"+{written[2:].lstrip()}"
    try:
        number = phonenumbers.parse(written, None)
    except phonenumbers.NumberParseException as error:
        raise FieldProblem(
            "invalid-phone", "Write the number with its country, such as +371 25565098"
        ) from error
    if not phonenumbers.is_possible_number(number):
        raise FieldProblem("invalid-phone", "There is no such telephone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


# Whatever people write is looked through for numbers of persons: docs/free-text.md.
Text: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=2000, pattern=NO_NUL, extra={"check": _check_text})
]
Name: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=NO_NUL, extra={"check": _check_text})
]
Reference: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=100, pattern=NO_NUL, extra={"check": _check_text})
]
ClientReference: TypeAlias = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=NO_NUL,
        description="The institution's own code for the person; no name, no number of the state's.",
        extra={"check": _check_client_reference},
    ),
]
# What a machine dials or opens, not looked through: its numbers would pass for persons'.
Connection: TypeAlias = Annotated[str, Meta(min_length=1, max_length=2000, pattern=NO_NUL)]
ConnectionCode: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL)]
# Within the week that a session lasts at most.
BreakMinutes: TypeAlias = Annotated[int, Meta(ge=0, lt=10_080)]
Id: TypeAlias = Annotated[str, Meta(pattern="^[a-z]{2,3}_[0-9A-HJKMNP-TV-Z]{26}$", max_length=30)]
InstitutionId: TypeAlias = Annotated[str, Meta(pattern=id_pattern(ids.INSTITUTION), max_length=30)]
BookingId: TypeAlias = Annotated[str, Meta(pattern=id_pattern(ids.BOOKING), max_length=30)]
ClientId: TypeAlias = Annotated[str, Meta(pattern=id_pattern(ids.CLIENT), max_length=30)]
InterpreterId: TypeAlias = Annotated[str, Meta(pattern=id_pattern(ids.INTERPRETER), max_length=30)]
SiteId: TypeAlias = Annotated[str, Meta(pattern=id_pattern(ids.SITE), max_length=30)]
RoomId: TypeAlias = Annotated[str, Meta(pattern=id_pattern(ids.ROOM), max_length=30)]
SeriesId: TypeAlias = Annotated[str, Meta(pattern=id_pattern(ids.SERIES), max_length=30)]
FundingId: TypeAlias = Annotated[str, Meta(pattern=id_pattern(ids.FUNDING), max_length=30)]
TariffId: TypeAlias = Annotated[str, Meta(pattern=id_pattern(ids.TARIFF), max_length=30)]
PolicyId: TypeAlias = Annotated[str, Meta(pattern=id_pattern(ids.POLICY), max_length=30)]
LanguageText: TypeAlias = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=NO_NUL,
        description="A code (ISO 639-1, ISO 639-3, BCP 47) or a name in any page language.",
        extra={"check": _check_language},
    ),
]
PageLanguage: TypeAlias = Annotated[
    str,
    Meta(
        min_length=2,
        max_length=20,
        pattern=NO_NUL,
        description="A language of pages and messages: `en`, `fa`, `uk` …",
        extra={"check": _check_page_language},
    ),
]
TimeZone: TypeAlias = Annotated[
    str, Meta(max_length=64, pattern=NO_NUL, description="IANA name.", extra={"check": _check_zone})
]
Instant: TypeAlias = Annotated[
    datetime, Meta(tz=True, description="RFC 3339 with offset.", extra={"check": _check_instant})
]
FutureInstant: TypeAlias = Annotated[
    datetime, Meta(tz=True, description="RFC 3339, not past.", extra={"check": _check_future})
]
Day: TypeAlias = date
Minutes: TypeAlias = Annotated[int, Meta(ge=1, le=10_080, description="Whole minutes.")]
Country: TypeAlias = Annotated[
    str,
    Meta(
        pattern="^[A-Z]{2}$",
        max_length=2,
        description="ISO 3166-1 alpha-2: two capital letters.",
        extra={"check": _check_country},
    ),
]
Currency: TypeAlias = Annotated[
    str,
    Meta(
        pattern="^[A-Z]{3}$",
        max_length=3,
        description="ISO 4217: three capital letters.",
        extra={"check": _check_currency},
    ),
]
Phone: TypeAlias = Annotated[
    str, Meta(max_length=40, pattern=NO_NUL, extra={"check": _check_phone})
]
Email: TypeAlias = Annotated[
    str,
    Meta(
        max_length=254,
        pattern="^[^@\\s\\u0000]+@[^@\\s\\u0000]+\\.[^@\\s\\u0000]+$(?!\\n)",
        description="A mail address, such as ilze@example.org.",
    ),
]
Latitude: TypeAlias = Annotated[float, Meta(ge=-90, le=90)]
Longitude: TypeAlias = Annotated[float, Meta(ge=-180, le=180)]
Mode: TypeAlias = Literal["in_person", "phone", "video"]
Gender: TypeAlias = Literal["female", "male", "other"]
Qualification: TypeAlias = Literal["certified", "trained", "language_speaker"]
Topic: TypeAlias = Literal[
    "legal", "health", "psychology", "education", "social", "employment", "housing",
    "administration", "banking", "supervised_contact", "emergency", "other",
]  # fmt: skip
Limit: TypeAlias = Annotated[int, Meta(ge=1, description="At most 200; larger is coerced.")]


DayOrInstant: TypeAlias = Annotated[
    str,
    Meta(
        max_length=40,
        pattern=NO_NUL,
        description="RFC 3339 with offset, or a day: its midnight in the network's zone.",
        extra={"check": _check_day_or_instant},
    ),
]


def page_size(limit: int) -> int:
    """Return how many items a page holds: at most 200."""
    return min(limit, 200)


def utc(value: datetime) -> datetime:
    """Return the same instant in UTC."""
    return value.astimezone(UTC)


def instant_of(value: str, *, time_zone: str) -> datetime:
    """Return, in UTC, what a `DayOrInstant` names; a day is its midnight in the zone."""
    if len(value) == len("2026-01-01"):
        return local_instant(
            date=msgspec.convert(value, date), minute_of_day=0, time_zone=time_zone
        )
    return utc(msgspec.convert(value, datetime))


def given(**fields: Any) -> dict[str, Any]:
    """Return the fields of a PATCH that were sent."""
    return {name: value for name, value in fields.items() if value is not msgspec.UNSET}
