"""The helped person's link: for whom it may be made, how long it lives, what it shows.

Whoever holds the link reads the page, and that may be the person somebody fled from. So it is
off unless the institution wants it, never made where being found is the danger, and tells only
what a calendar would: when, where, and who interprets by initials.
"""

from datetime import datetime
from typing import Final, Literal, TypeAlias

from interpreters.domain.bookings import LIVE, BookingState
from interpreters.domain.errors import Refusal, WrongState
from interpreters.domain.windows import Window

VoiceKind: TypeAlias = Literal["another_person", "complaint"]
VoiceState: TypeAlias = Literal["open", "answered"]

NEVER_KINDS: Final = frozenset({"crisis_centre"})  # of institutions
NEVER_TOPICS: Final = frozenset({"emergency", "supervised_contact"})
NEVER_PRIORITIES: Final = frozenset({"emergency"})
MOST_OPEN: Final = 3  # voices of a kind about a booking that wait for an answer
LONGEST: Final[dict[VoiceKind, int]] = {"another_person": 500, "complaint": 2000}
MOST_INITIALS: Final = 3


class ClientLinksOff(Refusal):
    """The institution has not switched clients' links on."""

    code = "client-links-off"
    title = "The institution does not give links to its clients"


class ClientLinkNotAllowed(Refusal):
    """A link that somebody else may find could put the person in danger."""

    code = "client-link-not-allowed"
    title = "For this booking no link may be given to the client"


class TooManyVoices(Refusal):
    """As many of a kind wait for an answer as may."""

    code = "too-many-open"
    title = "As many of these as may be open wait for an answer"


def refuse_link(*, wanted: bool, kind: str, topic: str, priority: str, state: BookingState) -> None:
    """Do nothing where a client may be given a link to a booking.

    `wanted` and `kind` are the institution's, `topic` and `priority` the request's.

    Raises:
        ClientLinkNotAllowed: never for crisis centres, emergencies and supervised contact.
        ClientLinksOff: the institution has not switched it on.
        WrongState: the booking has ended, or came to nothing.
    """
    if kind in NEVER_KINDS or topic in NEVER_TOPICS or priority in NEVER_PRIORITIES:
        raise ClientLinkNotAllowed
    if not wanted:
        raise ClientLinksOff
    if state not in LIVE:
        raise WrongState(f"A booking that is {state} has no link for the client", state=state)


def still_shows(
    *, wanted: bool, kind: str, topic: str, priority: str, state: BookingState, session: Window,
    now: datetime,
) -> bool:  # fmt: skip
    """Tell whether a link that was not revoked still shows the booking: until the session ends,
    extended or not, and only while a link might be made.
    """
    try:
        refuse_link(wanted=wanted, kind=kind, topic=topic, priority=priority, state=state)
    except Refusal:
        return False
    return now < session.ends_at


def initials(display_name: str) -> str:
    """Return the initials of a name, "Z. A.": at most three, of what starts with a letter."""
    words = [word for word in display_name.replace("-", " ").split() if word[0].isalpha()]
    return " ".join(f"{word[0].upper()}." for word in words[:MOST_INITIALS])


def spoken(text: str) -> str:
    """Return what a person wrote, without what cannot be seen at its ends or be stored."""
    return text.replace("\0", "").strip()
