"""What people are sent, in tests: the jobs that write and send it, run by hand."""

from datetime import datetime
from typing import Any

from centre import Centre
from interpreters.application.calls import run
from interpreters.application.due import Due, Kind
from interpreters.application.messages import Carriers
from interpreters.application.people_messages import Outgoing
from interpreters.application.told_people import People
from interpreters.database import Db
from interpreters.jobs.approvals import approver
from interpreters.jobs.deliveries import deliverer
from interpreters.jobs.messages import sender
from interpreters.jobs.reminders import reminder
from interpreters.sql import messages
from interpreters.sql.messages import Message

SITE = "https://tolki.example"
KEPT: Carriers = {"mail": None, "text": None}


class Post:
    """The worker's jobs about people, for one centre."""

    def __init__(self, centre: Centre, carriers: Carriers = KEPT) -> None:
        self.centre = centre
        self.out = Outgoing(base_url=SITE, ways=frozenset(carriers))
        self.jobs: dict[Kind, Any] = {
            "outbox": deliverer([People(self.out)]),
            "message": sender(carriers, texts_per_day=1000),
            "reminder": reminder(self.out),
            "approval": approver(self.out),  # where a test asks for it
        }

    async def work(self) -> None:
        """Do all that is due by the clock, as the worker does."""
        for kind in ("outbox", "reminder", "message"):
            for one in await self.due(kind):
                await self.jobs[one.kind](
                    self.centre.network.pool, network_id=one.network_id, id=one.id,
                    clock=self.centre.clock,
                )  # fmt: skip

    async def due(self, kind: Kind) -> list[Due]:
        """Return what the clock would have done by now."""
        return [one for one, at in await self.planned(kind) if at <= self.centre.clock.now]

    async def planned(self, kind: Kind) -> list[tuple[Due, datetime]]:
        """Return what the clock holds, in the order of its times."""
        network = self.centre.network

        async def read(db: Db) -> Any:
            return await db.fetch(
                "SELECT d.id, d.at FROM due d WHERE d.network_id = $1 AND d.kind = $2"
                " ORDER BY d.at, d.id",
                network.id, kind,
            )  # fmt: skip

        rows = await run(network.pool, network.id, read)
        return [(Due(network_id=network.id, kind=kind, id=row["id"]), row["at"]) for row in rows]

    async def sent(self, purpose: str | None = None) -> list[Message]:
        """Work, then return everything that was sent until now, the oldest first."""
        await self.work()
        network = self.centre.network
        kept = await run(
            network.pool,
            network.id,
            lambda db: messages.kept(db, network_id=network.id, limit=500),
        )
        return [one for one in reversed(kept) if purpose in (None, one.purpose)]

    async def purposes(self, recipient: str) -> list[str]:
        """Return what somebody was sent until now, sorted."""
        return sorted(one.purpose for one in await self.sent() if one.recipient == recipient)


def link_in(message: Message) -> str:
    """Return the path of the one-tap link in a message."""
    return message.body.partition(SITE)[2].split()[0]
