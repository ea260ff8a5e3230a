"""A session as an entry of somebody's calendar: what may stand in it, and under which name.

Calendars are shown to families and copied to other clouds. So an entry says what a wall calendar
would: languages, mode and times, the site's name and its city; never a street, a client, a topic
or a reference. Where being found is the danger it names no place at all.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from interpreters.domain.bookings import BookingState
from interpreters.domain.calendar_files import Entry
from interpreters.domain.client_links import NEVER_KINDS, NEVER_TOPICS
from interpreters.domain.ids import NETWORK, show_id
from interpreters.domain.told_sessions import MODES, ToldSession, tell_briefing, tell_languages
from interpreters.domain.wording import comma, say

CALLED_OFF: Final[frozenset[BookingState]] = frozenset(
    {"released", "cancelled", "given_back", "interpreter_no_show"}
)


def uid_of(network_id: UUID, prefix: str, thing_id: UUID) -> str:
    """Return the name of a thing's entry, the same for ever and in every calendar."""
    return f"{show_id(prefix, thing_id)}{uid_end(network_id)}"


def uid_end(network_id: UUID) -> str:
    """Return how the names of all entries end that this network writes, and nobody else."""
    return f"@{show_id(NETWORK, network_id)}"


def place_told(
    *, mode: str, site: str | None, city: str | None, kind: str, topic: str, emergency: bool
) -> str | None:
    """Return what a calendar says of the place; `kind` is the institution's.

    None without a place, and for crisis centres, emergencies and supervised contact.
    """
    if mode != "in_person" or emergency or kind in NEVER_KINDS or topic in NEVER_TOPICS:
        return None
    return ", ".join(dict.fromkeys(filter(None, (site, city)))) or None


def entry_of(
    language: str,
    told: ToldSession,
    *,
    uid: str,
    sequence: int,
    changed_at: datetime,
    link: str,
    state: BookingState = "confirmed",
) -> Entry:
    """Return the entry in the reader's language; `link` is where the details are, signed in."""
    mode = say(language, MODES[told.mode])
    more = say(language, "More after signing in: {link}", link=link)
    return Entry(
        uid=uid,
        sequence=sequence,
        starts_at=told.session.starts_at,
        ends_at=told.session.ends_at,
        time_zone=told.time_zone,
        title=f"{tell_languages(language, told)}{comma(language)}{mode}",
        place=told.place,
        text="\n".join(filter(None, [tell_briefing(language, told), more])),
        url=link,
        cancelled=state in CALLED_OFF,
        tentative=state == "held",
        changed_at=changed_at,
    )
