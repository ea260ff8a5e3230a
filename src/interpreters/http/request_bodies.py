"""What a request for interpreters is made of, as it comes in."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from interpreters.application.request_orders import RequestOrder
from interpreters.application.series_changes import Scope
from interpreters.domain import ids
from interpreters.domain.errors import FieldError, Invalid
from interpreters.domain.languages import resolve, resolve_any
from interpreters.domain.series import read_series
from interpreters.http.fields import (
    NO_NUL,
    BookingId,
    FundingId,
    FutureInstant,
    In,
    InstitutionId,
    LanguageText,
    Minutes,
    Mode,
    Reference,
    RoomId,
    SiteId,
    Text,
    Topic,
    given,
    utc,
)
from interpreters.http.request_parts import (
    AnyOf,
    Briefing,
    ClientIn,
    Connect,
    Details,
    Fallbacks,
    FlexibleStart,
    Parties,
    Party,
    Requirements,
    error,
    stored_parties,
)

Priority: TypeAlias = Literal["routine", "important", "emergency"]
Seats: TypeAlias = Annotated[int, Meta(ge=1, le=20)]
Recurrence: TypeAlias = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=500,
        pattern=NO_NUL,
        description="An RFC 5545 rule with COUNT or UNTIL, at most 100 dates: docs/dispatch.md.",
    ),
]
RequireFunding: TypeAlias = Annotated[
    bool, Meta(description="Refuse what is outside the funding, rather than tell.")
]


class RequestIn(Details, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask for an interpreter. `replaces` is a booking that was called off late: its interpreter is
    booked at once, within its time, and its fee is taken back.
    """

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
    recurrence: Recurrence | None = None
    recurrence_skips: Literal["closed"] | None = None
    priority: Priority = "routine"
    external_reference: Reference | None = None
    cost_centre: Reference | None = None
    funding_id: FundingId | None = None
    require_funding: RequireFunding = False
    connect: Connect | None = None
    instructions: Text | None = None
    refuse_duplicates: bool = False
    replaces: BookingId | None = None

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """Yield the errors of fields that depend on each other."""
        modes = value.get("modes") if isinstance(value.get("modes"), list) else []
        assert isinstance(modes, list)  # the line above
        yield from _check_modes(modes, pointer)
        if "in_person" in modes and value.get("site_id") is None:
            yield error(f"{pointer}/site_id", "required", "In person needs a site")
        yield from _check_start(value, modes, pointer)
        yield from _check_attendees(value, pointer)
        yield from _check_recurrence(value, pointer)
        if value.get("require_funding") is True and value.get("funding_id") is None:
            yield error(f"{pointer}/funding_id", "required", "Say which funding is required")

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
            require_funding=self.require_funding,
            connect=None if self.connect is None else self.connect.stored(),
            instructions=self.instructions,
            details=_details(self),
            refuse_duplicates=self.refuse_duplicates,
            recurrence=self.recurrence,
            recurrence_skips=self.recurrence_skips,
            replaces=_id(ids.BOOKING, self.replaces),
        )


class RequestPatch(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields to change; `requirements`, `fallbacks` and `connect` are replaced whole.

    `scope` says of a series whether the dates that follow, or all, are changed too.
    """

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
    room_id: RoomId | None | UnsetType = UNSET
    parties: Parties | None | UnsetType = UNSET
    briefing_minutes: Briefing | UnsetType = UNSET
    funding_id: FundingId | None | UnsetType = UNSET
    scope: Scope = "this"

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """Each mode once."""
        yield from _check_modes(value.get("modes"), pointer)

    def change(self) -> dict[str, Any]:
        """Return what was sent, in the application's words."""
        fields = given(**msgspec.structs.asdict(self))
        del fields["scope"]
        if "starts_at" in fields:
            fields["starts_at"] = utc(fields["starts_at"])
        if "requirements" in fields:
            fields["requirements"] = fields["requirements"].stored()
        if "fallbacks" in fields:
            fields["fallbacks"] = msgspec.to_builtins(fields["fallbacks"])
        if fields.get("connect") is not None:
            fields["connect"] = fields["connect"].stored()
        if fields.get("parties") is not None:
            fields["parties"] = stored_parties(fields["parties"])
        if "room_id" in fields:
            fields["room_id"] = _id(ids.ROOM, fields["room_id"])
        if "funding_id" in fields:
            fields["funding_id"] = _id(ids.FUNDING, fields["funding_id"])
        return fields


def _check_modes(modes: Any, pointer: str) -> Iterator[FieldError]:
    if isinstance(modes, list) and len(set(map(str, modes))) < len(modes):
        yield error(f"{pointer}/modes", "duplicate", "Each mode once")


def _check_start(value: dict[str, Any], modes: list[Any], pointer: str) -> Iterator[FieldError]:
    now, starts_at = value.get("starts"), value.get("starts_at")
    if now is None and starts_at is None:
        yield error(f"{pointer}/starts_at", "required", "Say when it starts, or `starts: now`")
    if now is not None and starts_at is not None:
        yield error(f"{pointer}/starts", "conflicting", "Either `starts_at` or `starts`")
    if now is not None and "in_person" in modes:
        detail = "Only phone and video can start now"
        yield error(f"{pointer}/modes", "now-is-remote", detail)


def _check_attendees(value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
    """As many people come as there are clients, at the least."""
    expected, clients = value.get("attendees_expected"), value.get("clients")
    if not isinstance(expected, int) or not isinstance(clients, list):
        return
    named = {str(one.get("reference")) for one in clients if isinstance(one, dict)}
    if expected < len(named):
        detail = f"There are {len(named)} clients: at least as many are expected"
        yield error(f"{pointer}/attendees_expected", "out-of-range", detail)


def _check_recurrence(value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
    rule = value.get("recurrence")
    if not isinstance(rule, str):
        if rule is None and value.get("recurrence_skips") is not None:
            yield error(f"{pointer}/recurrence", "required", "Only a series leaves dates out")
        return
    if value.get("starts") is not None:
        yield error(f"{pointer}/recurrence", "conflicting", "What starts now is asked for once")
        return
    if "emergency" in (value.get("priority"), value.get("topic")):  # each would ring who is on call
        yield error(f"{pointer}/recurrence", "conflicting", "An emergency is asked for once")
        return
    try:
        read_series(rule)
    except Invalid as wrong:
        yield from wrong.errors


def _languages(value: str | AnyOf) -> tuple[list[str], str | None]:
    """Return the codes; the folded member of a single language is its dialect."""
    if isinstance(value, AnyOf):
        return [one.code for one in resolve_any(value.any_of)], None
    found = resolve(value)
    return [found.language.code], found.dialect


def _details(one: RequestIn) -> dict[str, Any]:
    """What was said, with instants in UTC."""
    fields = {field.name: getattr(one, field.name) for field in msgspec.structs.fields(Details)}
    return {
        name: msgspec.to_builtins(_in_utc(value))
        for name, value in fields.items()
        if value is not None
    }


def _in_utc(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_utc(one) for one in value]
    if isinstance(value, Party):
        return msgspec.structs.replace(value, arrives_at=utc(value.arrives_at))
    if isinstance(value, FlexibleStart):
        return FlexibleStart(earliest=utc(value.earliest), latest=utc(value.latest))
    return value


def _id(prefix: str, text: str | None) -> Any:
    return None if text is None else ids.read_id(prefix, text)
