"""Briefings: the minutes before a session in which the interpreter is told what it is about.

They are time that the interpreter gives: blocked like the session, and travelled to before.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from interpreters.domain.errors import FieldError, Invalid
from interpreters.domain.windows import Window

BRIEFING: Final = "briefing_minutes"  # its name in a request's details


def briefing_of(details: Mapping[str, Any]) -> int:
    """Return the minutes of briefing that a request's details ask for."""
    return int(details.get(BRIEFING) or 0)


def attended(*, session: Window, briefing_minutes: int) -> Window:
    """Return the time that the interpreter is there: the session with the briefing before it."""
    if not briefing_minutes:
        return session
    begins = session.starts_at - timedelta(minutes=briefing_minutes)
    return Window(starts_at=begins, ends_at=session.ends_at)


def refuse_late_briefing(*, session: Window, briefing_minutes: int, now: datetime) -> None:
    """Do nothing when there is time for the briefing before the session.

    Raises:
        Invalid: it would have begun already.
    """
    if (
        briefing_minutes
        and attended(session=session, briefing_minutes=briefing_minutes).starts_at < now
    ):
        detail = "The briefing would have begun already"
        raise Invalid([FieldError(pointer=f"/{BRIEFING}", code="in-the-past", detail=detail)])
