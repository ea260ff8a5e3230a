"""Who got another address is told at the old one: it may not have been they who wanted it."""

from datetime import datetime
from uuid import UUID

from interpreters.application import messages
from interpreters.application.invitations import language_of
from interpreters.application.messages import Channel, Message
from interpreters.database import Db
from interpreters.domain.ids import new_id
from interpreters.domain.wording import say
from interpreters.sql import invitations, networks
from interpreters.sql.users import User


async def tell_old_addresses(
    db: Db, *, network_id: UUID, was: User, now_is: User, now: datetime
) -> None:
    """Send a notice to each address that changed, and end the links that went there."""
    old: list[tuple[Channel, str]] = []
    if was.email is not None and was.email != now_is.email:
        old.append(("mail", was.email))
    if was.phone is not None and was.phone != now_is.phone:
        old.append(("text", was.phone))
    if not old:
        return
    await invitations.end(db, network_id=network_id, user_id=was.id, now=now)
    network = await networks.get(db, network_id=network_id)
    language = language_of(was, network)
    for channel, recipient in old:
        await messages.post(
            db,
            network_id=network_id,
            message=_notice(was.id, language, network.name, channel, recipient, now),
        )


def _notice(
    user_id: UUID, language: str, network: str, channel: Channel, recipient: str, now: datetime
) -> Message:
    subject = say(language, "Your address at {network} was changed", network=network)
    return Message(
        id=new_id(now),
        channel=channel,
        purpose="address-changed",
        language=language,
        user_id=user_id,
        recipient=recipient,
        subject=subject if channel == "mail" else None,
        body=say(
            language,
            "Your address at {network} was changed: from now on you sign in with the new one. "
            "If you did not want this, tell the people who run {network}.",
            network=network,
        ),
        created_at=now,
    )
