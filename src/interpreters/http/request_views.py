"""What a request looks like to those who asked, and to the coordinator who looks for somebody."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from interpreters.application.fallbacks import CONSENT, used_by
from interpreters.application.requests import Request, ShownRequest
from interpreters.application.searching import Result
from interpreters.domain import ids
from interpreters.domain.briefings import briefing_of
from interpreters.domain.callers import Caller
from interpreters.domain.escalations import EscalationKind
from interpreters.domain.fallbacks import DIRECT, LEGS, Code
from interpreters.domain.matching import funnel
from interpreters.domain.requests import RequestState, SeatState
from interpreters.http.booking_views import InterpreterView
from interpreters.http.fields import Mode, Topic
from interpreters.http.funding_views import FundingFitView
from interpreters.http.party_views import PartyView, party_views
from interpreters.http.views import LanguageView

LIVE_OR_DONE: Final = ("held", "confirmed", "in_progress", "completed", "client_no_show")
DETAILS: Final = (
    "channel", "on_behalf_of", "referred_by", "attendees_expected", "flexible_start",
    "test_scenario",
)  # fmt: skip
AS_STORED: Final = (
    "starts_now", "time_zone", "duration_minutes", "topic", "interpreters_needed", "partial_ok",
    "priority", "external_reference", "cost_centre", "connect", "instructions", "unfilled_reason",
    "cancelled_at", "cancel_reason", "cancel_reason_code", "created_at", "updated_at", "version",
    "state", "series_position",
)  # fmt: skip


class ExcludedView(msgspec.Struct, frozen=True, kw_only=True):
    """How many interpreters a rule took out; below 3 it is "few" for institutions."""

    code: str
    count: int | str


class SeatView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One interpreter wanted. The legs of a relay say from which language to which."""

    seat: int
    state: SeatState
    booking_id: str | None
    from_language: LanguageView | None = None
    to_language: LanguageView | None = None


