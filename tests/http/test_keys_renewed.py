"""Keys that were made before a scope was there: listed with what they lack, and renewed."""

import json
import subprocess
import sys
from typing import Any

import anyio
import pytest

from api import Api, Network, serving
from conftest import Clock
from faults.workers import clean
from interpreters.application.calls import run
from interpreters.application.key_renewal import lacking, renew_key
from interpreters.application.keys import create_key
from interpreters.database import Pool
from interpreters.domain.callers import SCOPES, Caller
from interpreters.domain.errors import Invalid, NotFound
from interpreters.domain.ids import KEY, new_id, read_id, show_id
from sealing import SECRET_KEYS
from servers import database_url

pytestmark = pytest.mark.anyio
OLDER = frozenset(SCOPES["coordinator"]) - {"tariffs:write", "expenses:write"}


async def older_key(network: Network, clock: Clock) -> tuple[Api, Any]:
    """Return a coordinator's key of a version that did not know two scopes."""
    holder = Caller(network_id=network.id, role="coordinator", scopes=OLDER)
    made = await run(
        network.pool, network.id,
        lambda db: create_key(db, holder=holder, expires_at=None, now=clock.now),
    )  # fmt: skip
    return Api(network.client, made.token), made.key


async def test_a_renewed_key_may_do_what_its_role_may_by_now_with_the_same_token(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        api, key = await older_key(network, clock)
        assert lacking(key) == ["tariffs:write", "expenses:write"]
        body = {"name": "A", "currency": "EUR", "valid_from": "2026-01-01", "rates": []}
        assert (await api.post("/v1/tariffs", body)).status_code == 403
        renewed = await run(
            pool, network.id,
            lambda db: renew_key(
                db, network_id=network.id, key_id=key.id, scopes=["tariffs:write"], now=clock.now
            ),
        )  # fmt: skip
        assert lacking(renewed) == ["expenses:write"]
        assert (await api.post("/v1/tariffs", body)).status_code != 403
        whole = await run(
            pool, network.id,
            lambda db: renew_key(
                db, network_id=network.id, key_id=key.id, scopes=[], now=clock.now
            ),
        )  # fmt: skip
        assert lacking(whole) == []
        noted = (await api.get("/v1/audit")).json()["items"]
        assert [one["action"] for one in noted].count("renewed") == 2


async def test_a_test_key_is_renewed_where_it_works(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, _ = await network.institution()
        coordinator = await network.caller("coordinator")
        path = f"/v1/institutions/{institution}/keys"
        made = await coordinator.post(path, {"mode": "test", "scopes": ["requests:read"]})
        api = Api(network.client, made.json()["token"])
        assert (await api.get("/v1/bookings")).status_code == 403
        await run(
            pool, network.id,
            lambda db: renew_key(
                db, network_id=network.id, key_id=read_id(KEY, made.json()["id"]), scopes=[],
                now=clock.now,
            ),
        )  # fmt: skip
        assert (await api.get("/v1/bookings")).status_code == 200


async def test_nobody_elses_and_no_ended_key_is_renewed_nor_given_what_its_role_never_has(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        _, key = await older_key(network, clock)

        async def renewed(key_id: Any, scopes: list[str]) -> None:
            await run(
                pool, network.id,
                lambda db: renew_key(
                    db, network_id=network.id, key_id=key_id, scopes=scopes, now=clock.now
                ),
            )  # fmt: skip

        with pytest.raises(NotFound):
            await renewed(new_id(clock.now), [])
        with pytest.raises(Invalid):
            await renewed(key.id, ["offers:write"])


def run_keys(database: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    given = {
        "DATABASE_URL": database_url(role="interpreters_app", database=database),
        "REDIS_URL": "redis://127.0.0.1:9",
        "SECRET_KEYS": SECRET_KEYS,
    }
    return subprocess.run(
        [sys.executable, "-m", "interpreters", "keys", *arguments],
        env={**clean(), **{f"INTERPRETERS_{name}": one for name, one in given.items()}},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


async def test_the_command_line_lists_what_keys_lack_and_renews_one(
    pool: Pool, clock: Clock, database: str
) -> None:
    async with serving(pool, clock) as network:
        _, key = await older_key(network, clock)
        shown = show_id(KEY, key.id)
        listed = await anyio.to_thread.run_sync(run_keys, database, "list", "--json")
        assert listed.returncode == 0, listed.stderr
        (one,) = [each for each in json.loads(listed.stdout) if each["id"] == shown]
        assert one["lacks"] == ["tariffs:write", "expenses:write"]
        table = await anyio.to_thread.run_sync(run_keys, database, "list")
        assert f"{shown}  coordinator" in table.stdout
        done = await anyio.to_thread.run_sync(run_keys, database, "renew", shown)
        assert done.returncode == 0, done.stderr
        assert "tariffs:write" in done.stdout
        again = await anyio.to_thread.run_sync(run_keys, database, "list", "--json")
        assert {tuple(each["lacks"]) for each in json.loads(again.stdout)} == {()}
        nobody = await anyio.to_thread.run_sync(run_keys, database, "renew", "key_" + "0" * 26)
        assert (nobody.returncode, "no such key" in nobody.stderr) == (2, True)
