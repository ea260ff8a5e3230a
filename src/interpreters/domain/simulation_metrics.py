"""The published figures of a simulation, from what came of each request.

Nothing is left out of a denominator without saying so: `fill` is of all that was asked, also what
was called off while nobody was found; `success_rate_uk` is the courts' of England and Wales,
(fulfilled + customer no-show) / (completed - customer-cancelled), Ministry of Justice. Times to a
yes count those to whom nobody said it as waiting for ever: a percentile among them is None.
"""

from collections.abc import Collection, Sequence
from typing import Final, Literal, TypeAlias, get_args

import msgspec

Outcome: TypeAlias = Literal[
    "held", "client_no_show", "interpreter_no_show", "cancelled", "unfilled"
]

Missed: TypeAlias = Literal["busy", "answered_late", "other"]
WAVE: Final = 4  # who is asked together about one seat, by the usual ladder


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one request. `km` is the way there and back, along roads as they are guessed."""

    urgent: bool
    outcome: Outcome
    filled: bool
    offers: int
    bookings: int
    too_late: int
    yes_minutes: float | None
    points: float | None = None  # of who said yes first, of the score without fairness and wishes
    km: float = 0.0
    in_person_hours: float = 0.0
    fitting: int = 0  # people who fit, were they free
    missed: Missed | None = None  # why it is not filled, where somebody would have taken it


class Worked(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who could have taken something: hours interpreted, and hours they work by rota."""

    hours: float
    available: float


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """Requests of one kind: how many, how many filled, and minutes to a yes; None is never.

    `answered_p50_minutes` is of those alone to whom somebody said yes.
    """

    requests: int
    fill: float | None
    yes_p50_minutes: float | None
    yes_p90_minutes: float | None
    answered_p50_minutes: float | None


class Crowd(msgspec.Struct, frozen=True, kw_only=True):
    """Requests for which more people fit than one wave asks."""

    requests: int
    offers_per_booking: float | None


class Metrics(msgspec.Struct, frozen=True, kw_only=True):
    """One policy's figures. Shares are of 1; those of nothing are None."""

    requests: int
    filled: int
    fill: float
    success_rate_uk: float | None
    offers_per_booking: float | None
    too_late_per_booking: float | None
    yes_p50_minutes: float | None
    yes_p90_minutes: float | None
    urgent: Times
    planned: Times
    held: int
    client_no_shows: int
    interpreter_no_shows: int
    cancelled: int
    unfilled: int
    points: float | None
    km_per_in_person_hour: float | None
    gini: float | None
    without_work: float | None
    offers_in_vain: float | None  # share that went to requests that were not filled
    crowd: Crowd
    missed: dict[Missed, int]  # not filled, though somebody would have taken it: why


def metrics_of(told: Sequence[Told], worked: Sequence[Worked]) -> Metrics:
    """Return the figures."""
    bookings = sum(one.bookings for one in told)
    counts = {outcome: sum(one.outcome == outcome for one in told) for outcome in _OUTCOMES}
    fulfilled = counts["held"] + counts["client_no_show"]
    hours = sum(one.in_person_hours for one in told)
    points = [one.points for one in told if one.points is not None]
    times = _times(told)
    crowd = [one for one in told if one.fitting > WAVE]
    return Metrics(
        requests=len(told),
        filled=sum(one.filled for one in told),
        fill=times.fill or 0.0,
        success_rate_uk=_share(fulfilled, len(told) - counts["cancelled"]),
        offers_per_booking=_share(sum(one.offers for one in told), bookings),
        too_late_per_booking=_share(sum(one.too_late for one in told), bookings),
        yes_p50_minutes=times.yes_p50_minutes,
        yes_p90_minutes=times.yes_p90_minutes,
        urgent=_times([one for one in told if one.urgent]),
        planned=_times([one for one in told if not one.urgent]),
        held=counts["held"],
        client_no_shows=counts["client_no_show"],
        interpreter_no_shows=counts["interpreter_no_show"],
        cancelled=counts["cancelled"],
        unfilled=counts["unfilled"],
        points=_share(sum(points), len(points)),
        km_per_in_person_hour=_share(sum(one.km for one in told), hours),
        gini=gini([one.hours / one.available for one in worked if one.available]),
        without_work=_share(sum(one.hours == 0 for one in worked), len(worked)),
        offers_in_vain=_share(
            sum(one.offers for one in told if not one.filled), sum(one.offers for one in told)
        ),
        crowd=Crowd(
            requests=len(crowd),
            offers_per_booking=_share(
                sum(one.offers for one in crowd), sum(one.bookings for one in crowd)
            ),
        ),
        missed={why: sum(one.missed == why for one in told) for why in get_args(Missed)},
    )


def percentile(minutes: Collection[float | None], share: float) -> float | None:
    """Return the value that `share` of all are not above (nearest rank); None counts as never.

    None too where it falls among those, and where there is nobody.
    """
    if not minutes:
        return None
    ranked = sorted(one for one in minutes if one is not None)
    place = max(0, -(-round(share * 1_000_000) * len(minutes) // 1_000_000) - 1)
    return _rounded(ranked[place]) if place < len(ranked) else None


def gini(shares: Sequence[float]) -> float | None:
    """Return Gini's coefficient: 0 where all have the same, towards 1 where one has all."""
    total = sum(shares)
    if not shares or not total:
        return None
    ranked = sorted(shares)
    weighted = sum(place * share for place, share in enumerate(ranked, start=1))
    return _rounded(2 * weighted / (len(ranked) * total) - (len(ranked) + 1) / len(ranked))


_OUTCOMES: tuple[Outcome, ...] = (
    "held", "client_no_show", "interpreter_no_show", "cancelled", "unfilled",
)  # fmt: skip


def _times(told: Sequence[Told]) -> Times:
    minutes = [one.yes_minutes for one in told]
    return Times(
        requests=len(told),
        fill=_share(sum(one.filled for one in told), len(told)),
        yes_p50_minutes=percentile(minutes, 0.5),
        yes_p90_minutes=percentile(minutes, 0.9),
        answered_p50_minutes=percentile([one for one in minutes if one is not None], 0.5),
    )


def _share(part: float, whole: float) -> float | None:
    return _rounded(part / whole) if whole else None


def _rounded(value: float) -> float:
    return round(value, 4)
