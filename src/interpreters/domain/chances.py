"""How likely a search finds somebody, from what people said before and an honest guess.

Before there is history the guess counts alone; each answer weighs as much as a tenth of it. So a
network of yesterday is told about as much as is known, and one of ten years its own figures.
"""

from datetime import timedelta
from itertools import pairwise
from math import comb
from typing import Final, Literal

import msgspec

Likelihood = Literal["likely", "possible", "unlikely"]

GUESS_WEIGHT: Final = 10  # answers that the guess counts for
LIKELY: Final = 0.85  # as sure as a wave should be
POSSIBLE: Final = 0.2
ENOUGH_ANSWERS: Final = 5  # before which no usual time is told
NEVER: Final = timedelta(days=36_500)
# How long before the start people are asked changes what they say: the edges of the waves' gaps.
LEADS: Final = (timedelta(0), timedelta(hours=2), timedelta(days=1), timedelta(days=7))


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What became of offers: how many were asked and said yes, and how long a yes took."""

    asked: int = 0
    said_yes: int = 0
    minutes: float | None = None


def chance(*, said: Said, guess: float) -> float:
    """Return how likely one who is asked says yes: the mean of a beta distribution."""
    return (said.said_yes + guess * GUESS_WEIGHT) / (said.asked + GUESS_WEIGHT)


def at_least(*, needed: int, count: int, chance: float) -> float:
    """Return how likely at least so many of the people say yes, each by themselves."""
    fewer = sum(
        comb(count, yes) * chance**yes * (1 - chance) ** (count - yes)
        for yes in range(min(needed, count + 1))
    )
    return max(0.0, 1 - fewer)


def likelihood(probability: float) -> Likelihood:
    """Return the probability in a word."""
    if probability >= LIKELY:
        return "likely"
    return "possible" if probability >= POSSIBLE else "unlikely"


def usual_minutes(said: Said) -> int | None:
    """Return how long a yes usually takes, in whole minutes, once enough people said it."""
    if said.minutes is None or said.said_yes < ENOUGH_ANSWERS:
        return None
    return max(1, round(said.minutes))


def lead_of(lead: timedelta) -> tuple[timedelta, timedelta]:
    """Return the span of leads that this one is compared with: longer than, up to."""
    spans = pairwise((-NEVER, *LEADS, NEVER))
    return next((low, high) for low, high in spans if low < lead <= high)
