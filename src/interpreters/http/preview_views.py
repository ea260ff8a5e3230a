"""What a preview looks like: a likelihood, and what else would do."""

from datetime import datetime

import msgspec

from interpreters.application.outlooks import Alternative, Preview
from interpreters.domain.callers import Caller
from interpreters.domain.chances import Likelihood
from interpreters.domain.fallbacks import Code
from interpreters.http.fields import Mode
from interpreters.http.funding_views import FundingFitView
from interpreters.http.request_views import ExcludedView, excluded_views, request_ids
from interpreters.http.views import LanguageView, MoneyView


class ChangeView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change to what was asked: its code, and what the code needs to say it."""

    code: Code
    mode: Mode | None = None
    starts_at: datetime | None = None
    language: LanguageView | None = None
    understood: int | None = None
    pivot: LanguageView | None = None
    plan_minutes: int | None = None


class AlternativeView(msgspec.Struct, frozen=True, kw_only=True):
    """What would find somebody, how likely, and for how much; `quote` is null without a tariff."""

    change: ChangeView
    likelihood: Likelihood
    quote: MoneyView | None

    @classmethod
    def of(cls, one: Alternative, currency: str) -> "AlternativeView":
        """Shape an alternative."""
        return cls(
            change=ChangeView(
                code=one.code,
                mode=one.mode,  # type: ignore[arg-type]  # one of the modes
                starts_at=one.starts_at,
                language=None if one.language is None else LanguageView.of(one.language),
                understood=one.understood,
                pivot=None if one.pivot is None else LanguageView.of(one.pivot),
                plan_minutes=one.plan_minutes,
            ),
            likelihood=one.likelihood,
            quote=_money(one.quote, currency),
        )


class PreviewView(msgspec.Struct, frozen=True, kw_only=True):
    """What would happen. `usual_answer_minutes` is null until five people said yes.

    Of a series it is about the first of its `dates`.
    """

    likelihood: Likelihood
    usual_answer_minutes: int | None
    candidates: int | None
    alternatives: list[AlternativeView]
    quote: MoneyView | None
    excluded: list[ExcludedView]
    possible_duplicates: list[str]
    dates: int | None
    funding: FundingFitView | None

    @classmethod
    def of(cls, one: Preview, caller: Caller) -> "PreviewView":
        """Shape a preview: the number of candidates is for coordinators only."""
        return cls(
            likelihood=one.likelihood,
            usual_answer_minutes=one.usual_answer_minutes,
            candidates=one.candidates if caller.is_coordinator else None,
            alternatives=[AlternativeView.of(each, one.currency) for each in one.alternatives],
            quote=_money(one.quote, one.currency),
            excluded=excluded_views(one.excluded, caller) or [],
            possible_duplicates=request_ids(one.possible_duplicates),
            dates=one.dates,
            funding=FundingFitView.of(one.funding, {}),
        )


def _money(amount_minor: int | None, currency: str) -> MoneyView | None:
    return None if amount_minor is None else MoneyView(amount_minor=amount_minor, currency=currency)
