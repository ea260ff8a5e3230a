"""Breaks of a session: how long they were together, said by who says when it ended."""

from interpreters.domain.errors import FieldError, Invalid
from interpreters.domain.usage import actual_minutes
from interpreters.sql.bookings import Booking


def unbroken() -> int:
    """Nobody says that there was a break."""
    return 0


def refuse_long_breaks(booking: Booking, *, pointer: str = "") -> None:
    """Refuse breaks that leave nothing of the session; `pointer` is where they stand in the body.

    Raises:
        Invalid: they are as long as the time that counts of it, or longer.
    """
    assert booking.started_at is not None and booking.ended_at is not None  # noqa: PT018 - a session was held
    lasted = actual_minutes(
        booked_starts_at=booking.session.starts_at,
        started_at=booking.started_at,
        ended_at=booking.ended_at,
    )
    if booking.break_minutes and booking.break_minutes >= lasted:
        detail = f"Less than the session, which counts {lasted} minutes"
        raise Invalid(
            [FieldError(pointer=f"{pointer}/break_minutes", code="out-of-range", detail=detail)]
        )
