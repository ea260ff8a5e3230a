"""The states of an offer, and what an answer to it does."""

from datetime import datetime
from typing import Final, Literal

from interpreters.domain.errors import Refusal, WrongState

OfferState = Literal["open", "accepted", "declined", "expired", "taken", "withdrawn"]
OfferAnswer = Literal["accept", "decline"]
OfferVerb = Literal["accept", "decline", "expire", "take", "withdraw"]

TRANSITIONS: Final[dict[OfferVerb, OfferState]] = {
    "accept": "accepted",
    "decline": "declined",
    "expire": "expired",  # `answer_by` has passed
    "take": "taken",  # somebody else said yes first
    "withdraw": "withdrawn",  # the seat is no longer wanted, or no longer fits
}
"""Every verb leads from `open` to one end; nothing leads out of an end."""


class OfferTaken(Refusal):
    """Another interpreter's yes came first."""

    code = "offer-taken"
    title = "Somebody else has taken it"


class OfferExpired(Refusal):
    """The time to answer is over."""

    code = "offer-expired"
    title = "The time to answer this offer is over"


class OfferWithdrawn(Refusal):
    """The requester no longer needs it."""

    code = "offer-withdrawn"
    title = "This offer was withdrawn"


class InterpreterIsBusy(Refusal):
    """Session and travel would overlap with another live booking."""

    code = "interpreter-is-busy"
    title = "The interpreter has another booking at that time, or on the way to it"


REFUSALS: Final[dict[OfferState, type[Refusal]]] = {
    "taken": OfferTaken,
    "expired": OfferExpired,
    "withdrawn": OfferWithdrawn,
}


def told_area(*, city: str | None, mode: str, emergency: bool) -> str | None:
    """Return where an offer says it is: the city of a session in person, in an emergency nothing.

    Whoever is asked is near enough; where somebody in danger will be is told after the yes.
    """
    return city if mode == "in_person" and not emergency else None


def told_topic(*, topic: str, emergency: bool) -> str:
    """Return what an offer says it is about; an emergency is that and no more."""
    return "emergency" if emergency else topic


def can(*, state: OfferState, verb: OfferVerb) -> bool:
    """Say whether the verb would change the offer."""
    return state == "open" and verb in TRANSITIONS


def answered(
    *, state: OfferState, answer: OfferAnswer, answer_by: datetime, now: datetime
) -> OfferState:
    """Return the state after the interpreter's answer; a repeated answer changes nothing.

    `answer_by` is the first instant at which it is too late, also while nobody has yet marked
    the offer as expired.

    Raises:
        OfferTaken: somebody else's yes came first.
        OfferExpired: it is too late.
        OfferWithdrawn: the offer no longer stands.
        WrongState: the other answer was given before.
    """
    wanted = TRANSITIONS[answer]
    if state == wanted:
        return state
    if state in REFUSALS:
        raise REFUSALS[state]
    if state != "open":
        raise WrongState(f"You have {state} this offer before", state=state)
    if now >= answer_by:
        raise OfferExpired
    return wanted
