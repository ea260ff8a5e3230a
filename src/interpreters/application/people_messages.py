"""Writing to people about a session: in their language, the better way that they have."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application import messages
from interpreters.application.messages import Channel, Message
from interpreters.database import Db
from interpreters.domain.ids import new_id
from interpreters.domain.notices_to_people import HEADS, ways_for
from interpreters.domain.text_segments import segments
from interpreters.domain.told_sessions import MOST_SEGMENTS, ToldSession, tell_briefly, tell_session
from interpreters.domain.wording import ENGLISH, page_tag, say
from interpreters.sql.networks import Network
from interpreters.sql.told_people import ToldInterpreter
from interpreters.sql.users import User


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """Which ways out of the house are set up, and where links lead."""

    base_url: str
    ways: frozenset[Channel]
    mail_from: str | None = None  # whose sessions they are that mails bring into calendars


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """One person who is told something, in the page language they read."""

    language: str
    addresses: Mapping[Channel, str]
    user_id: UUID | None = None
    interpreter_id: UUID | None = None


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What is told: `mail` and `text` say it as far as each may; of no use after `expires_at`."""

    purpose: str
    mail: str
    text: str
    expires_at: datetime
    offer_id: UUID | None = None
    booking_id: UUID | None = None
    attachment: str | None = None  # the mail's calendar entry


def reader_of(person: ToldInterpreter | User, network: Network) -> Reader:
    """Return how somebody is told things; the network's language stands in for their own."""
    wanted = (person.language, network.working_language)
    interpreter = isinstance(person, ToldInterpreter)
    found: dict[Channel, str | None] = {"mail": person.email, "text": person.phone}
    return Reader(
        language=next((tag for one in wanted if one and (tag := page_tag(one))), ENGLISH),
        addresses={way: address for way, address in found.items() if address},
        user_id=person.user_id if isinstance(person, ToldInterpreter) else person.id,
        interpreter_id=person.id if interpreter else None,
    )


def session_letter(
    out: Outgoing,
    reader: Reader,
    *,
    purpose: str,
    told: ToldSession,
    offer_id: UUID | None = None,
    booking_id: UUID | None = None,
) -> Letter:
    """Return a letter about a session: what happened, the session, where there is more."""
    head = say(reader.language, HEADS[purpose])
    more = say(reader.language, "More after signing in: {link}", link=f"{out.base_url}/sign-in")
    return Letter(
        purpose=purpose,
        mail=f"{head}\n\n{tell_session(reader.language, told)}\n\n{more}\n",
        text=tell_briefly(reader.language, head, told),
        expires_at=told.session.ends_at,
        offer_id=offer_id,
        booking_id=booking_id,
    )


def with_line(letter: Letter, line: str) -> Letter:
    """Return the letter with one sentence more; in a text only where two parts hold it."""
    head, _, more = letter.mail.rpartition("\n\n")
    longer = f"{letter.text}\n{line}"
    return msgspec.structs.replace(
        letter,
        mail=f"{head}\n\n{line}\n\n{more}",
        text=longer if segments(longer) <= MOST_SEGMENTS else letter.text,
    )


async def send_letter(
    db: Db,
    out: Outgoing,
    *,
    network_id: UUID,
    reader: Reader,
    letter: Letter,
    now: datetime,
    at: datetime | None = None,
    message_id: UUID | None = None,
) -> bool:
    """Have it sent, `at` a later time if one is given; False when there is no way to the person.

    A `message_id` that was used before is not sent again.
    """
    way: Channel | None = None
    for one in reversed(ways_for(letter.purpose)):
        if one in out.ways and one in reader.addresses:
            way = one
    if way is None:
        return False
    message = Message(
        id=message_id or new_id(now),
        channel=way,
        purpose=letter.purpose,
        language=reader.language,
        recipient=reader.addresses[way],
        subject=say(reader.language, HEADS[letter.purpose]) if way == "mail" else None,
        body=letter.mail if way == "mail" else letter.text,
        user_id=reader.user_id,
        interpreter_id=reader.interpreter_id,
        offer_id=letter.offer_id,
        booking_id=letter.booking_id,
        attachment=letter.attachment if way == "mail" else None,
        expires_at=letter.expires_at,
        created_at=now,
    )
    await messages.post(db, network_id=network_id, message=message, at=at)
    return True
