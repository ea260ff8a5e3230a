"""Which ladder a search follows, and in which order it asks."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from interpreters.application.scoring import Candidate
from interpreters.application.wanting import Wanted
from interpreters.database import Db
from interpreters.domain import ladders
from interpreters.domain.ladders import Ladder
from interpreters.sql import idle
from interpreters.sql.institutions import Institution
from interpreters.sql.networks import Network
from interpreters.sql.requests import Request


def ladder_of(network: Network, institution: Institution | None = None) -> Ladder:
    """Return the institution's ladder, else the network's, else the standard one.

    It is read at every step: one that was changed applies from a search's next step.
    """
    own = None if institution is None else institution.ladder
    stored = own or network.ladder
    return msgspec.convert(stored, Ladder) if stored else ladders.STANDARD


def is_urgent(wanted: Wanted, now: datetime) -> bool:
    """Say whether the request starts so soon that only those who take urgent jobs are asked."""
    request = wanted.request
    return ladders.is_urgent(
        now=now,
        starts_at=request.session.starts_at,
        urgent_now=request.starts_now,
        ladder=ladder_of(wanted.network, wanted.institution),
    )


def wave_size(*, request: Request, ladder: Ladder, count_left: int) -> int:
    """Return how many to ask together for one seat; in an emergency everybody."""
    if request.emergency:
        return count_left
    return ladders.wave_size(
        count_left=count_left, chance=ladder.chance, threshold=ladder.threshold
    )


def wave_gap(*, request: Request, ladder: Ladder, now: datetime) -> timedelta:
    """Return how long after a wave the next one is asked; in an emergency at once."""
    if request.emergency:
        return timedelta(0)
    return ladders.wave_gap(
        now=now,
        starts_at=request.session.starts_at,
        urgent_now=request.starts_now,
        ladder=ladder,
    )


async def in_order_of_asking(
    db: Db, *, wanted: Wanted, candidates: Sequence[Candidate], now: datetime
) -> Sequence[Candidate]:
    """Return the candidates in the order they are asked: those on standby first, then the best.

    For a session that starts now, first those who say that they are available now, then whoever
    waited longest since their last session ended or they were last asked; among equals the best.
    """
    if not wanted.request.starts_now or not candidates:
        return sorted(candidates, key=lambda one: one.interpreter_id not in wanted.standby)
    waiting = await idle.of_interpreters(
        db,
        network_id=wanted.network.network_id,
        interpreter_ids=[one.interpreter_id for one in candidates],
        now=now,
    )
    return sorted(
        candidates,
        key=lambda one: (
            one.interpreter_id not in wanted.standby,
            waiting[one.interpreter_id].turn,
        ),
    )
