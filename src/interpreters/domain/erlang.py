"""How many must be on call for "now": Erlang's formula C (A. K. Erlang, 1917).

Assumed: calls come by chance and independently (Poisson), their lengths are exponential, whoever
finds nobody waits and never gives up, and everybody on call takes any call. People who give up
make it better than told, rushes make it worse. So it says what is the least, and not a rota.
"""

from datetime import timedelta
from math import ceil, exp

import msgspec

from interpreters.domain.errors import Refusal


class TooManyCalls(Refusal):
    """Those on call cannot carry what comes: the queue would grow for ever."""

    code = "too-many-calls"
    title = "More calls come than those on call can take"


class OnCall(msgspec.Struct, frozen=True, kw_only=True):
    """So many on call, how busy each then is, and how many calls are answered in time; of 1."""

    people: int
    occupancy: float
    in_time: float


def on_call(*, calls_an_hour: float, length: timedelta, share: float, within: timedelta) -> OnCall:
    """Return the fewest who answer the share of the calls within the time."""
    load = calls_an_hour * (length / timedelta(hours=1))
    people = max(1, ceil(load))
    if people <= load:
        people += 1  # as many as there is work for are never enough
    while (reached := in_time(load=load, people=people, within=within / length)) < share:
        people += 1
    return OnCall(people=people, occupancy=load / people, in_time=reached)


def in_time(*, load: float, people: int, within: float) -> float:
    """Return the share of calls answered within `within` lengths of a call.

    `load` is in Erlang: calls that come during the length of one.

    Raises:
        TooManyCalls: there is more work than people.
    """
    return 1 - waits(load=load, people=people) * exp(-(people - load) * within)


def waits(*, load: float, people: int) -> float:
    """Return the share of calls that find everybody busy.

    Raises:
        TooManyCalls: there is more work than people.
    """
    if load >= people:
        raise TooManyCalls
    blocked = 1.0  # by formula B, step by step: no factorial grows too large
    for count in range(1, people + 1):
        blocked = load * blocked / (count + load * blocked)
    return people * blocked / (people - load * (1 - blocked))
