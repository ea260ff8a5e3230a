"""`keys rotate`: a new secret key, everything sealed with it, and the old keys taken away."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from interpreters.application.networks import check_keys
from interpreters.application.rotation import (
    StillRunning,
    count_old,
    reseal,
    wait_for_writers,
)
from interpreters.cli.options import DataDir, chosen
from interpreters.cli.reach import reached
from interpreters.database import GONE, Pool, open_pool
from interpreters.embedded.trouble import Trouble
from interpreters.sample.progress import shown_progress
from interpreters.secret_keys import (
    WrongKeys,
    changing,
    encoded,
    key_file,
    new_key,
    read_keys,
    write_keys,
)
from interpreters.settings import Settings
from interpreters.vault import LOOK, SETTLING, vault_from

TEXT: Final = "Sealing with the new key"

DropOld = Annotated[
    bool, typer.Option("--drop-old", help="Afterwards take the old keys away, for ever.")
]


def rotate(*, drop_old: DropOld = False, data_dir: DataDir = None) -> None:
    """Add a secret key and seal everything with it; everybody goes on working meanwhile.

    A file with several keys is a rotation that was begun: it is finished, no key is added.
    """
    settings = reached(chosen(data_dir=data_dir))
    try:
        if settings.secret_keys is None:
            _in_file(settings, key_file(settings), drop_old=drop_old)
        else:
            _in_environment(settings)
    except (WrongKeys, StillRunning) as wrong:
        raise Trouble(str(wrong)) from wrong
    except (*GONE, RuntimeError) as error:
        raise Trouble(f"the database cannot be used: {error}") from error


def _in_file(settings: Settings, file: Path, *, drop_old: bool) -> None:
    with changing(file):
        asyncio.run(_sealing(settings, before=lambda: _add_key(file)))
        keys = read_keys(file)
        newest = max(keys)
        if drop_old:
            _write(file, {newest: keys[newest]})
            _say(f"everything is sealed with key {newest}, the only one in {file}")
        else:
            _say(
                f"everything is sealed with key {newest}; the old ones are still in {file}, for "
                "backups of the database: `interpreters keys rotate --drop-old` takes them away"
            )


def _in_environment(settings: Settings) -> None:
    vault = vault_from(settings)
    number = vault.numbers[-1] + 1
    if len(vault.numbers) == 1:
        sys.stdout.write(f"{number}:{encoded(new_key())}\n")
        raise Trouble(
            "the keys come from INTERPRETERS_SECRET_KEYS: add this new one there, after a comma, "
            "restart every process, and run this command again"
        )
    asyncio.run(_sealing(settings, before=lambda: None))
    _say(
        f"everything is sealed with key {number - 1}: take the others out of "
        "INTERPRETERS_SECRET_KEYS (keep them with your backups) and restart every process"
    )


def _add_key(file: Path) -> None:
    keys = read_keys(file)
    if len(keys) == 1:
        _write(file, {**keys, max(keys) + 1: new_key()})


def _write(file: Path, keys: dict[int, bytes]) -> None:
    try:
        write_keys(file, keys)
    except OSError as error:
        raise WrongKeys(f"the secret keys {file} cannot be changed: {error.strerror}") from error


async def _sealing(settings: Settings, *, before: Callable[[], None]) -> None:
    """Seal everything with the newest key once every process seals with it.

    Raises:
        Trouble: some rows could not be sealed.
    """
    assert settings.database_url is not None  # reached gives it
    vault = vault_from(settings)
    pool = await open_pool(settings.database_url, vault=vault, size=2)
    try:
        await check_keys(pool)
        before()
        await _settled()
        await wait_for_writers(pool)
        if old := await _shown(pool):
            where = ", ".join(f"{count} in {table}" for table, count in old.items())
            raise Trouble(
                f"rows that are not sealed with key {vault.newest}: {where}. They are being "
                "written, or no key opens them. No key was taken away; run the command again"
            )
    finally:
        await pool.close()


async def _settled() -> None:
    """Wait until every process has looked at the file, and seals with the newest key."""
    await asyncio.sleep(SETTLING + 2 * LOOK)


async def _shown(pool: Pool) -> dict[str, int]:
    total = sum((await count_old(pool)).values())
    done = 0
    with shown_progress(sys.stderr, TEXT) as progress:

        def told(count: int) -> None:
            nonlocal done
            done = min(done + count, total)
            progress(done, total)

        return dict(await reseal(pool, told=told))


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
