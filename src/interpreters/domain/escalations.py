"""When an urgent search is brought before people: the requester, then who is on call.

After `urgent_widen` without a yes the requester is offered to widen the request, once; after
`urgent_on_call` the on-call coordinator is rung, and the next one every `on_call_again` until
somebody acknowledges it. In an emergency they are rung at once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

import msgspec

from interpreters.domain.errors import Refusal
from interpreters.domain.ladders import Ladder

EscalationKind: TypeAlias = Literal["widen", "on_call", "emergency"]
RINGS: Final = ("on_call", "emergency")


class NobodyWasCalled(Refusal):
    """There is nothing to acknowledge."""

    code = "nobody-was-called"
    title = "Nobody was called about this request"


class Escalation(msgspec.Struct, frozen=True, kw_only=True):
    """The requester was offered to widen, or a person of the rota was rung, for the nth time."""

    kind: EscalationKind
    round: int
    at: datetime
    acknowledged_at: datetime | None = None


class Next(msgspec.Struct, frozen=True, kw_only=True):
    """What it is time for now, and when to look again; None is never."""

    now: Sequence[Escalation]
    at: datetime | None


def urgent_from(
    *,
    began: datetime,
    starts_at: datetime,
    urgent_now: bool,
    emergency: bool,
    ladder: Ladder,
) -> datetime:
    """Return when a search that `began` becomes urgent: at once, or within the urgent lead."""
    if urgent_now or emergency:
        return began
    return max(began, starts_at - timedelta(seconds=ladder.urgent_lead))


def next_escalations(
    *,
    made: Sequence[Escalation],
    since: datetime,
    emergency: bool,
    ladder: Ladder,
    now: datetime,
) -> Next:
    """Return what is to be done by now of a search that is urgent since `since`.

    Whatever was missed is done once: after an hour of nobody looking one person is rung, not
    twelve. What was made before `since` belongs to an earlier search, and only counts on.
    """
    planned = [
        one
        for one in (
            _widening(made, since, ladder),
            _ringing(made, since, ladder, emergency=emergency),
        )
        if one is not None
    ]
    ready = [msgspec.structs.replace(one, at=now) for one in planned if one.at <= now]
    again = now + timedelta(seconds=ladder.on_call_again)
    later = [one.at for one in planned if one.at > now]
    later += [again for one in ready if one.kind in RINGS]
    return Next(now=ready, at=min(later, default=None))


def _widening(made: Sequence[Escalation], since: datetime, ladder: Ladder) -> Escalation | None:
    """The offer to widen, unless it was made."""
    before = [one for one in made if one.kind == "widen"]
    if any(one.at >= since for one in before):
        return None
    return Escalation(
        kind="widen",
        round=1 + max((one.round for one in before), default=0),
        at=since + timedelta(seconds=ladder.urgent_widen),
    )


def _ringing(
    made: Sequence[Escalation], since: datetime, ladder: Ladder, *, emergency: bool
) -> Escalation | None:
    """The next ring, unless somebody acknowledged one."""
    kind: EscalationKind = "emergency" if emergency else "on_call"
    before = [one for one in made if one.kind == kind]
    rung = [one for one in before if one.at >= since]
    if any(one.acknowledged_at is not None for one in rung):
        return None
    if rung:
        at = max(one.at for one in rung) + timedelta(seconds=ladder.on_call_again)
    else:
        at = since if emergency else since + timedelta(seconds=ladder.urgent_on_call)
    return Escalation(kind=kind, round=1 + max((one.round for one in before), default=0), at=at)
