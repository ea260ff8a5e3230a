"""Which event tells whom what, and by which way: the table that `docs/telling.md` shows."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Literal, TypeAlias

import msgspec

Way: TypeAlias = Literal["mail", "text", "push"]
# What waits for an answer and how it ended; what else happens; sessions that are near.
Kind: TypeAlias = Literal["offers", "changes", "reminders"]
Choice: TypeAlias = Mapping[Kind, Sequence[Way]]
# The interpreter of the offer or of the booking, those booked for the request, the user who asked
# (keys have their events), all coordinators, those an urgent search was brought before, the side
# that opened a dispute.
Whom: TypeAlias = Literal["asked", "booked", "requester", "coordinators", "rung", "disputer"]


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """Whom an event is told, and as what."""

    whom: Whom
    purpose: str


def _to(whom: Whom, purpose: str) -> Telling:
    return Telling(whom=whom, purpose=purpose)


TOLD: Final[Mapping[str, Sequence[Telling]]] = {
    "offer.sent": [_to("asked", "offer")],
    "offer.taken": [_to("asked", "offer-taken")],
    "offer.withdrawn": [_to("asked", "offer-withdrawn")],
    "offer.accepted": [],
    "offer.declined": [],
    "offer.expired": [],
    "request.created": [_to("requester", "received")],
    "request.filled": [_to("requester", "filled")],
    "request.changed": [_to("requester", "changed"), _to("booked", "booking-changed")],
    "request.cancelled": [_to("requester", "cancelled")],
    "request.unfilled": [_to("requester", "unfilled"), _to("coordinators", "nobody-found")],
    "request.escalated": [_to("rung", "urgent")],
    "booking.confirmed": [_to("asked", "booking-confirmed")],
    "booking.extended": [_to("asked", "booking-changed"), _to("requester", "extended")],
    "booking.cancelled": [_to("asked", "booking-cancelled")],
    "booking.given_back_late": [_to("coordinators", "given-back-late")],
    "booking.running_late": [_to("requester", "running-late")],
    "booking.missed": [_to("requester", "missed"), _to("coordinators", "somebody-missed")],
    "booking.given_back": [_to("asked", "booking-given-back"), _to("requester", "given-back")],
    "booking.completed": [_to("requester", "approve")],
    "booking.no_show": [_to("requester", "approve")],
    "booking.times_changed": [_to("requester", "approve")],
    "booking.disputed": [_to("coordinators", "disputed")],
    "booking.dispute_answered": [_to("disputer", "dispute-answered")],
}
# What is told of sessions that are over.
AFTERWARDS: Final = {
    "booking.completed", "booking.no_show", "booking.times_changed", "booking.disputed",
    "booking.dispute_answered",
}  # fmt: skip
# The first words, which are a mail's subject too. An offer's are a sentence of their own.
HEADS: Final[Mapping[str, str]] = {
    "offer": "An interpreter is needed",
    "offer-taken": "Somebody else has taken it. Nothing is held against you.",
    "offer-withdrawn": "It is not needed any more. Nothing is held against you.",
    "received": "Your request was received",
    "filled": "An interpreter is booked",
    "changed": "Your request was changed",
    "cancelled": "Your request was cancelled",
    "unfilled": "Nobody was found for your request",
    "extended": "The session was made longer",
    "given-back": "The interpreter cannot come. We are looking for another one.",
    "given-back-late": "A booking was given back late",
    "running-late": "The interpreter will be late. The booking says by how much.",
    "missed": "The interpreter did not come. We are looking for another one.",
    "somebody-missed": "An interpreter did not come",
    "widen": "Nobody has said yes yet. You may widen your request.",
    "nobody-found": "A request has found nobody",
    "urgent": "Urgent: nobody has said yes yet",
    "booking-confirmed": "Your booking is confirmed",
    "booking-unasked": "You are booked. If you cannot come, please give it back soon.",
    "booking-changed": "Your booking was changed",
    "booking-cancelled": "Your booking was cancelled",
    "booking-given-back": "You have given the booking back",
    "approve": "A session is over. Please check what was recorded.",
    "approve-again": "A session still waits for your answer. Please check what was recorded.",
    "disputed": "A booking is disputed",
    "dispute-answered": "Your dispute was answered",
    "expense-asked": "An interpreter asks about an expense",
    "expense-waits": "An expense still waits for an answer",
    "expense-decided": "Your expense was decided",
    "plan-waits": "A plan for open requests waits for you",
    "reminder-day": "A reminder: you interpret tomorrow",
    "reminder-hour": "A reminder: you interpret in an hour",
}
# What cannot wait for somebody to read their mails.
PROMPT: Final = {
    "offer", "offer-taken", "offer-withdrawn", "urgent", "reminder-day", "reminder-hour",
    "given-back-late", "running-late", "missed", "somebody-missed",
}  # fmt: skip
WITH_PLACE: Final = {
    "booking-confirmed", "booking-unasked", "booking-changed", "reminder-day", "reminder-hour",
}  # fmt: skip


# What a browser's maker delivers at once, also to a telephone that is saving its battery.
HASTY: Final = {
    "urgent", "widen", "reminder-hour", "booking-cancelled", "given-back-late", "running-late",
    "missed", "somebody-missed",
}  # fmt: skip
# What waits for an answer, and how it ended.
ASKING: Final = {"offer", "offer-taken", "offer-withdrawn", "urgent"}
QUIET: Final = {"offer-taken", "offer-withdrawn"}  # replaces the offer without a sound


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The ways something is told; `standing_by` takes over where no push went out."""

    at_once: Sequence[Way] = ()
    standing_by: Way | None = None


def plan_for(purpose: str, choice: Choice | None, usable: Collection[Way]) -> Plan:
    """Return the ways something is told somebody, of those that are usable for them.

    Without a choice the usual way, and a push beside it. With one the first way of it; a push
    alone is stood by for. A choice of which nothing is usable is none; an empty one is silence.
    """
    usual: list[Way] = [one for one in ways_for(purpose) if one in usable]
    push: list[Way] = ["push"] if "push" in usable else []
    chosen = None if choice is None else choice.get(kind_of(purpose))
    if chosen is None:
        return Plan(at_once=[*push, *usual[:1]])
    if not chosen:
        return Plan()
    wished: list[Way] = [one for one in chosen if one in usable]
    order: list[Way] = list(dict.fromkeys([*wished, *usual, *sorted(usable)]))
    standing_by = order[1] if order[:1] == ["push"] and len(order) > 1 else None
    return Plan(at_once=order[:1], standing_by=standing_by)


def kind_of(purpose: str) -> Kind:
    """Return under which of somebody's choices it falls."""
    if purpose.startswith("reminder-"):
        return "reminders"
    return "offers" if purpose in ASKING else "changes"


def ways_for(purpose: str) -> Sequence[Way]:
    """Return how it is told, the better way first; the other where there is no address for it."""
    return ("text", "mail") if purpose in PROMPT else ("mail", "text")
