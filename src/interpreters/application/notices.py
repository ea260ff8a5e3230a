"""What is told of a request, an offer, a booking: ids and a state, never anything personal."""

from interpreters.sql.bookings import Booking
from interpreters.sql.offers import Ended, Offer
from interpreters.sql.outbox import Notice
from interpreters.sql.requests import Request


def request_notice(request: Request, kind: str) -> Notice:
    """Return what is told of a request: to its institution."""
    return Notice(
        type=kind,
        subject_kind="request",
        subject_id=request.id,
        request_id=request.id,
        institution_id=request.institution_id,
        state=request.state,
    )


def state_notice(request: Request, was: str) -> Notice:
    """Return what is told of a request whose seats changed.

    With its state the public event of that name; else one that no feed shows, so that
    `updated_since` still gives the request with its seats as they are now.
    """
    if request.state == was:
        return request_notice(request, "request.seats_changed")
    return request_notice(request, f"request.{request.state}")


def offer_notice(offer: Offer | Ended, kind: str) -> Notice:
    """Return what is told of an offer: to its interpreter alone."""
    return Notice(
        type=kind,
        subject_kind="offer",
        subject_id=offer.id,
        request_id=offer.request_id,
        offer_id=offer.id,
        interpreter_id=offer.interpreter_id,
        state=kind.removeprefix("offer.").replace("sent", "open"),
    )


def booking_notice(booking: Booking, kind: str) -> Notice:
    """Return what is told of a booking: to its institution and its interpreter."""
    return Notice(
        type=kind,
        subject_kind="booking",
        subject_id=booking.id,
        request_id=booking.request_id,
        booking_id=booking.id,
        institution_id=booking.institution_id,
        interpreter_id=booking.interpreter_id,
        state=booking.state,
    )
