"""What interpreters spend for a booking: its states, its limits, and by when it is decided.

What is asked beforehand is agreed first and spent later; what was spent is submitted and approved.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

import msgspec

from interpreters.domain.bookings import BookingState, TooEarly
from interpreters.domain.errors import Refusal, WrongState

ExpenseKind: TypeAlias = Literal[
    "public_transport", "car", "taxi", "parking", "toll", "accommodation", "other"
]
ExpenseState: TypeAlias = Literal[
    "asked", "agreed", "submitted", "approved", "refused", "withdrawn"
]
ExpenseVerb: TypeAlias = Literal["submit", "approve", "refuse", "withdraw"]

REASON: Final = "expense"  # the code of the ledger's entries
TRAVEL: Final[frozenset[ExpenseKind]] = frozenset(
    {"public_transport", "car", "taxi", "parking", "toll", "accommodation"}
)
"""What counts as travel: everything but `other`."""

COUNTING: Final[frozenset[ExpenseState]] = frozenset({"agreed", "submitted", "approved"})
OPEN: Final[frozenset[ExpenseState]] = frozenset({"asked", "submitted"})
"""States in which somebody has to decide."""

SUBMITTED_WITHIN: Final = timedelta(days=60)  # after the end of the session
DECIDED_WITHIN: Final = timedelta(hours=24)
DECIDED_BEFORE: Final = timedelta(hours=48)  # before the start of the session
LEAST: Final = timedelta(hours=1)  # that there is to decide in

# The booking was to be travelled to, and perhaps was.
SPENT_FOR: Final[frozenset[BookingState]] = frozenset(
    {"confirmed", "in_progress", "completed", "client_no_show", "cancelled"}
)
_TRANSITIONS: Final[dict[tuple[ExpenseVerb, ExpenseState], ExpenseState]] = {
    ("submit", "agreed"): "submitted",
    ("approve", "asked"): "agreed",
    ("approve", "submitted"): "approved",
    ("refuse", "asked"): "refused",
    ("refuse", "submitted"): "refused",
    ("withdraw", "asked"): "withdrawn",
    ("withdraw", "agreed"): "withdrawn",
    ("withdraw", "submitted"): "withdrawn",
}
# Said again it changes nothing.
_AFTER: Final[dict[ExpenseVerb, frozenset[ExpenseState]]] = {
    "submit": frozenset({"submitted"}),
    "approve": frozenset({"agreed", "approved"}),
    "refuse": frozenset({"refused"}),
    "withdraw": frozenset({"withdrawn"}),
}


class NeedsApprovalBeforehand(Refusal):
    """Travel that costs so much is asked about before it is paid for."""

    code = "needs-approval-beforehand"
    title = "Travel that costs so much has to be agreed before the session"


class TooLate(Refusal):
    """It should have been asked, or submitted, earlier."""

    code = "too-late"
    title = "It is too late for this"


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """One of a booking's expenses, as the threshold sees it; amounts in minor units.

    Of what was `agreed` beforehand so much is not counted again.
    """

    kind: ExpenseKind
    amount_minor: int
    agreed_minor: int = 0


def next_state(*, state: ExpenseState, verb: ExpenseVerb) -> ExpenseState:
    """Return the state after the verb; the same one when the verb was said before.

    Raises:
        WrongState: the verb does not fit this state.
    """
    if state in _AFTER[verb]:
        return state
    found = _TRANSITIONS.get((verb, state))
    if found is None:
        raise WrongState(f"An expense that is {state} has no {verb}", state=state)
    return found


def refuse_asking(*, state: BookingState, starts_at: datetime, now: datetime) -> None:
    """Do nothing when it may be asked about beforehand: before the session of a booking.

    Raises:
        WrongState: there is no session to come.
        TooLate: it has begun.
    """
    if state != "confirmed":
        raise WrongState(f"For a booking that is {state} nothing is asked beforehand", state=state)
    if now >= starts_at:
        raise TooLate("The session has begun")


def refuse_submitting(
    *, state: BookingState, starts_at: datetime, ends_at: datetime, now: datetime
) -> None:
    """Do nothing when what was spent may be submitted.

    From the booked start, or earlier when the booking was called off; for 60 days after its end.

    Raises:
        WrongState: nobody went there.
        TooEarly, TooLate: the time is wrong.
    """
    if state not in SPENT_FOR:
        raise WrongState(f"For a booking that is {state} nothing is spent", state=state)
    if state == "confirmed" and now < starts_at:
        raise TooEarly(f"It is possible from {starts_at.isoformat()}", possible_from=starts_at)
    if now > ends_at + SUBMITTED_WITHIN:
        raise TooLate(f"It was possible until {(ends_at + SUBMITTED_WITHIN).isoformat()}")


def refuse_unasked_travel(*, spent: Iterable[Spent], threshold_minor: int | None) -> None:
    """Do nothing when all the travel of a booking that was not agreed is within the threshold.

    It is added up, so that a way in five tickets is one way.

    Raises:
        NeedsApprovalBeforehand: it costs more than may be spent unasked.
    """
    if threshold_minor is None:
        return
    unasked = sum(
        max(0, one.amount_minor - one.agreed_minor) for one in spent if one.kind in TRAVEL
    )
    if unasked > threshold_minor:
        raise NeedsApprovalBeforehand


def decide_by(*, asked_at: datetime, starts_at: datetime) -> datetime:
    """Return by when a question is to be answered: a day, or two days before the session.

    Whichever is earlier; never less than an hour from the question.
    """
    wished = min(asked_at + DECIDED_WITHIN, starts_at - DECIDED_BEFORE)
    return max(wished, asked_at + LEAST)
