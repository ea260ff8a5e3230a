"""What the desk says in words: why something was refused, why nobody was found, what would do."""

from collections.abc import Mapping
from typing import Final

from interpreters.application.bookings import Booking
from interpreters.application.sites import Room
from interpreters.domain.errors import Invalid, Refusal
from interpreters.domain.ids import BOOKING, ROOM, show_id
from interpreters.domain.refusal_words import REFUSALS
from interpreters.domain.wording import say
from interpreters.web.workplace import Visit

OTHERWISE: Final = "This could not be done. Please look at the page again."
# Why something was refused, by the refusal's code: what the pages tell, and nothing else.
REFUSED: Final[Mapping[str, str]] = {
    **{
        code: REFUSALS[code]
        for code in (
            "precondition-failed", "room-is-taken", "too-early", "interpreter-is-busy",
            "already-disputed", "already-approved", "reference-taken", "idempotency-in-progress",
            "already-replaced", "fee-not-replaceable", "outside-replaced-time",
            "replacement-in-group", "replacement-of-replacement", "replacement-does-not-fit",
        )
    },
    "wrong-state": "This cannot be done any more. The page shows how it is now.",
}  # fmt: skip
CHANGE_REFUSED: Final = (
    "This cannot be changed any more: somebody is booked, or it is over. Call it off and ask "
    "again, so that everybody is told."
)
# Where the fields of the form stand that a refusal names, and what they are called.
FORM: Final[Mapping[str, tuple[str, str]]] = {
    "/language": ("language", "Language"),
    "/starts_at": ("date", "Day"),
    "/starts": ("when-now", "When?"),
    "/duration_minutes": ("duration_minutes", "Length in minutes"),
    "/modes": ("mode-in_person", "How?"),
    "/site_id": ("site_id", "Place"),
    "/clients": ("client", "Client\N{RIGHT SINGLE QUOTATION MARK}s code"),
    "/clients/0/nationality": ("nationality", "Nationality of the client"),
    "/topic": ("topic", "What is it about?"),
    "/requirements": ("credentials", "Who"),
    "/fallbacks": ("shift_minutes", "The time may move by so many minutes"),
    "/interpreters_needed": ("interpreters_needed", "How many interpreters"),
    "/working_language": ("working_language", "Into which language, if not yours"),
    "/recurrence": ("repeat", "Repeat"),
    "/recurrence_skips": ("repeat", "Repeat"),
    "/attendees_expected": ("attendees_expected", "How many people come"),
    "/parties": ("party_1", "People who must not meet (supervised contact)"),
    "/room_id": ("room_id", "Room"),
    "/briefing_minutes": ("briefing_minutes", "Minutes to brief the interpreter before"),
    "/instructions": ("instructions", "What the interpreter should know"),
    "/connect/number": ("connect_number", "Phone number"),
    "/connect": ("connect_by", "Who calls"),
    "/external_reference": ("external_reference", "Your case number"),
    "/cost_centre": ("cost_centre", "Cost centre"),
    "/funding_id": ("funding_id", "Paid by the grant"),
    "/on_behalf_of": ("on_behalf_of", "On behalf of"),
    "/referred_by": ("referred_by", "Referred by"),
    "/priority": ("priority", "How urgent"),
    "/reason": ("reason", "Why?"),
    "/minutes": ("minutes", "Minutes"),
    "/stars": ("stars-5", "Stars"),
    "/reference": ("reference", "Code"),
    "/nationality": ("nationality", "Nationality of the client"),
    "/languages": ("language", "Language"),
    "/ended_at": ("ended", "Ended at"),
    "/break_minutes": ("breaks", "Minutes of breaks"),
    "/started_at": ("started", "Began at"),
}
# Why nobody was found: what took people out of the search, in its order.
FUNNEL: Final[Mapping[str, str]] = {
    "language": "Do not speak the language",
    "working_language": "Do not speak your language well enough",
    "inactive": "Take no jobs at the moment",
    "mode": "Do not work this way (in person, by phone, by video)",
    "gender": "Are not of the gender you asked for",
    "qualification": "Do not have the qualification you asked for",
    "credential": "Do not have the papers you asked for",
    "blocked": "Are not asked for you",
    "distance": "Live too far away",
    "conflict": "May not interpret for these people",
    "busy": "Have another job at that time",
    "unavailable": "Are not available at that time",
}
UNFILLED: Final[Mapping[str, str]] = {
    "nobody-fits": "Nobody in the network fits what you asked for.",
    "nobody-accepted": "Everybody who fits was asked, and nobody could say yes.",
    "too-late": "It was too late to ask anybody.",
    "given-back": "The interpreter cannot come, and nobody else was found.",
    "interpreter-no-show": "The interpreter did not come, and nobody else was found.",
}
# Why a grant does not pay for what is asked for; nothing that is known of a client.
MISFITS: Final[Mapping[str, str]] = {
    "language": "Not for this language.",
    "period": "Not on this day.",
    "group": "Not for this group of people.",
    "status": "Not for people of this status.",
    "months_since_status": "Not so long after people got their status.",
    "institution": "Not for this institution.",
}
LIKELIHOOD: Final[Mapping[str, str]] = {
    "likely": "You will very probably get an interpreter.",
    "possible": "You may get an interpreter.",
    "unlikely": "You will probably not get an interpreter this way.",
}
CHANCES: Final[Mapping[str, str]] = {
    "likely": "very probable",
    "possible": "possible",
    "unlikely": "not probable",
}
# What was asked instead of what was wished, because nobody was found for that.
USED: Final[Mapping[str, str]] = {
    "other_mode": "We also ask for another way: by phone, by video or in person.",
    "other_time": "We also ask for another time.",
    "remote": "We also ask people who are far away, by phone or video.",
    "neighbour_language": "We also ask interpreters of another language the client understands.",
    "relay": "We look for two interpreters, with a third language between them.",
}


# An interpreter must go on: for so long the session can be longer.
LONGER: Final = (
    "The interpreter has another job then. At most {count} more minute is possible.",
    "The interpreter has another job then. At most {count} more minutes are possible.",
)


def room_id(room: Room) -> str:
    """Return a room's id as a form sends it."""
    return show_id(ROOM, room.id)


def booking_id(booking: Booking) -> str:
    """Return a booking's id as it is shown."""
    return show_id(BOOKING, booking.id)


def refused(visit: Visit, refusal: Refusal) -> str:
    """Return in the visitor's words why something was refused."""
    return say(visit.language, REFUSED.get(refusal.code, OTHERWISE))


def pointed(wrong: Invalid, pointer: str) -> list[str]:
    """Return the codes of the languages among which one must be chosen, at a field."""
    found = next((one for one in wrong.errors if one.pointer == pointer), None)
    offered = () if found is None else (found.options or found.suggestions or ())
    return [str(one["code"]) for one in offered]
