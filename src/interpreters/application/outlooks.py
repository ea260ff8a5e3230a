"""What a preview says, in the application's words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.funding_fits import Fitting
from interpreters.domain.chances import Likelihood
from interpreters.domain.fallbacks import Code


class Alternative(msgspec.Struct, frozen=True, kw_only=True):
    """What would find somebody: one change, and how likely it makes a yes."""

    code: Code
    likelihood: Likelihood
    mode: str | None = None
    starts_at: datetime | None = None
    language: str | None = None
    understood: int | None = None
    pivot: str | None = None
    plan_minutes: int | None = None
    quote: int | None = None


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What would happen: who could be asked, what it costs, and which rules take out the rest.

    Of a series it is said of the first date; `dates` counts them.
    """

    candidates: int
    excluded: Mapping[str, int]
    likelihood: Likelihood
    usual_answer_minutes: int | None
    alternatives: Sequence[Alternative]
    possible_duplicates: Sequence[UUID] = ()
    dates: int | None = None
    quote: int | None
    currency: str
    funding: Fitting | None = None
