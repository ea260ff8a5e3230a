"""The course of one request through a play: what is known of it so far."""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from interpreters.application.simulations import Booking, Offer, Standing
from interpreters.domain.demand import Asked
from interpreters.domain.simulation_metrics import Outcome

# Parts of the score that the runs about fairness change.
LEFT_OUT: Final = ("fairness", "requested", "dialect")


class Taken(NamedTuple):
    """Who was booked for it, how, and from when on."""

    interpreter_id: UUID
    mode: str
    made_at: datetime


class Course:
    """One request: who was asked, who said yes, what came of it."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.request_id: UUID | None = None
        self.state = "asked"
        self.next_step_at: datetime | None = None
        self.first_end: datetime | None = None
        self.told: set[UUID] = set()  # offers whose answer is drawn
        self.answers_late: dict[int, bool] = {}  # whether they answer after their offer's end
        self.offers = 0
        self.bookings = 0
        self.too_late = 0
        self.busy = 0  # yeses of people who were booked elsewhere
        self.yes_at: datetime | None = None
        self.points: float | None = None  # of who said yes first
        self.booking: Booking | None = None  # that stands
        self.booked: list[Taken] = []  # all of them
        self.stood: Booking | None = None  # when it began, or was called off
        self.outcome: Outcome = "unfilled"
        self.filled = False  # somebody was booked when it began, or was called off

    @property
    def is_searching(self) -> bool:
        """Whether the product still looks for somebody."""
        return self.state in ("searching", "partly_filled")

    def look(self, standing: Standing) -> None:
        """Take over how the search stands."""
        self.request_id = standing.request.id
        self.state = standing.request.state
        self.next_step_at = standing.request.next_step_at if self.is_searching else None
        ends = [one.answer_by for one in standing.offers if one.state == "open"]
        self.first_end = min(ends, default=None) if self.is_searching else None

    def said_yes(self, booking: Booking, offer: Offer, now: datetime) -> None:
        """Somebody is booked."""
        self.booking = booking
        self.bookings += 1
        self.booked.append(Taken(booking.interpreter_id, booking.mode, now))
        self.state, self.next_step_at, self.first_end = "filled", None, None
        if self.yes_at is None:
            self.yes_at = now
            self.points = sum(one["points"] for one in offer.reasons if one["code"] not in LEFT_OUT)

    @property
    def yes_minutes(self) -> float | None:
        """Minutes from asking to the first yes; None when nobody said it."""
        if self.yes_at is None:
            return None
        return (self.yes_at - self.asked.asked_at).total_seconds() / 60
