"""How an interpreter stands before anybody asks: reliable, qualified, due for work, rare."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

Qualification = Literal["language_speaker", "trained", "certified"]
Level = Literal["working", "fluent", "native"]
Count = Annotated[int, msgspec.Meta(ge=0)]
Part01 = Annotated[float, msgspec.Meta(ge=0, le=1)]

PRIOR_JOBS: Final = 20  # a newcomer counts as one who did this many
PRIOR_RATE: Final = 0.95  # with this share completed
QUALIFICATIONS: Final[dict[Qualification, float]] = {
    "language_speaker": 0.0,
    "trained": 0.6,
    "certified": 1.0,
}
LEVELS: Final[dict[Level, float]] = {"working": 0.0, "fluent": 0.6, "native": 1.0}


class StandingFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an interpreter and a language pair before anybody asks.

    `level` is the lower of the two languages' levels; `fairness` and `rarity` come from the
    functions of those names, at each search.
    """

    interpreter_id: UUID
    qualification: Qualification
    level: Level
    completed: Count = 0
    late_given_back: Count = 0
    no_shows: Count = 0
    fairness: Part01 = 0.5
    rarity: Part01 = 0.0


def reliability(*, completed: int, late_given_back: int, no_shows: int) -> float:
    """Return how surely a booking is carried out, 0 to 1.

    The share of bookings completed, where one given back late counts twice and a no-show four
    times; everybody starts as if 19 of 20 earlier ones had been completed (a Bayesian prior), so
    a newcomer is neither praised nor blamed for a first booking.
    """
    lost = 2 * late_given_back + 4 * no_shows
    return (PRIOR_RATE * PRIOR_JOBS + completed) / (PRIOR_JOBS + completed + lost)


def fairness(*, hours: float, available_hours: float, usual_share: float) -> float:
    """Return how much somebody is due for work, 0 to 1, from the last 28 days.

    `hours` were worked or offered (those who decline are not neglected) of `available_hours`;
    `usual_share` is the median of hours per available hour among their colleagues. No work is 1,
    the usual share 0.5, twice it or more 0. Without available hours it is 0.5: nothing is known.
    """
    if available_hours <= 0:
        return 0.5
    share = hours / available_hours
    if usual_share <= 0:
        return 1.0 if share <= 0 else 0.0
    return max(0.0, min(1.0, 1 - share / (2 * usual_share)))


def rarity(colleagues: Sequence[int]) -> float:
    """Return how much others would miss somebody who is booked for a common language, 0 to 1.

    `colleagues` counts, for each language of this person that is *not* wanted, the active
    interpreters who have it with the working language, this one included: the only one for it
    is 1, one of ten 0.1.
    """
    return max((1 / max(1, count) for count in colleagues), default=0.0)
