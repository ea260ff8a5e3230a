"""Things that happened, told as use-cases tell them, for tests about telling."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

from interpreters.application.calls import run
from interpreters.application.networks import open_network
from interpreters.application.telling import tell
from interpreters.database import Pool
from interpreters.domain.ids import new_id
from interpreters.sql.outbox import Notice

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


async def centre(pool: Pool, *, slug: str = "centre", now: datetime = NOON) -> UUID:
    """Open a network and return its id."""
    network = await open_network(
        pool, name="Centre", slug=slug, time_zone="Europe/Riga", currency="EUR", country="LV",
        working_language="lav", now=now,
    )  # fmt: skip
    return network.network_id


def about_request(
    request_id: UUID | None = None, *, kind: str = "created", institution_id: UUID | None = None
) -> Notice:
    """Return what is told of a request."""
    request_id = request_id or new_id(NOON)
    return Notice(
        type=f"request.{kind}", subject_kind="request", subject_id=request_id,
        request_id=request_id, institution_id=institution_id, state="searching",
    )  # fmt: skip


async def told(pool: Pool, network_id: UUID, *notices: Notice, now: datetime = NOON) -> None:
    """Tell the notices in one transaction."""
    await run(
        pool, network_id, lambda db: tell(db, network_id=network_id, notices=notices, now=now)
    )


@contextmanager
def chance(seed: int) -> Iterator[random.Random]:
    """Give random choices, and say with which seed when the block fails."""
    try:
        yield random.Random(seed)
    except BaseException as error:
        error.add_note(f"with the seed {seed}")
        raise


def number() -> UUID:
    """Return any id."""
    return uuid4()
