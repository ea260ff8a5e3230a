"""How people answer in a simulation: assumptions, stated once, and the same for every policy.

Nobody has measured this for interpreters of one network, so figures that come of it compare
policies, and promise nothing. Who is asked

- is more or less willing by nature: their chance of a yes is spread evenly around the mean;
- decides once for each request, whoever asks how often (common random numbers, keyed by seed,
  request and person), and of the others some say no and some say nothing;
- answers after a lognormal time of which the median is six minutes and nine in ten are below
  twenty-two, counted while they are awake; an urgent notice that rings wakes those who take such;
- rarely gives back what they took, or does not come (1.5 % on-site, Central London Community
  Healthcare NHS Trust 2023/24).
"""

from datetime import datetime, timedelta
from math import exp
from typing import Literal

import msgspec

from interpreters.domain.draws import Draws
from interpreters.domain.windows import DAY, at_place, local_instant


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """The assumptions. Shares and chances are of 1; awake from and to are minutes of the day."""

    acceptance: float = 0.4
    spread: float = 0.6  # of the nearer bound: 0.4 is spread over 0.16 to 0.64
    silent: float = 0.5  # of those who do not say yes
    median_minutes: float = 6.0
    sigma: float = 1.0  # of the logarithm
    awake_from: int = 7 * 60
    awake_to: int = 22 * 60
    gives_back: float = 0.018  # 26 of 1,400 in the sample network's story
    stays_away: float = 0.015


STANDARD = Habits()


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says to a request, and after how many waking minutes."""

    says: Literal["yes", "no", "nothing"]
    minutes: float


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody keeps a yes: `gives_back` is when, as a share of the time until the start."""

    comes: bool
    gives_back: float | None


def willing(habits: Habits, draws: Draws, person: int) -> float:
    """Return the chance that this person says yes to a request."""
    reach = habits.spread * min(habits.acceptance, 1 - habits.acceptance)
    return habits.acceptance + reach * (2 * draws.uniform("willing", person) - 1)


def answer_of(habits: Habits, draws: Draws, *, request: int, person: int) -> Answer:
    """Return what the person says to the request; always the same."""
    minutes = habits.median_minutes * exp(habits.sigma * draws.normal("minutes", request, person))
    if draws.happens(willing(habits, draws, person), "yes", request, person):
        return Answer(says="yes", minutes=minutes)
    silent = draws.happens(habits.silent, "silent", request, person)
    return Answer(says="nothing" if silent else "no", minutes=minutes)


def word_of(habits: Habits, draws: Draws, *, request: int, person: int) -> Word:
    """Return how the person would keep a yes to the request; always the same."""
    gives_back = draws.happens(habits.gives_back, "gives back", request, person)
    when = draws.uniform("gives back when", request, person) if gives_back else None
    return Word(
        comes=not draws.happens(habits.stays_away, "stays away", request, person), gives_back=when
    )


def answered_at(
    told_at: datetime, *, minutes: float, zone: str, habits: Habits = STANDARD, rings: bool = False
) -> datetime:
    """Return when somebody told at `told_at` has answered, `minutes` of being awake later.

    With `rings` it is urgent and they take such: they answer at night too.

    Raises:
        UnknownTimeZone: the zone does not exist.
    """
    left = timedelta(minutes=minutes)
    if rings:
        return told_at + left
    at = told_at
    while True:
        day = at_place(instant=at, time_zone=zone).date()
        begins = local_instant(date=day, minute_of_day=habits.awake_from, time_zone=zone)
        ends = local_instant(date=day, minute_of_day=habits.awake_to, time_zone=zone)
        at = max(at, begins)
        if at + left < ends:
            return at + left
        left -= max(ends - at, timedelta(0))
        at = local_instant(date=day + DAY, minute_of_day=habits.awake_from, time_zone=zone)
