"""What people would be sent, as a demonstration keeps it instead."""

import re
from typing import Any

from api import Network
from interpreters.application.calls import run
from interpreters.application.messages import kept_messages
from interpreters.jobs.messages import sender
from interpreters.sql.messages import Message


async def letters(network: Network) -> list[Message]:
    """Have everything that waits kept, as the worker of a demonstration does; newest first."""
    keep = sender({"mail": None, "text": None}, texts_per_day=100)

    async def waiting(db: Any) -> list[Any]:
        rows = await db.fetch("SELECT id FROM due WHERE kind = 'message' ORDER BY id")
        return [row["id"] for row in rows]

    for one in await run(network.pool, network.id, waiting):
        await keep(network.pool, network_id=network.id, id=one, clock=lambda: network.now)
    return await kept_messages(network.pool, network_id=network.id, limit=50)


def code_in(message: Message) -> str:
    """Return the code a message tells."""
    found = re.search(r"\b\d{6}\b", message.body)
    assert found is not None
    return found[0]


def link_in(message: Message) -> str:
    """Return the path of the invitation a message holds."""
    found = re.search(r"https?://[^/\s]+(/join/in_[0-9A-Z]+)", message.body)
    assert found is not None
    return found[1]
