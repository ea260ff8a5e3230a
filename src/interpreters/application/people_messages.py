"""Writing to people about a session: in their language, the better way that they have."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

import msgspec

from interpreters.application import messages
from interpreters.application.messages import Channel, Message
from interpreters.application.pushes import push_ids
from interpreters.database import Db
from interpreters.domain.callers import Role
from interpreters.domain.ids import BOOKING, OFFER, REQUEST, new_id, show_id
from interpreters.domain.notices_to_people import (
    HASTY,
    HEADS,
    QUIET,
    Choice,
    Plan,
    Way,
    plan_for,
)
from interpreters.domain.push import Shown, notification
from interpreters.domain.text_segments import segments
from interpreters.domain.told_sessions import (
    MOST_SEGMENTS,
    ToldSession,
    tell_briefly,
    tell_session,
    tell_shortly,
)
from interpreters.domain.wording import ENGLISH, direction, page_tag, say
from interpreters.sql import push_subscriptions
from interpreters.sql.networks import Network
from interpreters.sql.told_people import ToldInterpreter
from interpreters.sql.users import User

SOON: Final = timedelta(hours=1)  # an offer to be answered within it is urgent
STANDBY: Final = timedelta(seconds=20)  # until what stands by for a push goes out instead
SIGN_IN: Final = "/sign-in"
# Where somebody works, by role: the first that is theirs.
WORKPLACES: Final[Mapping[Role, str]] = {
    "coordinator": "/board", "consultant": "/desk", "interpreter": "/app",
}  # fmt: skip


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """Which ways out of the house are set up, and where links lead."""

    base_url: str
    ways: frozenset[Channel]
    mail_from: str | None = None  # whose sessions they are that mails bring into calendars


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """One person who is told something, in the page language they read."""

    language: str
    addresses: Mapping[Channel, str]
    choice: Choice | None = None
    user_id: UUID | None = None
    interpreter_id: UUID | None = None
    place: str = SIGN_IN  # their workplace


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What is told: `mail`, `text` and `push` say it as far as each may.

    A `push` shows this under the head and opens `link`; it replaces those of the same `tag`. All
    are of no use after `expires_at`.
    """

    purpose: str
    mail: str
    text: str
    push: str
    link: str
    tag: str
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
        choice=person.notify,
        user_id=person.user_id if isinstance(person, ToldInterpreter) else person.id,
        interpreter_id=person.id if interpreter else None,
        place="/app" if isinstance(person, ToldInterpreter) else _workplace(person),
    )


def _workplace(person: User) -> str:
    found = (place for role, place in WORKPLACES.items() if role in person.roles)
    return next(found, SIGN_IN)


def session_letter(
    out: Outgoing,
    reader: Reader,
    *,
    purpose: str,
    told: ToldSession,
    offer_id: UUID | None = None,
    booking_id: UUID | None = None,
    request_id: UUID | None = None,
) -> Letter:
    """Return a letter about a session: what happened, the session, where there is more.

    A later push about the same offer, else booking, else request takes its place.
    """
    head, link = (
        say(reader.language, HEADS[purpose]),
        out.base_url + _page(reader, booking_id, request_id),
    )
    more = say(reader.language, "More after signing in: {link}", link=link)
    about = ((OFFER, offer_id), (BOOKING, booking_id), (REQUEST, request_id))
    return Letter(
        purpose=purpose,
        mail=f"{head}\n\n{tell_session(reader.language, told)}\n\n{more}\n",
        text=tell_briefly(reader.language, head, told),
        push=tell_shortly(reader.language, told, with_place=False),
        link=link,
        tag=next((show_id(kind, one) for kind, one in about if one is not None), purpose),
        expires_at=told.session.ends_at,
        offer_id=offer_id,
        booking_id=booking_id,
    )


