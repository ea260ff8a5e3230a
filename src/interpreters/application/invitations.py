"""Invitations: a link that signs one person in once, whoever else reads the same mailbox.

The link is bound to the user, not to the address it was sent to. Looking at it changes nothing,
because mail scanners open links before people do; using it up is a form's POST.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application import messages
from interpreters.application.calls import run
from interpreters.application.messages import Channel, Message
from interpreters.application.sign_ins import SignedIn, add_sign_in
from interpreters.database import Db, Pool
from interpreters.domain.callers import Role
from interpreters.domain.errors import NotSignedIn, Refusal
from interpreters.domain.ids import new_id
from interpreters.domain.tokens import network_of, new_token, token_hash
from interpreters.domain.wording import page_tag, say
from interpreters.sql import interpreters, invitations, networks, users
from interpreters.sql.invitations import Invitation
from interpreters.sql.networks import Network
from interpreters.sql.users import User

LASTS: Final = timedelta(days=7)
ENGLISH: Final = "en"


class InvitationOver(Refusal):
    """The link was used, is older than seven days, was replaced, or never was."""

    code = "invitation-over"
    title = "This invitation is no longer valid"


class NoAddress(Refusal):
    """Neither a mail address nor a telephone number is known of them."""

    code = "no-address"
    title = "There is no address to send the invitation to"


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A new invitation's token: the only time it is seen."""

    token: str
    expires_at: datetime


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """Whom an invitation is for."""

    display_name: str | None
    roles: Sequence[Role]
    network: str
    language: str | None


async def add_link(db: Db, *, network_id: UUID, user_id: UUID, now: datetime) -> Link:
    """Make a new link for the user; older ones end."""
    await invitations.end(db, network_id=network_id, user_id=user_id, now=now)
    token = new_token(network_id, "in")
    made = Invitation(id=new_id(now), user_id=user_id, expires_at=now + LASTS)
    await invitations.insert(
        db, network_id=network_id, invitation=made, token_hash=token_hash(token), now=now
    )
    return Link(token=token, expires_at=made.expires_at)


async def send_invitation(
    db: Db, *, network_id: UUID, user: User, base_url: str, now: datetime
) -> None:
    """Make a new link for the user and send it; older ones end.

    Raises:
        NoAddress: nothing is known to send it to.
    """
    network = await networks.get(db, network_id=network_id)
    channel, recipient = await address_of(db, network_id=network_id, user=user)
    link = await add_link(db, network_id=network_id, user_id=user.id, now=now)
    letter = _letter(network, user, channel, recipient, f"{base_url}/join/{link.token}", now)
    await messages.post(db, network_id=network_id, message=letter)


async def address_of(db: Db, *, network_id: UUID, user: User) -> tuple[Channel, str]:
    """Return how to reach the user: their own addresses, else those on the roster.

    Raises:
        NoAddress: nothing is known.
    """
    mail, phone = user.email, user.phone
    if mail is None and phone is None and user.interpreter_id is not None:
        found = await interpreters.find(
            db, network_id=network_id, interpreter_id=user.interpreter_id
        )
        assert found is not None  # the foreign key holds it
        mail, phone = found.email, found.phone
    if mail is not None:
        return "mail", mail
    if phone is not None:
        return "text", phone
    raise NoAddress


def language_of(user: User, network: Network) -> str:
    """Return the page language to write to the user in: their own, else the network's."""
    return user.language or page_tag(network.working_language or "") or ENGLISH


async def show_invitation(pool: Pool, *, token: str, now: datetime) -> Invited:
    """Return whom the link is for; nothing changes by it.

    Raises:
        InvitationOver: there is no such link, or no longer.
    """
    network_id = _network(token)

    async def work(db: Db) -> Invited:
        found = await invitations.find(
            db, network_id=network_id, token_hash=token_hash(token), now=now
        )
        user = await _active(db, network_id, found)
        network = await networks.get(db, network_id=network_id)
        return Invited(
            display_name=user.display_name,
            roles=user.roles,
            network=network.name,
            language=user.language,
        )

    return await run(pool, network_id, work)


async def accept_invitation(
    pool: Pool, *, token: str, device: str | None, now: datetime
) -> SignedIn:
    """Use the link up and sign its person in on this device.

    Raises:
        InvitationOver: there is no such link, or no longer.
    """
    network_id = _network(token)

    async def work(db: Db) -> SignedIn:
        used = await invitations.use(
            db, network_id=network_id, token_hash=token_hash(token), now=now
        )
        user = await _active(db, network_id, used)
        return await add_sign_in(
            db, network_id=network_id, user=user, how="invitation", device=device, now=now
        )

    return await run(pool, network_id, work)


def _network(token: str) -> UUID:
    try:
        return network_of(token, "in")
    except NotSignedIn as error:
        raise InvitationOver from error


async def _active(db: Db, network_id: UUID, found: Invitation | None) -> User:
    if found is None:
        raise InvitationOver
    user = await users.find(db, network_id=network_id, user_id=found.user_id)
    if user is None or not user.active or not user.roles:
        raise InvitationOver
    return user


def _letter(
    network: Network, user: User, channel: Channel, recipient: str, link: str, now: datetime
) -> Message:
    language = language_of(user, network)
    return Message(
        id=new_id(now),
        channel=channel,
        purpose="invitation",
        language=language,
        user_id=user.id,
        recipient=recipient,
        subject=say(language, "Your invitation to {network}", network=network.name)
        if channel == "mail"
        else None,
        body=say(
            language,
            "{name}: this link signs you in to {network}. It works once, for 7 days: {link}",
            name=user.display_name or recipient,
            network=network.name,
            link=link,
        ),
        expires_at=now + LASTS,
        created_at=now,
    )
