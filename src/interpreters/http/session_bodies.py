"""What is sent when a session begins and ends, and when something was said on a phone."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from interpreters.http.fields import BreakMinutes, In, Instant, utc


class SaidIn(In, frozen=True, kw_only=True):
    """`said_at`: when it was, by the phone's clock, where it is sent later."""

    said_at: Instant | None = None

    def said(self) -> datetime | None:
        """Return when it was said."""
        return None if self.said_at is None else utc(self.said_at)


class StartIn(SaidIn, frozen=True, kw_only=True):
    """`said_at`: when it was pressed, by the phone's clock, where it is sent later."""


class LateIn(SaidIn, frozen=True, kw_only=True):
    """How many minutes late. `said_at`: when it was said, by the phone's clock."""

    minutes: Annotated[int, Meta(ge=1, le=720, description="Whole minutes.")]


class EndIn(SaidIn, frozen=True, kw_only=True):
    """When it ended; now by default. `said_at`: when it was said, by the phone's clock."""

    ended_at: Instant | None = None
    break_minutes: BreakMinutes = 0  # how long the breaks were together, less than the session

    def ended(self) -> datetime | None:
        """Return when it ended."""
        return None if self.ended_at is None else utc(self.ended_at)
