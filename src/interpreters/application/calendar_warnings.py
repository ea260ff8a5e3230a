"""Telling an interpreter that their other calendar has not been readable for days: once."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from interpreters.application import messages
from interpreters.application.messages import Channel, Message
from interpreters.application.people_messages import Outgoing, reader_of
from interpreters.database import Db
from interpreters.domain.external_calendars import host_of
from interpreters.domain.wording import say
from interpreters.sql import networks, told_people
from interpreters.sql.external_calendars import ExternalCalendar

PURPOSE: Final = "calendar-unreadable"
WAYS: Final[tuple[Channel, ...]] = ("mail", "text")  # the better one first
USEFUL: Final = timedelta(days=7)


async def warn_unreadable(
    db: Db, out: Outgoing, *, network_id: UUID, calendar: ExternalCalendar, now: datetime
) -> None:
    """Tell the interpreter, unless they were told of this failure: the message's id follows from

    when it began.
    """
    found = await told_people.interpreters(db, network_id=network_id, ids=[calendar.interpreter_id])
    person = found.get(calendar.interpreter_id)
    if person is None or calendar.failing_since is None:
        return
    reader = reader_of(person, await networks.get(db, network_id=network_id))
    ready: list[Channel] = [one for one in WAYS if one in out.ways and reader.addresses.get(one)]
    if not ready:
        return
    way = ready[0]
    head = say(reader.language, "Your other calendar cannot be read")
    link = f"{out.base_url}/sign-in"
    more = say(
        reader.language,
        "Your calendar at {host} has not been readable for three days. "
        "What is known of it still counts. Please give its address again: {link}",
        host=host_of(calendar.url),
        link=link,
    )
    message = Message(
        id=uuid5(calendar.interpreter_id, f"{PURPOSE} {calendar.failing_since.isoformat()}"),
        channel=way,
        purpose=PURPOSE,
        language=reader.language,
        recipient=reader.addresses[way],
        subject=head if way == "mail" else None,
        body=f"{more}\n" if way == "mail" else f"{head}: {link}",
        user_id=reader.user_id,
        interpreter_id=calendar.interpreter_id,
        expires_at=now + USEFUL,
        created_at=now,
    )
    await messages.post(db, network_id=network_id, message=message)
