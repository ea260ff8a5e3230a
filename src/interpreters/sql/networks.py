"""Every statement about the `networks` and `network_names` tables."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.errors import NotFound
from interpreters.secret_keys import WrongKeys
from interpreters.vault import vault_of

CHECK: Final = "whoever reads this has the right keys"


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """One operator with its roster and customers: the tenant.

    Volunteers are asked about `volunteer_topics` only; None is all of them. `retention` is what
    the network wants otherwise than `domain/retention.py`: days by kind. With `ask_conflicts`
    details wait for a word on conflicts; within `give_back_hours` a booking is given back late.
    Silence of `approval_days` approves what was recorded; 0 asks nobody, None is the usual.
    Travel that costs more than `travel_approval_minor` is asked about beforehand. `planning` is
    what differs from `domain/planning.py`.
    """

    network_id: UUID
    name: str
    time_zone: str
    currency: str
    country: str | None
    working_language: str | None
    weights: dict[str, Any] = {}
    ladder: dict[str, Any] = {}
    roster_time_zones: Sequence[str] = ()
    applications_open: bool = False
    volunteer_topics: Sequence[str] | None = None
    retention: dict[str, int | None] = {}
    ask_conflicts: bool = False
    give_back_hours: int | None = None
    approval_days: int | None = None
    travel_approval_minor: int | None = None
    planning: dict[str, Any] = {}
    created_at: datetime
    version: int = 1


# $1 network_id, $2 name, $3 time_zone, $4 currency, $5 country, $6 working_language, $7 weights,
# $8 ladder, $9 roster_time_zones, $10 created_at, $11 version
INSERT: Final[LiteralString] = """
    INSERT INTO networks (network_id, name, time_zone, currency, country, working_language, weights,
                          ladder, roster_time_zones, created_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8::text::jsonb, $9, $10, $11)
    ON CONFLICT DO NOTHING
"""
# $1 network_id, $2 now
INSERT_PLACES: Final[LiteralString] = """
    INSERT INTO event_places (network_id, place, placed_at) VALUES ($1, 0, $2)
    ON CONFLICT DO NOTHING
"""
# $1 slug, $2 network_id
INSERT_NAME: Final[LiteralString] = """
    INSERT INTO network_names (slug, network_id) VALUES ($1, $2)
    ON CONFLICT DO NOTHING
    RETURNING slug
"""


async def insert(db: Db, *, network: Network, slug: str) -> bool:
    """Add a network under its slug; False when the slug is taken."""
    if await db.fetchval(INSERT_NAME, slug, network.network_id) is None:
        return False
    await db.execute(INSERT, *_values(network))
    await db.execute(INSERT_PLACES, network.network_id, network.created_at)
    return True


# $1 network_id, $2 network it is the twin of
SET_TWIN: Final[LiteralString] = """
    UPDATE networks AS n SET sandbox_of = $2 WHERE n.network_id = $1
"""


async def insert_twin(db: Db, *, network: Network, of: UUID) -> None:
    """Add a sandbox of network `of`, unless it is there; the directory does not name it."""
    await db.execute(INSERT, *_values(network))
    await db.execute(INSERT_PLACES, network.network_id, network.created_at)
    await db.execute(SET_TWIN, network.network_id, of)


LIST_NAMES: Final[LiteralString] = """
    SELECT n.slug, n.network_id FROM network_names n ORDER BY n.slug
"""


async def names(db: Db) -> dict[str, UUID]:
    """Return every network's slug and id, from the directory."""
    return {row["slug"]: row["network_id"] for row in await db.fetch(LIST_NAMES)}


# $1 network_id, $2 slug
RENAME: Final[LiteralString] = """
    UPDATE network_names AS n SET slug = $2 WHERE n.network_id = $1 RETURNING n.slug
"""


async def rename(db: Db, *, network_id: UUID, slug: str) -> bool:
    """Give a network another slug; False when it is not in the directory."""
    return await db.fetchval(RENAME, network_id, slug) is not None


# $1 network_id
REMOVE_NAME: Final[LiteralString] = """
    DELETE FROM network_names AS n WHERE n.network_id = $1
"""


async def remove_name(db: Db, *, network_id: UUID) -> None:
    """Take a network out of the directory, so that nobody finds it."""
    await db.execute(REMOVE_NAME, network_id)


# $1 network_id
FIND: Final[LiteralString] = """
    SELECT n.network_id, n.name, n.time_zone, n.currency, n.country, n.working_language, n.weights,
           n.ladder, n.roster_time_zones, n.applications_open, n.volunteer_topics, n.retention,
           n.ask_conflicts, n.give_back_hours, n.approval_days, n.travel_approval_minor, n.planning,
           n.created_at, n.version
    FROM networks n WHERE n.network_id = $1
"""


