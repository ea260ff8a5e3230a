"""Whoever wants to interpret for a network says so themselves; nobody is asked by that alone.

The answer never tells whether the address is known: somebody who is on the roster stays as they
are. How many may apply in a day is bounded, so that nobody fills a roster.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.calls import run
from interpreters.application.interpreters import InterpreterOrder, add_profile
from interpreters.application.networks import list_networks
from interpreters.application.sign_in import find_network
from interpreters.database import Db, Pool
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Refusal
from interpreters.sql import audit, interpreters, networks

DAY: Final = timedelta(days=1)
MOST: Final = 200  # in a day


class ApplicationsClosed(Refusal):
    """There is no such network, or it takes no applications; the two are not told apart."""

    code = "applications-closed"
    title = "No applications are taken here"


class TooManyApplications(Refusal):
    """More people applied today than anybody could look at."""

    code = "too-many-applications"
    title = "So many people applied that no more are taken today"


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """Who applies, and what they write of themselves; `network` is a slug or an id."""

    network: str | None
    order: InterpreterOrder
    message: str | None


async def apply_to_interpret(
    pool: Pool, *, application: Callable[[], Application], now: datetime
) -> None:
    """Keep an application, for a coordinator to look at.

    Raises:
        Invalid: no network is named, and there are several.
        ApplicationsClosed: the network takes none, or there is none such.
        TooManyApplications: 200 came within a day.
    """
    wanted = application()
    network_id = find_network(await list_networks(pool), wanted.network)
    if network_id is None:
        raise ApplicationsClosed
    await run(pool, network_id, lambda db: _apply(db, network_id, wanted, now))


async def _apply(db: Db, network_id: UUID, wanted: Application, now: datetime) -> None:
    network = await networks.get(db, network_id=network_id)
    if not network.applications_open:
        raise ApplicationsClosed
    since = now - DAY
    if await interpreters.count_applied(db, network_id=network_id, since=since, limit=MOST) >= MOST:
        raise TooManyApplications(retry_after=int(DAY.total_seconds()))
    if await _is_known(db, network_id, wanted.order):
        return
    applicant = Caller(network_id=network_id, role="interpreter", scopes=frozenset())
    profile = await add_profile(
        db, network=network, order=wanted.order, now=now, stage="applied",
        stage_reason=wanted.message,
    )  # fmt: skip
    await audit.write(
        db, caller=applicant, action="applied", subject_kind="interpreter",
        subject_ids=[profile.id], now=now,
    )  # fmt: skip


async def _is_known(db: Db, network_id: UUID, order: InterpreterOrder) -> bool:
    """Tell whether somebody has the address: they are not put on the roster twice."""
    return bool(
        await interpreters.of_marks(
            db,
            network_id=network_id,
            emails=[order.email] if order.email is not None else [],
            phones=[order.phone] if order.phone is not None else [],
        )
    )
