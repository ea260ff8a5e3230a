"""The parts a request for interpreters is made of, as they come in."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

from interpreters.application.request_orders import ClientOrder
from interpreters.domain import ids
from interpreters.domain.errors import FieldError
from interpreters.domain.languages import resolve
from interpreters.http.fields import (
    ClientReference,
    Connection,
    ConnectionCode,
    Country,
    Gender,
    In,
    Instant,
    InstitutionId,
    InterpreterId,
    LanguageText,
    Name,
    Phone,
    Qualification,
    Text,
    e164,
    utc,
)

Channel: TypeAlias = Literal["walk_in", "hotline", "crm", "web", "email", "api"]
Ids: TypeAlias = Annotated[list[InterpreterId], Meta(max_length=100)]


class AnyOf(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Any of several languages will do."""

    any_of: Annotated[list[LanguageText], Meta(min_length=1, max_length=10)]


class GenderDemand(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wish, or with `strict` a condition."""

    value: Gender
    strict: bool = False


class QualificationDemand(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At least this qualification."""

    minimum: Qualification
    strict: bool = True


class DialectDemand(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dialect the client would rather hear."""

    value: Name
    strict: bool = False


class Requirements(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the interpreter should be."""

    gender: GenderDemand | None = None
    qualification: QualificationDemand | None = None
    dialect: DialectDemand | None = None
    credentials: Annotated[list[Name], Meta(max_length=20)] = []
    preferred_interpreter_ids: Ids = []
    excluded_interpreter_ids: Ids = []

    def stored(self) -> dict[str, Any]:
        """Return what is kept: every field, interpreters as UUIDs."""
        fields: dict[str, Any] = msgspec.to_builtins(self)
        for name in ("preferred_interpreter_ids", "excluded_interpreter_ids"):
            fields[name] = [str(ids.read_id(ids.INTERPRETER, one)) for one in fields[name]]
        return fields


class Fallbacks(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be offered instead, when nobody is found."""

    other_mode: bool = False
    neighbour_language: bool = False
    relay: bool = False
    shift_minutes: Annotated[int, Meta(ge=0, le=1440)] = 0


class Connect(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who calls whom, and where, for sessions by phone and video."""

    by: Literal["requester", "interpreter", "link"]
    number: Phone | None = None
    extension: ConnectionCode | None = None
    url: Connection | None = None
    pin: ConnectionCode | None = None

    def stored(self) -> dict[str, Any]:
        """Return what is kept: the number as E.164."""
        fields: dict[str, Any] = msgspec.to_builtins(self)
        if self.number is not None:
            fields["number"] = e164(self.number)
        return fields


class ClientIn(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A client by the institution's own reference; never a name."""

    reference: ClientReference
    nationality: Country | None = None
    languages: Annotated[list[LanguageText], Meta(max_length=10)] = []

    def order(self) -> ClientOrder:
        """Return the client in the application's words."""
        return ClientOrder(
            reference=self.reference,
            nationality=self.nationality,
            languages=[resolve(one).language.code for one in self.languages],
        )


class OnBehalfOf(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A caller, a third party, or a referral's receiving authority."""

    institution_id: InstitutionId | None = None
    note: Text | None = None


class Party(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who must not meet the other parties."""

    reference: ClientReference
    arrives_at: Instant


Parties: TypeAlias = Annotated[
    list[Party],
    Meta(min_length=2, max_length=20, description="People who must not meet, and when each comes."),
]
Briefing: TypeAlias = Annotated[
    int,
    Meta(
        ge=0,
        le=240,
        description="Minutes that the interpreter is there before the session, to be briefed.",
    ),
]


class FlexibleStart(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Any start between the two will do."""

    earliest: Instant
    latest: Instant

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """The latest is not before the earliest."""
        try:
            both = msgspec.convert([value["earliest"], value["latest"]], tuple[datetime, datetime])
        except (KeyError, msgspec.ValidationError):
            return  # each has its own error
        if None not in (both[0].tzinfo, both[1].tzinfo) and both[1] < both[0]:
            yield error(f"{pointer}/latest", "ends-before-start", "Not before the earliest")


class Details(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a request may say besides."""

    channel: Channel | None = None
    on_behalf_of: OnBehalfOf | None = None
    referred_by: Text | None = None
    parties: Parties | None = None
    briefing_minutes: Briefing | None = None
    attendees_expected: Annotated[int, Meta(ge=1, le=1000)] | None = None
    flexible_start: FlexibleStart | None = None
    test_scenario: Name | None = None


def stored_parties(parties: list[Party]) -> list[dict[str, Any]]:
    """Return what is kept of parties: instants in UTC."""
    return [
        {"reference": one.reference, "arrives_at": msgspec.to_builtins(utc(one.arrives_at))}
        for one in parties
    ]


def error(pointer: str, code: str, detail: str) -> FieldError:
    """Return one thing wrong with one field."""
    return FieldError(pointer=pointer, code=code, detail=detail)
