"""What a request for interpreters is made of, as it comes in."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from interpreters.application.request_orders import ClientOrder, RequestOrder
from interpreters.domain import ids
from interpreters.domain.errors import FieldError
from interpreters.domain.languages import resolve, resolve_any
from interpreters.http.fields import (
    Country,
    FundingId,
    FutureInstant,
    Gender,
    In,
    Instant,
    InstitutionId,
    InterpreterId,
    LanguageText,
    Minutes,
    Mode,
    Name,
    Phone,
    Qualification,
    Reference,
    RoomId,
    SiteId,
    Text,
    Topic,
    given,
    utc,
)

Priority: TypeAlias = Literal["routine", "important", "emergency"]
Channel: TypeAlias = Literal["walk_in", "hotline", "crm", "web", "email", "api"]
Seats: TypeAlias = Annotated[int, Meta(ge=1, le=20)]
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
        """Return what is kept: what was demanded, interpreters as UUIDs."""
        fields = {name: value for name, value in msgspec.to_builtins(self).items() if value}
        for name in ("preferred_interpreter_ids", "excluded_interpreter_ids"):
            if name in fields:
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
    extension: Name | None = None
    url: Text | None = None
    pin: Name | None = None


class ClientIn(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A client by the institution's own reference; never a name."""

    reference: Reference
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

    reference: Reference
    arrives_at: Instant


class FlexibleStart(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Any start between the two will do."""

    earliest: Instant
    latest: Instant


class Details(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a request may say besides."""

    channel: Channel | None = None
    on_behalf_of: OnBehalfOf | None = None
    referred_by: Text | None = None
    parties: Annotated[list[Party], Meta(max_length=20)] | None = None
    attendees_expected: Annotated[int, Meta(ge=1, le=1000)] | None = None
    flexible_start: FlexibleStart | None = None
    test_scenario: Name | None = None


class RequestIn(Details, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask for an interpreter."""

    institution_id: InstitutionId | None = None
    language: LanguageText | AnyOf
    working_language: LanguageText | None = None
    modes: Annotated[list[Mode], Meta(min_length=1, max_length=3)]
    starts_at: FutureInstant | None = None
    starts: Literal["now"] | None = None
    duration_minutes: Minutes
    site_id: SiteId | None = None
    room_id: RoomId | None = None
    clients: Annotated[list[ClientIn], Meta(min_length=1, max_length=50)]
    topic: Topic
    requirements: Requirements = Requirements()
    fallbacks: Fallbacks = Fallbacks()
    interpreters_needed: Seats = 1
    partial_ok: bool = False
    recurrence: Text | None = None
    priority: Priority = "routine"
    external_reference: Reference | None = None
    cost_centre: Reference | None = None
    funding_id: FundingId | None = None
    connect: Connect | None = None
    instructions: Text | None = None

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """Yield the errors of fields that depend on each other."""
        modes = value.get("modes") if isinstance(value.get("modes"), list) else []
        assert isinstance(modes, list)  # the line above
        if len(set(map(str, modes))) < len(modes):
            yield _error(f"{pointer}/modes", "duplicate", "Each mode once")
        if "in_person" in modes and value.get("site_id") is None:
            yield _error(f"{pointer}/site_id", "required", "In person needs a site")
        yield from _check_start(value, modes, pointer)
        if value.get("recurrence") is not None:
            yield _error(f"{pointer}/recurrence", "not-supported", "Series cannot be asked yet")

    def order(self) -> RequestOrder:
        """Return the order in the application's words."""
        languages, dialect = _languages(self.language)
        return RequestOrder(
            institution_id=_id(ids.INSTITUTION, self.institution_id),
            languages=languages,
            dialect=dialect,
            working_language=self.working_language and resolve(self.working_language).language.code,
            modes=self.modes,
            starts_at=None if self.starts_at is None else utc(self.starts_at),
            duration_minutes=self.duration_minutes,
            site_id=_id(ids.SITE, self.site_id),
            room_id=_id(ids.ROOM, self.room_id),
            clients=[one.order() for one in self.clients],
            topic=self.topic,
            requirements=self.requirements.stored(),
            fallbacks=msgspec.to_builtins(self.fallbacks),
            interpreters_needed=self.interpreters_needed,
            partial_ok=self.partial_ok,
            priority=self.priority,
            external_reference=self.external_reference,
            cost_centre=self.cost_centre,
            funding_id=_id(ids.FUNDING, self.funding_id),
            connect=None if self.connect is None else msgspec.to_builtins(self.connect),
            instructions=self.instructions,
            details=_details(self),
        )


class RequestPatch(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields to change."""

    starts_at: FutureInstant | UnsetType = UNSET
    duration_minutes: Minutes | UnsetType = UNSET
    modes: Annotated[list[Mode], Meta(min_length=1, max_length=3)] | UnsetType = UNSET
    topic: Topic | UnsetType = UNSET
    requirements: Requirements | UnsetType = UNSET
    fallbacks: Fallbacks | UnsetType = UNSET
    external_reference: Reference | None | UnsetType = UNSET
    cost_centre: Reference | None | UnsetType = UNSET
    connect: Connect | None | UnsetType = UNSET
    instructions: Text | None | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET

    def change(self) -> dict[str, Any]:
        """Return what was sent, in the application's words."""
        fields = given(**msgspec.structs.asdict(self))
        if "starts_at" in fields:
            fields["starts_at"] = utc(fields["starts_at"])
        if "requirements" in fields:
            fields["requirements"] = fields["requirements"].stored()
        for name in ("fallbacks", "connect"):
            if fields.get(name) is not None:
                fields[name] = msgspec.to_builtins(fields[name])
        return fields


def _check_start(value: dict[str, Any], modes: list[Any], pointer: str) -> Iterator[FieldError]:
    now, starts_at = value.get("starts"), value.get("starts_at")
    if now is None and starts_at is None:
        yield _error(f"{pointer}/starts_at", "required", "Say when it starts, or `starts: now`")
    if now is not None and starts_at is not None:
        yield _error(f"{pointer}/starts", "conflicting", "Either `starts_at` or `starts`")
    if now is not None and "in_person" in modes:
        detail = "Only phone and video can start now"
        yield _error(f"{pointer}/modes", "now-is-remote", detail)


def _languages(value: str | AnyOf) -> tuple[list[str], str | None]:
    """Return the codes; the folded member of a single language is its dialect."""
    if isinstance(value, AnyOf):
        return [one.code for one in resolve_any(value.any_of)], None
    found = resolve(value)
    return [found.language.code], found.dialect


def _details(one: RequestIn) -> dict[str, Any]:
    fields = {
        field.name: msgspec.to_builtins(getattr(one, field.name))
        for field in msgspec.structs.fields(Details)
    }
    return {name: value for name, value in fields.items() if value is not None}


def _id(prefix: str, text: str | None) -> Any:
    return None if text is None else ids.read_id(prefix, text)


def _error(pointer: str, code: str, detail: str) -> FieldError:
    return FieldError(pointer=pointer, code=code, detail=detail)
