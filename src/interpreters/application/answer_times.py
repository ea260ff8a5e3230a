"""Until when each of those who are asked together may answer.

Quiet hours delay the notice, not the offer: whoever is told in the morning has as long from then
as the others have from now, so that no offer is over before its interpreter has heard of it.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from interpreters.application.scoring import Candidate
from interpreters.domain import ladders
from interpreters.domain.ladders import Ladder
from interpreters.domain.quiet_hours import notice_at
from interpreters.sql.requests import Request


def answer_times(
    *, request: Request, ladder: Ladder, candidates: Iterable[Candidate], now: datetime
) -> dict[UUID, datetime]:
    """Return when the offers to these interpreters end; never after the session."""
    starts_at, urgent_now = request.session.starts_at, request.starts_now
    urgent = request.emergency or ladders.is_urgent(
        now=now, starts_at=starts_at, urgent_now=urgent_now, ladder=ladder
    )
    told = {
        one.interpreter_id: notice_at(
            now, one.quiet_hours, one.time_zone, urgent=urgent, opt_in=one.urgent_opt_in,
            policy=ladder.quiet_hours,
        )
        for one in candidates
    }  # fmt: skip
    return {
        key: min(
            ladders.answer_by(
                now=now, told_at=at, starts_at=starts_at, urgent_now=urgent_now, ladder=ladder
            ),
            request.session.ends_at,  # the rest of a session may be short
        )
        for key, at in told.items()
    }
