"""`python -m interpreters.sample`: the sample network, made if it is not there, and what to try.

A process of its own that `demo` runs once. The welcome goes to stdout as JSON, progress to stderr.
"""

import sys
from datetime import UTC, datetime

import msgspec
import uvloop

from interpreters.application.calls import run
from interpreters.application.keys import create_owner_key
from interpreters.application.networks import check_keys
from interpreters.database import Db, Pool, open_pool
from interpreters.domain import ids
from interpreters.domain.callers import Role
from interpreters.embedded.processes import die_with_parent
from interpreters.sample.progress import shown_progress
from interpreters.sample.seeding import SampleNetwork, find, seed
from interpreters.sample.staff import add_staff
from interpreters.sample.welcome import commands
from interpreters.secret_keys import right_keys_or_exit
from interpreters.settings import Settings, load_or_exit
from interpreters.vault import vault_from

CONNECTIONS = 2  # more are slower: the work is done by processors, not by waiting


class Welcome(msgspec.Struct, frozen=True, kw_only=True):
    """Keys by role, ids by noun, and commands that use both, in an order that works."""

    keys: dict[str, str]
    ids: dict[str, str]
    lines: list[str]


async def prepare(settings: Settings, *, now: datetime) -> Welcome:
    """Find or make the sample network, and make keys for its visitors."""
    assert settings.database_url is not None  # `demo` gives it
    pool = await open_pool(
        settings.database_url, vault=vault_from(settings), size=CONNECTIONS, durable=False
    )
    try:
        await check_keys(pool)
        sample = await find(pool)
        if sample is None:
            with shown_progress(sys.stderr) as progress:
                sample = await seed(pool, progress=progress, now=now)
        await add_staff(
            pool, network_id=sample.network_id, institution_id=sample.institution_id, now=now
        )
        return await welcome_of(pool, sample, now)
    finally:
        await pool.close()


async def welcome_of(pool: Pool, sample: SampleNetwork, now: datetime) -> Welcome:
    """Make keys for visitors of the sample network, and say what to try with them."""
    return Welcome(
        keys={
            "coordinator": await _key(pool, sample, "coordinator", now),
            "finance": await _key(pool, sample, "finance", now),
            "institution": await _key(pool, sample, "institution", now),
            "interpreter": await _key(pool, sample, "interpreter", now),
        },
        ids={
            "network_id": ids.show_id(ids.NETWORK, sample.network_id),
            "institution_id": ids.show_id(ids.INSTITUTION, sample.institution_id),
            "site_id": ids.show_id(ids.SITE, sample.site_id),
            "interpreter_id": ids.show_id(ids.INTERPRETER, sample.interpreter_id),
        },
        lines=commands(now),
    )


async def _key(pool: Pool, sample: SampleNetwork, role: Role, now: datetime) -> str:
    async def work(db: Db) -> str:
        made = await create_owner_key(
            db,
            network_id=sample.network_id,
            role=role,
            institution_id=sample.institution_id if role == "institution" else None,
            interpreter_id=sample.interpreter_id if role == "interpreter" else None,
            scopes=(),
            now=now,
        )
        return made.token

    return await run(pool, sample.network_id, work)


def main() -> None:
    """Print the welcome."""
    settings = load_or_exit()
    if settings.supervised:
        die_with_parent()
    now = datetime.now(UTC)  # noqa: TID251 - a process reads the clock
    with right_keys_or_exit():
        welcome = uvloop.run(prepare(settings, now=now))
    sys.stdout.write(msgspec.json.encode(welcome).decode() + "\n")


if __name__ == "__main__":
    main()