class FallbackUsedView(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked instead of what was wished, when nobody was found for that."""

    code: Code
    detail: str


class ConsentView(msgspec.Struct, frozen=True, kw_only=True):
    """Who stated, and when, that the client agreed to a language near their own."""

    stated_by: str | None
    at: datetime


class RequestClientView(msgspec.Struct, frozen=True, kw_only=True):
    """Whom it is for, by the institution's own reference."""

    id: str
    reference: str


class EscalationView(msgspec.Struct, frozen=True, kw_only=True):
    """An urgent search was brought before people: to widen it, or to take care of it."""

    kind: EscalationKind
    round: int
    at: datetime
    acknowledged_at: datetime | None


class RequestView(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it is answered."""

    id: str
    series_id: str | None
    series_position: int | None
    institution_id: str
    state: RequestState
    language: LanguageView
    languages: list[LanguageView]
    working_language: LanguageView
    modes: list[Mode]
    starts_at: datetime
    ends_at: datetime
    starts_now: bool
    time_zone: str
    duration_minutes: int
    site_id: str | None
    room_id: str | None
    clients: list[RequestClientView]
    topic: Topic
    requirements: dict[str, Any]
    fallbacks: dict[str, Any]
    fallbacks_used: list[FallbackUsedView]
    language_consent: ConsentView | None
    interpreters_needed: int
    partial_ok: bool
    seats: list[SeatView]
    booking_ids: list[str]
    priority: str
    external_reference: str | None
    cost_centre: str | None
    funding_id: str | None
    funding: FundingFitView | None
    connect: dict[str, Any] | None
    instructions: str | None
    channel: str | None
    on_behalf_of: dict[str, Any] | None
    referred_by: str | None
    parties: list[PartyView] | None
    briefing_minutes: int
    attendees_expected: int | None
    flexible_start: dict[str, Any] | None
    test_scenario: str | None
    unfilled_reason: str | None
    excluded: list[ExcludedView] | None
    escalations: list[EscalationView]
    possible_duplicates: list[str]
    cancelled_at: datetime | None
    cancel_reason: str | None
    cancel_reason_code: str | None
    replaces: str | None
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, one: ShownRequest, caller: Caller) -> "RequestView":
        """Shape a request for the caller."""
        request = one.request
        live = [booking for booking in one.bookings if booking.state in LIVE_OR_DONE]
        plain: dict[str, Any] = {name: getattr(request, name) for name in AS_STORED}
        plain |= _details(request.details)
        return cls(
            **plain,
            id=ids.show_id(ids.REQUEST, request.id),
            series_id=ids.show_optional(ids.SERIES, request.series_id),
            institution_id=ids.show_id(ids.INSTITUTION, request.institution_id),
            language=LanguageView.of(request.languages[0]),
            languages=[LanguageView.of(code) for code in request.languages],
            working_language=LanguageView.of(request.working_language),
            modes=list(request.modes),  # type: ignore[arg-type]  # checked where they came in
            starts_at=request.session.starts_at,
            ends_at=request.session.ends_at,
            site_id=ids.show_optional(ids.SITE, request.site_id),
            room_id=ids.show_optional(ids.ROOM, request.room_id),
            clients=[
                RequestClientView(id=ids.show_id(ids.CLIENT, key), reference=reference)
                for key, reference in one.clients.items()
            ],
            requirements=_requirements(request.requirements),
            fallbacks=dict(request.fallbacks),
            fallbacks_used=[msgspec.convert(used, FallbackUsedView) for used in used_by(request)],
            language_consent=_consent(request),
            seats=_seats(one),
            booking_ids=[ids.show_id(ids.BOOKING, booking.id) for booking in live],
            funding_id=ids.show_optional(ids.FUNDING, request.funding_id),
            replaces=ids.show_optional(ids.BOOKING, request.replaces_id),
            funding=FundingFitView.of(one.funding, one.clients),
            excluded=excluded_views(request.excluded, caller),
            escalations=[
                EscalationView(**msgspec.structs.asdict(each)) for each in one.escalations
            ],
            possible_duplicates=request_ids(one.possible_duplicates),
        )


class ReasonView(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a score."""

    code: str
    points: float
    detail: str


class CandidateView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who fits, with the reasons of the score."""

    interpreter: InterpreterView
    score: float
    reasons: list[ReasonView]
    mode: Mode
    language: LanguageView
    distance_km: float | None


class CandidatesView(msgspec.Struct, frozen=True, kw_only=True):
    """Who fits, best first; and for the rest of the network, the rule that took them out."""

    candidates: list[CandidateView]
    excluded: list[ExcludedView]

    @classmethod
    def of(cls, found: tuple[Result, Mapping[str, int]], caller: Caller) -> "CandidatesView":
        """Shape the candidates."""
        result, counts = found
        return cls(
            candidates=[
                CandidateView(
                    interpreter=InterpreterView(
                        id=ids.show_id(ids.INTERPRETER, one.interpreter_id),
                        display_name=one.display_name,
                    ),
                    score=one.scored.score,
                    reasons=[
                        ReasonView(code=part.code, points=part.points, detail=part.detail)
                        for part in one.scored.reasons
                    ],
                    mode=one.mode,  # type: ignore[arg-type]  # the request's modes
                    language=LanguageView.of(one.from_language),
                    distance_km=None if one.distance_km is None else round(one.distance_km, 1),
                )
                for one in result.candidates
            ],
            excluded=excluded_views(counts, caller) or [],
        )


def excluded_views(counts: Mapping[str, int] | None, caller: Caller) -> list[ExcludedView] | None:
    """Return the funnel, in its order, as the role may see it."""
    if counts is None:
        return None
    shown = funnel(counts, role=caller.role)  # type: ignore[arg-type]  # the statement's codes are the funnel's
    return [ExcludedView(code=str(one["code"]), count=one["count"]) for one in shown]


def request_ids(found: Sequence[UUID]) -> list[str]:
    """Return the public ids of requests."""
    return [ids.show_id(ids.REQUEST, one) for one in found]


def _details(details: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: details.get(name) for name in DETAILS},
        "parties": party_views(details) or None,
        "briefing_minutes": briefing_of(details),
    }


def _consent(request: Request) -> ConsentView | None:
    stored = request.details.get(CONSENT)
    return None if stored is None else msgspec.convert(stored, ConsentView)


def _requirements(stored: Mapping[str, Any]) -> dict[str, Any]:
    from_uuid = ("preferred_interpreter_ids", "excluded_interpreter_ids")
    return {
        name: [ids.show_id(ids.INTERPRETER, UUID(one)) for one in value]
        if name in from_uuid
        else value
        for name, value in stored.items()
    }


def _seats(one: ShownRequest) -> list[SeatView]:
    """Return the seats; of a relay and the request's own seat only what is still wanted."""
    by_seat = {
        booking.seat: booking.id for booking in one.bookings if booking.state in LIVE_OR_DONE
    }
    legs = [seat for seat in one.seats if seat.from_language is not None]
    relayed = any(leg.state != "cancelled" for leg in legs)
    unneeded = [DIRECT] if relayed else LEGS
    return [
        SeatView(
            seat=seat.seat,
            state=seat.state,
            booking_id=ids.show_optional(ids.BOOKING, by_seat.get(seat.seat)),
            from_language=LanguageView.of(seat.from_language) if seat.from_language else None,
            to_language=LanguageView.of(seat.to_language) if seat.to_language else None,
        )
        for seat in one.seats
        if not legs or seat.state != "cancelled" or seat.seat not in unneeded
    ]
