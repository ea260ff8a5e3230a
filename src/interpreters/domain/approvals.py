"""Approvals, disputes, ratings: who may say what of a booking that is over, and until when."""

from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

import msgspec

from interpreters.domain.callers import Role
from interpreters.domain.errors import Refusal
from interpreters.domain.quiet_hours import notice_at

ApprovalState: TypeAlias = Literal["open", "approved", "disputed"]
# By the requester's call or link, by silence, by the outcome of a dispute.
How: TypeAlias = Literal["call", "link", "silence", "outcome"]
Party: TypeAlias = Literal["requester", "interpreter"]
DisputeState: TypeAlias = Literal["open", "closed"]
Outcome: TypeAlias = Literal["upheld", "partly_upheld", "rejected"]

USUAL_DAYS: Final = 7
"""Silence of so many days approves, where the network says nothing else."""
MOST_DAYS: Final = 90
REMINDED: Final = timedelta(days=2)
"""So long before, or half-way where that is later, whoever has not answered is reminded."""
NIGHT: Final = {"from": "21:00", "to": "08:00"}
"""By the clock of the place: nobody is reminded in it."""
RATING_MAY_CHANGE: Final = timedelta(days=7)
"""For so long after it was given."""
FEWEST_RATINGS: Final = 3
"""An average of fewer would say who gave them."""


class AlreadyDisputed(Refusal):
    """The other side opened a dispute about the booking; it has to be answered first."""

    code = "already-disputed"
    title = "The other side disputes this booking already"


class AlreadyApproved(Refusal):
    """The recorded times were approved: a coordinator can still change them."""

    code = "already-approved"
    title = "The times were approved; a coordinator can change them"


class AverageRating(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody's ratings come to: hundredths of a star, so that nothing is a float."""

    average_hundredths: int
    count: int


def due_at(*, now: datetime, days: int | None) -> datetime | None:
    """Return until when the requester may object; None where nobody is asked (0 days)."""
    wait = USUAL_DAYS if days is None else days
    return now + timedelta(days=wait) if wait else None


def remind_at(*, now: datetime, due_at: datetime, time_zone: str) -> datetime:
    """Return when to remind of a word that is waited for from now: by day, before `due_at`.

    Raises:
        UnknownTimeZone: the zone does not exist.
    """
    half_way = now + (due_at - now) / 2
    return by_day(max(half_way, due_at - REMINDED), due_at=due_at, time_zone=time_zone)


def by_day(at: datetime, *, due_at: datetime, time_zone: str) -> datetime:
    """Return that moment or, in the night, the morning after it, where that is not too late.

    Raises:
        UnknownTimeZone: the zone does not exist.
    """
    morning = notice_at(at, NIGHT, time_zone, urgent=False, opt_in=False, policy="keep")
    return morning if morning < due_at else at


def party_of(role: Role) -> Party:
    """Return for which side somebody speaks; a coordinator for whoever asked."""
    return "interpreter" if role == "interpreter" else "requester"


def may_change_times(*, role: Role, state: ApprovalState | None) -> bool:
    """Say whether recorded times may be changed: the interpreter's word, until it is decided."""
    return role == "coordinator" or state in (None, "open")


def average(*, stars: int, count: int) -> AverageRating | None:
    """Return the average of so many ratings with so many stars together; None of too few."""
    if count < FEWEST_RATINGS:
        return None
    return AverageRating(average_hundredths=(200 * stars + count) // (2 * count), count=count)
