"""What a person reads when something is refused, by the code: short, plain, nothing personal.

The API says it as `user_message` of every problem, and pages say the same. A refusal's own title
and detail are English and for developers. Sentences have no hole but the example of a number, so
nothing of what was sent or stored can stand in one.
"""

from collections.abc import Mapping
from typing import Final

from interpreters.domain.wording import ENGLISH, fill, say, told_in

EXAMPLE: Final = "+371 25565098"
# What software did wrong; no person can put it right in a form.
MISTAKE: Final = "This program made a mistake. Please tell those who run it."
NO_TABLE: Final = (
    "This file cannot be read as a table. It must be CSV or XLSX, with the names of the columns "
    "in its first row."
)
TOO_LARGE: Final = "This file is too large. Please divide it."
WENT_WRONG: Final = "Something went wrong. Please try again in a moment."
AWAY: Final = "The service does not answer. Please try again in a moment."
TOO_MUCH: Final = "Too much is asked at once. Please try again in a moment."
FULL: Final = "There are too many of these. Please remove one first."
NOT_REPLACED: Final = "No other session can stand for the fee of this booking."
NO_ADDRESS: Final = "This web address cannot be used. Please look at it again."
# What is wrong with one field, said beside it.
FIELDS: Final[Mapping[str, str]] = {
    "required": "Please fill this in.",
    "wrong-type": "This cannot be read. Please write it again.",
    "invalid": "This cannot be read. Please write it again.",
    "out-of-range": "This is too little or too much, too early or too late.",
    "unknown-field": MISTAKE,
    "naive-time": "Please give a day and a time.",
    "in-the-past": "This is in the past.",
    "ends-before-start": "The end must be after the beginning.",
    "not-a-quarter-hour": "Please write a quarter hour, such as 09:00 or 17:45.",
    "unknown-day": "Please choose a day of the week.",
    "duplicate": "This stands there twice.",
    "conflicting": "Only one of these two can be given.",
    "unknown-language": "We do not know this language. Please choose one from the list.",
    "needs-variety": "There are several languages of this name. Please choose one of them.",
    "same-language": "Both languages are the same.",
    "unknown-page-language": "Pages are not in this language yet. Please choose another one.",
    "personal-data-not-allowed": "Please leave out names, and numbers of persons and of cards.",
    "arrivals-too-close": "They would come less than 10 minutes apart and could meet.",
    "now-is-remote": "An interpreter can be there at once only by phone or video.",
    "needs-site": "Please choose the place.",
    "site-closed": "The place is closed then.",
    "unreadable-rule": "These repetitions cannot be read. Please choose them again.",
    "endless-rule": "Please say how often, or until when.",
    "sub-daily": "At most one date a day can be asked for.",
    "too-many-dates": "At most 100 dates can be asked for at once.",
    "not-in-a-series": "This request has only one date.",
    "no-date": "No date is left. Please look at the days again.",
    "unknown-room": "There is no such room at this place.",
    "unknown-site": "There is no such place here.",
    "unknown-place": "There is no such place here.",
    "unknown-institution": "There is no such institution here.",
    "unknown-interpreter": "There is no such interpreter here.",
    "unknown-client": "There is no such client.",
    "unknown-booking": "There is no such booking here.",
    "unknown-user": "There is no such coordinator here.",
    "unknown-funding": "There is no such grant here.",
    "unknown-tariff": "There is no such price list here.",
    "unknown-policy": "There are no such rules here.",
    "unknown-scope": MISTAKE,
    "unknown-event-type": MISTAKE,
    "unknown-scenario": MISTAKE,
    "not-supported": "This is not possible here yet.",
    "invalid-phone": "Please write the phone number with its country, such as {example}.",
    "invalid-push-keys": MISTAKE,
    "unknown-time-zone": "Please write the time zone such as Europe/Riga.",
    "invalid-address": NO_ADDRESS,
    "private-address": NO_ADDRESS,
    "wrong-currency": "Amounts are in the currency of the network.",
    "unknown-country": "Please write the two letters of the country, such as LV.",
    "unknown-currency": "Please write the three letters of the currency, such as EUR.",
    "shares-do-not-add-up": "The shares must be 100 % together.",
    "needs-institution": "Please choose the institution they work for.",
    "not-a-consultant": "Only consultants work for an institution.",
    "needs-interpreter": "Please choose who on the roster this is.",
    "not-an-interpreter": "Only interpreters are on the roster.",
    "role-not-by-provider": "Only a coordinator can give this role.",
    "empty-file": NO_TABLE,
    "never-closed": NO_TABLE,
    "too-many-columns": NO_TABLE,
    "unclear-encoding": NO_TABLE,
    "unreadable-file": NO_TABLE,
    "too-many-rows": TOO_LARGE,
    "unpacks-too-large": TOO_LARGE,
}
# The same where no field stands beside the sentence: `this` would point at nothing.
APART: Final[Mapping[str, str]] = {
    "required": "Something is missing. Please fill it in.",
    "wrong-type": "Something cannot be read. Please look at what you filled in.",
    "invalid": "Something cannot be read. Please look at what you filled in.",
    "out-of-range": "Something is too little or too much, too early or too late.",
    "in-the-past": "The time you gave is in the past.",
    "duplicate": "Something stands there twice.",
    "conflicting": "Of two things you filled in, only one can be given.",
}
# Why something was refused as a whole.
REFUSALS: Final[Mapping[str, str]] = {
    "validation": "Something is not right. Please look at what you filled in.",
    "malformed": MISTAKE,
    "method-not-allowed": MISTAKE,
    "not-acceptable": MISTAKE,
    "address-too-long": MISTAKE,
    "unsupported-encoding": MISTAKE,
    "unsupported-media-type": MISTAKE,
    "idempotency-key-reused": MISTAKE,
    "idempotency-in-progress": "This is being done just now. Please look again in a moment.",
    "body-too-large": "This is too long.",
    "internal": WENT_WRONG,
    "unavailable": AWAY,
    "too-many-requests": TOO_MUCH,
    "too-many-streams": TOO_MUCH,
    # Who it is
    "unauthorized": "You are not signed in.",
    "forbidden": "You are not allowed to do this.",
    "not-found": "There is nothing here.",
    "cross-site": "This could not be sent. Please go back and try again.",
    "attempt-over": "This code no longer works. Please ask for a new one.",
    "wrong-code": "This is not the code that was sent. Please look again.",
    "too-many-attempts": "Many codes were asked for. Use the last one you got, or wait 15 minutes.",
    "which-person": "Several people use this address. Choose your name.",
    "wrong-passkey": "This passkey does not work here. Sign in with a code instead.",
    "passkey-cloned": (
        "Somebody may have a copy of your passkey. Sign in with a code and remove the passkey."
    ),
    "passkey-known": "You have added this passkey already.",
    "passkey-refused": "The passkey could not be added. Please try again.",
    "passkeys-unavailable": "Passkeys do not work here. Sign in with a code instead.",
    "challenge-over": "This took too long. Please start again.",
    "sign-in-again": "To add a passkey, sign out and in again first.",
    "too-many-passkeys": FULL,
    "invitation-over": "This invitation is no longer valid.",
    "no-address": "There is no phone number and no e-mail address to send it to.",
    "user-inactive": "They may not sign in now. Let them sign in again first.",
    "interpreter-has-user": "This interpreter signs in already.",
    "last-coordinator": (
        "This is the last coordinator. Somebody must be left who can do this work."
    ),
    "own-account": "You cannot erase your own account. Another coordinator can.",
    "has-bookings": "There are jobs that are not over. Please call them off or pass them on first.",
    "applications-closed": "Nobody can apply here just now.",
    "too-many-applications": (
        "So many people have applied today that it is full. Please come back tomorrow."
    ),
    "not-vetted": "Nobody has looked yet at who this interpreter is.",
    "interpreter-suspended": "They are not asked any more. Have them asked again first.",
    # What is as it is by now
    "wrong-state": "This cannot be done as things are now. Please look again.",
    "precondition-failed": "Somebody else changed this meanwhile. Please look at it again.",
    "too-early": "It is too early for this.",
    "too-late": "It is too late for this.",
    "invalid-window": "The end must be after the beginning.",
    # Asking, offers, bookings
    "duplicate-request": "This was perhaps asked for already. Please look at what you asked for.",
    "offer-taken": "Somebody else has taken it. Nothing is held against you.",
    "offer-expired": "The time to answer is over. Nothing is held against you.",
    "offer-withdrawn": "It is not needed any more. Nothing is held against you.",
    "interpreter-is-busy": "The interpreter has another job then.",
    "conflict-not-answered": "Please say first whether you know these people.",
    "conflict-of-interest": ("This interpreter said that they may not interpret for these people."),
    "room-is-taken": (
        "People who must not be met have the room at that time. Please choose another room or "
        "another time."
    ),
    "room-is-used": (
        "People who must not be met come to this room. Please move or call off their sessions "
        "first."
    ),
    "calendar-absence": "This comes from another calendar. Please change it there.",
    "too-many-calendar-links": FULL,
    "nobody-was-called": "Nobody was called about this.",
    "too-many-notes": "This request has as many notes as one may have.",
    "plan-is-over": "This plan is over. Please look at the newest one.",
    "too-many-calls": "More calls come than these people can take.",
    "already-replaced": "Another session was asked for in its place already.",
    "fee-not-replaceable": NOT_REPLACED,
    "replacement-in-group": NOT_REPLACED,
    "replacement-of-replacement": NOT_REPLACED,
    "replacement-does-not-fit": "The interpreter of that booking cannot do this one.",
    "outside-replaced-time": "The new session must lie within the time that was booked before.",
    # Clients
    "reference-taken": "You have a client with this code already.",
    "client-link-not-allowed": "To keep the client safe, no link is given for this session.",
    "client-links-off": "This institution gives its clients no links. A coordinator can allow it.",
    "too-many-open": "You have already sent this. Please wait for the answer.",
    # Approval and money
    "already-approved": "This was approved already.",
    "already-disputed": (
        "The other side has said already that something is wrong. Somebody looks at it."
    ),
    "needs-approval-beforehand": "Travel that costs so much must be agreed before the session.",
    "funding-does-not-fit": "The grant does not pay for this.",
    "funding-number-taken": "There is a grant with this number already.",
    "month-not-over": "This month is not over: sessions may still come.",
    "month-has-open-sessions": "Some sessions of this month have not ended.",
    "statement-not-issued": "This statement is a draft.",
    # Files, keys, the network
    "file-too-large": "A file has at most 10 MB. Please divide it.",
    "import-has-errors": (
        "Some rows are wrong, so nothing was taken over. Put them right, then send the file again."
    ),
    "import-in-progress": "Another table is being taken over. Please try again in a minute.",
    "too-many-keys": "Two keys of this name work already. End one of them first.",
    "too-many-endpoints": FULL,
    "endpoint-off": "This is switched off. Switch it on first.",
    "network-name-taken": "There is a network of this name already.",
}


def told_refusal(code: str, language: str) -> tuple[str, str]:
    """Return what a person reads of a code that stands alone, and the language it is told in.

    A code that nobody knows, as a framework's own, reads as our mistake.
    """
    message = sentence_of(code)
    if language == ENGLISH:  # a message is its English text: no catalogue is read
        return fill(message, {"example": EXAMPLE}), ENGLISH
    return say(language, message, example=EXAMPLE), told_in(language, message)


def sentence_of(code: str) -> str:
    """Return the message of a code that stands alone."""
    return REFUSALS.get(code) or APART.get(code) or FIELDS.get(code, MISTAKE)