def _page(reader: Reader, booking_id: UUID | None, request_id: UUID | None) -> str:
    """Return the page that tells more; whoever is signed out is asked there to sign in."""
    place = reader.place
    if place == "/app":
        return place if booking_id is None else f"{place}#job/{show_id(BOOKING, booking_id)}"
    if request_id is not None and place != SIGN_IN:
        return f"{place}/requests/{show_id(REQUEST, request_id)}"
    if booking_id is not None and place != SIGN_IN:
        return f"/desk/bookings/{show_id(BOOKING, booking_id)}"
    return place


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
    browsers = await _browsers(db, out, network_id, reader)
    plan = plan_for(letter.purpose, reader.choice, _usable(out, reader, browsers))
    made = list(_messages(reader, letter, plan, browsers, message_id or new_id(now), now))
    for way, message in made:
        when = at or now
        when = when + STANDBY if way == plan.standing_by else when
        await messages.post(db, network_id=network_id, message=message, at=when)
    return bool(made)


async def is_reachable(
    db: Db, out: Outgoing, *, network_id: UUID, reader: Reader, purpose: str
) -> bool:
    """Tell whether there is a way to the person for what they are to be told."""
    browsers = await _browsers(db, out, network_id, reader)
    plan = plan_for(purpose, reader.choice, _usable(out, reader, browsers))
    return bool(plan.at_once)


async def _browsers(db: Db, out: Outgoing, network_id: UUID, reader: Reader) -> list[UUID]:
    if "push" not in out.ways or reader.user_id is None:
        return []
    return await push_subscriptions.ids_of_user(db, network_id=network_id, user_id=reader.user_id)


def _usable(out: Outgoing, reader: Reader, browsers: Sequence[UUID]) -> set[Way]:
    found: set[Way] = {way for way in reader.addresses if way in out.ways}
    if browsers:
        found.add("push")
    return found


def _messages(
    reader: Reader,
    letter: Letter,
    plan: Plan,
    browsers: Sequence[UUID],
    first: UUID,
    now: datetime,
) -> Iterator[tuple[Way, Message]]:
    """Yield what goes out by each way. Pushes that are stood by for know that message's id."""
    plain: list[Way] = [one for one in plan.at_once if one != "push"]
    if plan.standing_by is not None:
        plain.append(plan.standing_by)
    for way in plain:
        body = letter.mail if way == "mail" else letter.text
        subject = say(reader.language, HEADS[letter.purpose]) if way == "mail" else None
        yield way, _message(reader, letter, first, way, reader.addresses[way], subject, body, now)
    if "push" in plan.at_once:
        apart = first if plan.standing_by is not None else uuid5(first, "beside")
        title, body = _push(reader, letter, now)
        for one, push_id in zip(browsers, push_ids(apart, browsers), strict=True):
            yield "push", _message(reader, letter, push_id, "push", str(one), title, body, now)


def _push(reader: Reader, letter: Letter, now: datetime) -> tuple[str, str]:
    """Return the title and the whole body of a push: nothing that may not be read by others."""
    title = say(reader.language, HEADS[letter.purpose])
    shown = Shown(
        title=title,
        body=letter.push,
        navigate=letter.link,
        lang=reader.language,
        dir=direction(reader.language),
        tag=letter.tag,
        silent=letter.purpose in QUIET,
    )
    pressing = letter.purpose == "offer" and letter.expires_at - now <= SOON
    ours = {"purpose": letter.purpose, "urgent": pressing or letter.purpose in HASTY}
    return title, notification(shown, ours=ours).decode()


def _message(
    reader: Reader,
    letter: Letter,
    message_id: UUID,
    way: Way,
    recipient: str,
    subject: str | None,
    body: str,
    now: datetime,
) -> Message:
    return Message(
        id=message_id,
        channel=way,
        purpose=letter.purpose,
        language=reader.language,
        recipient=recipient,
        subject=subject,
        body=body,
        user_id=reader.user_id,
        interpreter_id=reader.interpreter_id,
        offer_id=letter.offer_id,
        booking_id=letter.booking_id,
        attachment=letter.attachment if way == "mail" else None,
        expires_at=letter.expires_at,
        created_at=now,
    )
