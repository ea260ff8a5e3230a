"""Networks: opened from the command line, seen and changed by their coordinators."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from interpreters.application.places import default_working_language
from interpreters.application.plan_nights import arrange_next
from interpreters.database import Db, Pool, transaction
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import Refusal, Stale
from interpreters.domain.ids import new_id
from interpreters.secret_keys import WrongKeys
from interpreters.sql import audit, networks
from interpreters.sql.networks import Network

__all__ = [
    "Network",
    "NetworkNameTaken",
    "change_network",
    "check_keys",
    "list_networks",
    "open_network",
    "show_network",
]


class NetworkNameTaken(Refusal):
    """Another network of this installation has the slug."""

    code = "network-name-taken"
    title = "There is already a network of this name"


async def open_network(
    pool: Pool,
    *,
    name: str,
    slug: str,
    time_zone: str,
    currency: str,
    country: str | None,
    working_language: str | None,
    now: datetime,
) -> Network:
    """Open a new, empty network.

    Raises:
        NetworkNameTaken: the slug is in use.
    """
    network = Network(
        network_id=new_id(now),
        name=name,
        time_zone=time_zone,
        currency=currency,
        country=country,
        working_language=working_language or default_working_language(country),
        created_at=now,
    )
    async with transaction(pool, network.network_id) as db:
        if not await networks.insert(db, network=network, slug=slug):
            raise NetworkNameTaken
        await networks.add_check(db, network_id=network.network_id)
    return network


async def check_keys(pool: Pool, *, complete: bool = True) -> None:
    """Try the secret keys of this process on what the first network sealed when it was opened.

    Networks of before there was a vault have nothing to try: `complete` gives it to them.

    Raises:
        WrongKeys: they are not the keys of this database.
    """
    for network_id in (await list_networks(pool)).values():
        async with transaction(pool, network_id) as db:
            try:
                if await networks.check_keys(db, network_id=network_id):
                    return
            except WrongKeys as wrong:
                raise WrongKeys(
                    f"the secret keys are not those of this database ({wrong}): bring back their "
                    "file, or name it in INTERPRETERS_SECRET_KEYS_FILE"
                ) from wrong
            if complete:
                await networks.add_check(db, network_id=network_id)


async def list_networks(pool: Pool) -> dict[str, UUID]:
    """Return the slug and id of every network of this installation."""
    async with pool.acquire() as db:
        return await networks.names(db)


async def show_network(db: Db, caller: Caller) -> Network:
    """Return the caller's network."""
    permit(caller, "network:read", "coordinator", "finance")
    return await networks.get(db, network_id=caller.network_id)


async def change_network(
    db: Db,
    caller: Caller,
    *,
    if_match: int | None,
    change: Callable[[], Mapping[str, Any]],
    now: datetime,
) -> Network:
    """Change the given fields of the network.

    Raises:
        Forbidden: only coordinators may.
        Stale: it was changed since the version in If-Match.
    """
    permit(caller, "network:write", "coordinator")
    found = await networks.get(db, network_id=caller.network_id)
    if if_match not in (None, found.version):
        raise Stale
    changed = msgspec.structs.replace(
        found, **_next_versions(found, dict(change())), version=found.version + 1
    )
    if not await networks.update(db, network=changed):
        raise Stale
    if (changed.planning, changed.time_zone) != (found.planning, found.time_zone):
        await arrange_next(db, network=changed, now=now)
    await audit.write(
        db, caller=caller, action="changed", subject_kind="network",
        subject_ids=[caller.network_id], now=now,
    )  # fmt: skip
    return changed


def _next_versions(found: Network, fields: dict[str, Any]) -> dict[str, Any]:
    """Give changed weights and ladder the next version: offers keep theirs. Empty: the usual.

    Of a ladder taken back the version stays, so that none comes twice.

    Rules of retention that are not named stay.
    """
    for name in ("weights", "ladder"):
        if fields.get(name) or (name == "ladder" and name in fields and found.ladder):
            version = getattr(found, name).get("version", 1) + 1
            fields[name] = {**fields[name], "version": version}
    if "retention" in fields:
        fields["retention"] = {**found.retention, **fields["retention"]}
    return fields
