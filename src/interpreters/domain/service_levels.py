"""Rates with their denominators, waiting times with the unanswered, and the fairness of shares.

Percentages are reckoned in whole numbers: tenths of a percent, half up.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

import msgspec

TENTHS: Final = 1000


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a whole, both told; `percent` is None where the whole is nothing."""

    part: int
    whole: int
    percent: float | None
    counts: str


def rate(*, part: int, whole: int, counts: str) -> Rate:
    """Return a rate; `counts` says in words what is divided by what."""
    percent = None if whole == 0 else (2 * part * TENTHS + whole) // (2 * whole) / 10
    return Rate(part=part, whole=whole, percent=percent, counts=counts)


class Outcomes(msgspec.Struct, frozen=True, kw_only=True):
    """How many requests came to what; each is counted once.

    `held`: somebody carried out a session, `held_in_full` with everybody who was asked for;
    `given_up`: the requester called off before anybody had said yes, `cancelled_in_time` and
    `cancelled_late` when somebody had (late is what costs a fee); `cancelled_by_us`: the network's
    fault; `pending`: it is not over.
    """

    requests: int = 0
    held: int = 0
    held_in_full: int = 0
    client_no_show: int = 0
    interpreter_no_show: int = 0
    unfilled: int = 0
    given_up: int = 0
    cancelled_in_time: int = 0
    cancelled_late: int = 0
    cancelled_by_us: int = 0
    pending: int = 0


def success_rate(one: Outcomes) -> Rate:
    """Return the success rate as the UK Ministry of Justice defines it in its statistics on the
    use of language services in courts and tribunals: (fulfilled + customer did not attend) /
    (completed requests - cancelled by the customer).
    """
    part = one.held + one.client_no_show
    whole = part + one.interpreter_no_show + one.unfilled + one.cancelled_by_us
    return rate(
        part=part, whole=whole,
        counts="(held + client did not come) / (requests that came to an end, without those the "
        "requester called off)",
    )  # fmt: skip


def honest_rate(one: Outcomes) -> Rate:
    """Return what share of those who needed an interpreter had one.

    Who called off while nobody had said yes was not served, and half a team is not what was asked
    for. A client who did not come was no success and no failure: left out on both sides, as is what
    was called off when somebody was booked.
    """
    whole = one.held + one.interpreter_no_show + one.unfilled + one.given_up + one.cancelled_by_us
    return rate(
        part=one.held_in_full, whole=whole,
        counts="held with everybody asked for / (held + interpreter did not come + unfilled + "
        "called off by the requester before anybody had said yes + called off by us)",
    )  # fmt: skip


class Waited(NamedTuple):
    """So many requests waited so many minutes, for an answer or, unanswered, to their end."""

    minutes: int
    answered: bool
    requests: int


def minutes_until(share: int, waited: Sequence[Waited]) -> int | None:
    """Return after how many minutes `share` percent have their answer; None if they never do.

    The estimator of Kaplan and Meier (1958): a request without an answer counts as waiting up to
    its end, where it leaves the others' sum; it is neither left out nor taken for answered.
    """
    at_risk = sum(one.requests for one in waited)
    # The share still waiting is a fraction, kept whole: survived / scale.
    waiting, scale = 1, 1
    for minutes, here in _by_minutes(waited):
        answered = sum(one.requests for one in here if one.answered)
        if answered:
            waiting, scale = _reduced(waiting * (at_risk - answered), scale * at_risk)
            if 100 * (scale - waiting) >= share * scale:
                return minutes
        at_risk -= sum(one.requests for one in here)
    return None


def _by_minutes(waited: Sequence[Waited]) -> Iterator[tuple[int, list[Waited]]]:
    """Yield those of each length of waiting, the shortest first."""
    for minutes, here in groupby(sorted(waited), key=lambda one: one.minutes):
        yield minutes, list(here)


def _reduced(part: int, whole: int) -> tuple[int, int]:
    """Keep a fraction's terms below 200 bits: what is lost is far below a request."""
    excess = max(0, whole.bit_length() - 200)
    return part >> excess, whole >> excess


def gini(shares: Sequence[float]) -> float | None:
    """Return how unequal shares are: 0 all the same, towards 1 one has everything (C. Gini, 1912).

    Those with nothing count. None for nobody, or where nobody has anything.
    """
    total = sum(shares)
    if not shares or total <= 0:
        return None
    ranked = sum(rank * share for rank, share in enumerate(sorted(shares), start=1))
    return round(2 * ranked / (len(shares) * total) - (len(shares) + 1) / len(shares), 3)