async def get(db: Db, *, network_id: UUID) -> Network:
    """Return the network.

    Raises:
        NotFound: there is none (a token of a deleted network).
    """
    row = await db.fetchrow(FIND, network_id)
    if row is None:
        raise NotFound
    return _network(row)


# $1 network_id. Rows that only refer to the network are not kept waiting.
HOLD: Final[LiteralString] = """
    SELECT n.network_id FROM networks n WHERE n.network_id = $1 FOR NO KEY UPDATE
"""


async def hold(db: Db, *, network_id: UUID) -> None:
    """Hold the network's row until the transaction ends: others who hold it come one by one."""
    await db.execute(HOLD, network_id)


# $1 network_id, $2 name, $3 time_zone, $4 currency, $5 country, $6 working_language, $7 weights,
# $8 ladder, $9 new version, $10 applications_open, $11 volunteer_topics,
# $12 retention, $13 ask_conflicts, $14 give_back_hours, $15 travel_approval_minor,
# $16 approval_days, $17 planning. The roster's zones are not written: others add to them meanwhile.
UPDATE: Final[LiteralString] = """
    UPDATE networks AS n
    SET name = $2, time_zone = $3, currency = $4, country = $5, working_language = $6,
        weights = $7::text::jsonb, ladder = $8::text::jsonb, version = $9,
        applications_open = $10, volunteer_topics = $11, retention = $12::text::jsonb,
        ask_conflicts = $13, give_back_hours = $14, travel_approval_minor = $15,
        approval_days = $16, planning = $17::text::jsonb
    WHERE n.network_id = $1 AND n.version = $9 - 1
    RETURNING n.network_id
"""


async def update(db: Db, *, network: Network) -> bool:
    """Write the next version; False when somebody else wrote it first."""
    fields = _values(network)
    topics = network.volunteer_topics
    return await db.fetchval(
        UPDATE, *fields[:8], fields[-1], network.applications_open,
        None if topics is None else list(topics), msgspec.json.encode(network.retention).decode(),
        network.ask_conflicts, network.give_back_hours, network.travel_approval_minor,
        network.approval_days, msgspec.json.encode(network.planning).decode(),
    ) is not None  # fmt: skip


# $1 network_id
SEALED_CHECK: Final[LiteralString] = """
    SELECT n.sealed_check FROM networks n WHERE n.network_id = $1
"""


async def check_keys(db: Db, *, network_id: UUID) -> bool:
    """Tell whether the network has a sealed check; the secret keys open it.

    Raises:
        WrongKeys: they do not.
    """
    stored = await db.fetchval(SEALED_CHECK, network_id)
    if stored is None:
        return False
    if vault_of(db).unseal(network_id, stored) != CHECK:
        raise WrongKeys("the check of the secret keys was changed")
    return True


# $1 network_id, $2 sealed_check
ADD_CHECK: Final[LiteralString] = """
    UPDATE networks AS n SET sealed_check = $2
    WHERE n.network_id = $1 AND n.sealed_check IS NULL
"""


async def add_check(db: Db, *, network_id: UUID) -> None:
    """Seal a text by which a process later knows whether it has the right keys."""
    await db.execute(ADD_CHECK, network_id, vault_of(db).seal(network_id, CHECK))


# $1 network_id, $2 time_zone
ADD_ZONE: Final[LiteralString] = """
    UPDATE networks AS n SET roster_time_zones = array_append(n.roster_time_zones, $2)
    WHERE n.network_id = $1 AND NOT ($2 = ANY (n.roster_time_zones))
"""


async def add_roster_time_zone(db: Db, *, network_id: UUID, time_zone: str) -> None:
    """Remember that somebody on the roster lives in the zone: a search computes its local hours."""
    await db.execute(ADD_ZONE, network_id, time_zone)


def _values(one: Network) -> tuple[object, ...]:
    return (
        one.network_id, one.name, one.time_zone, one.currency, one.country, one.working_language,
        msgspec.json.encode(one.weights).decode(), msgspec.json.encode(one.ladder).decode(),
        list(one.roster_time_zones), one.created_at, one.version,
    )  # fmt: skip


def _network(row: Row) -> Network:
    fields = dict(row)
    for name in ("weights", "ladder", "retention", "planning"):
        fields[name] = msgspec.json.decode(fields[name])
    return Network(**fields)
