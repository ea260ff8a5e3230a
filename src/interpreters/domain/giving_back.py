"""Giving a booking back: why, until when it is in time, and what waits for a word on conflicts.

A conflict of interest and a wrong dialect are no fault: such a booking is never given back late,
may be left while the session is going on, and counts against nobody (NRPSI Code 2016: withdrawing
for a conflict must cost nothing).
"""

from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from interpreters.domain.bookings import BookingState, BookingVerb
from interpreters.domain.errors import Refusal

GiveBackCode: TypeAlias = Literal[
    "illness", "emergency", "conflict_of_interest", "wrong_dialect", "double_booked", "other"
]
CONFLICT: Final = "conflict_of_interest"
BLAMELESS: Final = frozenset({CONFLICT, "wrong_dialect"})
UNASKED_FREE: Final = timedelta(hours=2)
"""For so long somebody who was booked without being asked gives it back in time."""
NO_CONFLICT: Final = "no-conflict"
"""The verb that details wait for, where the network asks."""


class ConflictOfInterest(Refusal):
    """They said that they may not interpret for these people."""

    code = "conflict-of-interest"
    title = "The interpreter said that they may not interpret for these people"


class ConflictNotAnswered(Refusal):
    """The network asks, and they have not answered yet."""

    code = "conflict-not-answered"
    title = "First say whether you have a conflict of interest: no-conflict, or give-back"


def verb_for(*, state: BookingState, code: str | None) -> BookingVerb:
    """Return what giving back is: of a session that goes on only what is no fault can be left."""
    return "break-off" if state == "in_progress" and code in BLAMELESS else "give-back"


def is_late(
    *,
    code: str | None,
    hours: int | None,
    starts_at: datetime,
    now: datetime,
    unasked_at: datetime | None = None,
) -> bool | None:
    """Say whether it is given back late; None where the network has no deadline and none counts.

    Exactly so many hours before the start is in time. So is the first time after `unasked_at`, when
    they were booked without being asked.
    """
    if unasked_at is not None and now <= unasked_at + UNASKED_FREE:
        return False
    if code in BLAMELESS:
        return False
    return None if hours is None else now > starts_at - timedelta(hours=hours)


def details_wait(*, asks: bool, state: BookingState, no_conflict_at: datetime | None) -> bool:
    """Say whether the interpreter does not see yet where it is and whom to call."""
    return asks and no_conflict_at is None and state in ("held", "confirmed")
