"""What is told of one person and one request: every rule, then the points and the offers."""

from datetime import datetime

import msgspec

from interpreters.application.reasons import Reasons
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.matching import FunnelCode
from interpreters.domain.offers import OfferState
from interpreters.http.booking_views import InterpreterView
from interpreters.http.fields import Mode
from interpreters.http.request_views import ReasonView
from interpreters.http.views import LanguageView


class RuleView(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of the search; it takes out whoever does not pass it."""

    code: FunnelCode
    passed: bool
    detail: str


class AskedView(msgspec.Struct, frozen=True, kw_only=True):
    """An offer of this request to this person."""

    id: str
    state: OfferState
    seat: int
    mode: Mode
    language: LanguageView
    asked_at: datetime
    answer_by: datetime
    answered_at: datetime | None
    seen_at: datetime | None


class WhyView(msgspec.Struct, frozen=True, kw_only=True):
    """Why somebody is or is not asked. Score, reasons and place are theirs who fit."""

    interpreter: InterpreterView
    fits: bool
    rules: list[RuleView]
    score: float | None
    reasons: list[ReasonView]
    place: int | None
    offers: list[AskedView]

    @classmethod
    def of(cls, one: Reasons, _: Caller) -> "WhyView":
        """Shape the reasons."""
        scored = None if one.candidate is None else one.candidate.scored
        return cls(
            interpreter=InterpreterView(
                id=ids.show_id(ids.INTERPRETER, one.interpreter.id),
                display_name=one.interpreter.display_name,
            ),
            fits=all(rule.passed for rule in one.rules),
            rules=[
                RuleView(code=rule.code, passed=rule.passed, detail=rule.detail)
                for rule in one.rules
            ],
            score=None if scored is None else scored.score,
            reasons=[
                ReasonView(code=part.code, points=part.points, detail=part.detail)
                for part in (() if scored is None else scored.reasons)
            ],
            place=one.place,
            offers=[
                AskedView(
                    id=ids.show_id(ids.OFFER, offer.id),
                    state=offer.state,
                    seat=offer.seat,
                    mode=offer.mode,  # type: ignore[arg-type]  # one of the modes
                    language=LanguageView.of(offer.from_language),
                    asked_at=offer.created_at,
                    answer_by=offer.answer_by,
                    answered_at=offer.answered_at,
                    seen_at=offer.seen_at,
                )
                for offer in one.offers
            ],
        )
