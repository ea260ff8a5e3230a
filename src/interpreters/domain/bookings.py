"""The states of a booking, the verbs that change them, and how early each may be said."""

from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from interpreters.domain.errors import Refusal, WrongState

BookingState = Literal[
    "held",
    "confirmed",
    "in_progress",
    "completed",
    "released",
    "cancelled",
    "given_back",
    "client_no_show",
    "interpreter_no_show",
]
BookingVerb = Literal[
    "confirm",
    "release",
    "check-in",
    "start",
    "end",
    "running-late",
    "client-no-show",
    "interpreter-no-show",
    "cancel",
    "give-back",
    "break-off",
    "no-conflict",
    "extend",
    "approve",
    "dispute",
    "rate",
]

LIVE: Final[frozenset[BookingState]] = frozenset({"held", "confirmed", "in_progress"})
"""States in which the booking blocks the interpreter's time."""


class TooEarly(Refusal):
    """The verb fits, but not yet."""

    code = "too-early"
    title = "It is too early for this"


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """From which states the verb may be said, and what state it leads to.

    `to` None leaves the state as it is: the verb only notes something. In the states `after` it
    has surely been said already, so saying it again changes nothing.
    """

    from_: frozenset[BookingState]
    to: BookingState | None = None
    after: frozenset[BookingState] = frozenset()


def _states(*states: BookingState) -> frozenset[BookingState]:
    return frozenset(states)


TRANSITIONS: Final[dict[BookingVerb, Transition]] = {
    "confirm": Transition(
        from_=_states("held"), to="confirmed", after=_states("confirmed", "in_progress")
    ),
    "release": Transition(from_=_states("held"), to="released", after=_states("released")),
    "check-in": Transition(from_=_states("confirmed")),
    "start": Transition(
        from_=_states("confirmed"),
        to="in_progress",
        after=_states("in_progress", "completed"),
    ),
    "end": Transition(from_=_states("in_progress"), to="completed", after=_states("completed")),
    "running-late": Transition(from_=_states("confirmed")),
    # The interpreter may have started, waited, and nobody came.
    "client-no-show": Transition(
        from_=_states("confirmed", "in_progress"),
        to="client_no_show",
        after=_states("client_no_show"),
    ),
    "interpreter-no-show": Transition(
        from_=_states("confirmed"),
        to="interpreter_no_show",
        after=_states("interpreter_no_show"),
    ),
    "cancel": Transition(
        from_=_states("held", "confirmed"), to="cancelled", after=_states("cancelled")
    ),
    "give-back": Transition(
        from_=_states("held", "confirmed"), to="given_back", after=_states("given_back")
    ),
    # Left while it goes on, for what is no fault: see `domain/giving_back.py`.
    "break-off": Transition(
        from_=_states("in_progress"), to="given_back", after=_states("given_back")
    ),
    "no-conflict": Transition(from_=_states("held", "confirmed")),
    "extend": Transition(from_=_states("confirmed", "in_progress")),
    "approve": Transition(from_=_states("completed", "client_no_show")),
    "dispute": Transition(
        from_=_states("completed", "client_no_show", "interpreter_no_show", "cancelled")
    ),
    "rate": Transition(from_=_states("completed")),
}

# How long before the booked start a verb may be said; verbs that are not here, at any time.
# Nobody can be missed before anybody could have started.
EARLIEST: Final[dict[BookingVerb, timedelta]] = {
    "check-in": timedelta(hours=2),
    "start": timedelta(minutes=15),
    "client-no-show": timedelta(minutes=15),
    "interpreter-no-show": timedelta(minutes=15),
}


def can(*, state: BookingState, verb: BookingVerb) -> bool:
    """Say whether the verb would change or note something in this state."""
    return state in TRANSITIONS[verb].from_


def already(*, state: BookingState, verb: BookingVerb) -> bool:
    """Say whether the verb was said before, so that repeating it answers the same.

    Verbs that leave the state as it is (`check-in`, `approve`) are known by what they noted.
    """
    return state in TRANSITIONS[verb].after


def next_state(*, state: BookingState, verb: BookingVerb) -> BookingState:
    """Return the state after the verb; the same one for a repeated verb or one that only notes.

    Raises:
        WrongState: the verb does not fit this state.
    """
    if already(state=state, verb=verb):
        return state
    if not can(state=state, verb=verb):
        raise WrongState(f"A booking that is {state} has no {verb}", state=state)
    return TRANSITIONS[verb].to or state


def refuse_too_early(
    *, verb: BookingVerb, starts_at: datetime, now: datetime, briefing: int = 0
) -> None:
    """Do nothing when the time for the verb has come.

    Raises:
        TooEarly: `check-in` more than 2 h, `start` or a no-show more than 15 min before the
            booked start; `possible_from` says when it may be said. A check-in is counted from
            the briefing, so many minutes before the start.
    """
    opens = starts_at - EARLIEST[verb] if verb in EARLIEST else now
    if verb == "check-in":
        opens -= timedelta(minutes=briefing)
    if now < opens:
        raise TooEarly(f"{verb} is possible from {opens.isoformat()}", possible_from=opens)
