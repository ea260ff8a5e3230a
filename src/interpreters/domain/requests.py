"""The states of a request and of its seats; a request's state follows from its seats."""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from interpreters.domain.errors import Refusal, WrongState

RequestState = Literal["searching", "partly_filled", "filled", "unfilled", "closed", "cancelled"]
RequestVerb = Literal["change", "assign", "widen", "split", "cancel"]
SeatState = Literal["open", "held", "filled", "unfilled", "closed", "cancelled"]
SeatVerb = Literal[
    "accept",
    "assign",
    "hold",
    "confirm",
    "release",
    "reopen",
    "give_up",
    "widen",
    "close",
    "cancel",
]

# What people do with a request, and in which states it may be done.
VERBS: Final[dict[RequestVerb, frozenset[RequestState]]] = {
    "change": frozenset({"searching", "partly_filled", "filled", "unfilled"}),
    "assign": frozenset({"searching", "partly_filled", "unfilled"}),
    "widen": frozenset({"searching", "partly_filled", "unfilled"}),
    "split": frozenset({"searching", "partly_filled", "unfilled"}),
    "cancel": frozenset({"searching", "partly_filled", "filled", "unfilled"}),
}


class DuplicateRequest(Refusal):
    """The caller wished that nothing is asked twice; `options` are the requests it is like."""

    code = "duplicate-request"
    title = "This may have been asked already"


class SeatTransition(msgspec.Struct, frozen=True, kw_only=True):
    """From which states the verb leads a seat, and where to."""

    from_: frozenset[SeatState]
    to: SeatState


def _states(*states: SeatState) -> frozenset[SeatState]:
    return frozenset(states)


TRANSITIONS: Final[dict[SeatVerb, SeatTransition]] = {
    "accept": SeatTransition(from_=_states("open"), to="filled"),
    "assign": SeatTransition(from_=_states("open", "unfilled"), to="filled"),
    "hold": SeatTransition(from_=_states("open"), to="held"),  # one yes of several needed
    "confirm": SeatTransition(from_=_states("held"), to="filled"),  # the last yes came
    "release": SeatTransition(from_=_states("held"), to="unfilled"),  # the other seat stayed empty
    "reopen": SeatTransition(from_=_states("held", "filled"), to="open"),  # given back
    "give_up": SeatTransition(from_=_states("open"), to="unfilled"),  # nobody is left to ask
    "widen": SeatTransition(from_=_states("unfilled"), to="open"),
    "close": SeatTransition(from_=_states("filled"), to="closed"),  # its session is over
    "cancel": SeatTransition(from_=_states("open", "held", "filled", "unfilled"), to="cancelled"),
}


def is_emergency(*, priority: str, topic: str) -> bool:
    """Say whether a life may be at risk: it jumps the ladder, its offers tell next to nothing."""
    return priority == "emergency" or topic == "emergency"


def can(*, state: RequestState, verb: RequestVerb) -> bool:
    """Say whether the verb fits a request in this state."""
    return state in VERBS[verb]


def refuse_wrong_state(*, state: RequestState, verb: RequestVerb) -> None:
    """Do nothing when the verb fits.

    Raises:
        WrongState: it does not.
    """
    if not can(state=state, verb=verb):
        raise WrongState(f"A request that is {state} has no {verb}", state=state)


def next_seat_state(*, state: SeatState, verb: SeatVerb) -> SeatState:
    """Return the seat's state after the verb.

    Raises:
        WrongState: the verb does not fit this state.
    """
    if state not in TRANSITIONS[verb].from_:
        raise WrongState(f"A seat that is {state} has no {verb}", state=state)
    return TRANSITIONS[verb].to


def request_state(seats: Sequence[SeatState]) -> RequestState:
    """Return the state of a request with these seats; the first line that fits decides.

    - every seat cancelled: `cancelled` (after this, cancelled seats do not count)
    - somebody came and nobody else will: `closed` (seats closed, or closed and unfilled)
    - every seat filled or closed: `filled`
    - some are: `partly_filled`, whether or not the rest is still searched
    - a seat open or held: `searching`
    - else `unfilled`
    """
    wanted = [seat for seat in seats if seat != "cancelled"]
    if not wanted:
        return "cancelled"
    if "closed" in wanted and set(wanted) <= {"closed", "unfilled"}:
        return "closed"
    taken = [seat for seat in wanted if seat in {"filled", "closed"}]
    if taken:
        return "filled" if len(taken) == len(wanted) else "partly_filled"
    return "unfilled" if set(wanted) == {"unfilled"} else "searching"
