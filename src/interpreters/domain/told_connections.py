"""Who calls whom, as people are told it ahead; the number or link itself only on the page."""

from datetime import datetime, timedelta
from typing import Final

from interpreters.domain.told_times import tell_time
from interpreters.domain.wording import say

CONNECT_BEFORE: Final = timedelta(minutes=30)
"""Who calls whom, and where, is shown from so long before the start, to the end."""
ANSWER_FIRST: Final = (
    "Say first whether you have a conflict of interest. Then you see where it is and whom to call."
)
# What the interpreter does, by who calls.
CALLS: Final = {
    "interpreter": "You call. The number is on the booking's page from {time}.",
    "requester": "You are called.",
    "link": "You meet at a link. It is on the booking's page from {time}.",
}


def tell_connect(
    language: str, *, by: str | None, mode: str, starts_at: datetime, time_zone: str
) -> str | None:
    """Return what the interpreter of a session by phone or video does; None where nobody said."""
    if mode == "in_person" or by not in CALLS:
        return None
    return say(language, CALLS[by], time=tell_time(starts_at - CONNECT_BEFORE, time_zone))


def shows_connect(*, starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Say whether it is shown: from 30 minutes before the start, and at the end not any more."""
    return starts_at - CONNECT_BEFORE <= now < ends_at
