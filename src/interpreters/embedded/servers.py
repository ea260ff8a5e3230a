"""The embedded servers together: which are wanted, who they run as, whether they can reach it."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from interpreters.embedded.binaries import find_postgres, find_valkey
from interpreters.embedded.folder import Servers, socket_folder
from interpreters.embedded.kept import Kept
from interpreters.embedded.postgres import APP, OWNER, Postgres, run_postgres
from interpreters.embedded.roots import (
    Account,
    How,
    choose_account,
    first_closed,
    within_reach,
)
from interpreters.embedded.trouble import Trouble
from interpreters.embedded.valkey import Valkey, run_valkey
from interpreters.settings import Settings

COPIES: Final = "programs"


@contextlib.contextmanager
def run_servers(
    data_dir: Path, settings: Settings, *, how: How | None = None, kept: list[Kept] | None = None
) -> Iterator[Servers]:
    """Run from a held folder those servers the settings give no address of.

    `how` forces who they run as. The answer holds every address, given or our own; `kept` gets
    our own, to be looked at.

    Raises:
        Trouble: one cannot start.
    """
    with contextlib.ExitStack() as stack:
        database_url, owner_url = settings.database_url, settings.owner_database_url
        redis_url = settings.redis_url
        if database_url is None:
            postgres = stack.enter_context(_postgres(data_dir, settings, how))
            database_url, owner_url = postgres.url(APP), postgres.url(OWNER)
            _add(kept, postgres.kept)
        if redis_url is None:
            valkey = stack.enter_context(_valkey(data_dir, settings, how))
            redis_url = valkey.url
            _add(kept, valkey.kept)
        yield Servers(
            pid=os.getpid(),
            database_url=database_url,
            owner_database_url=owner_url,
            redis_url=redis_url,
        )


@contextlib.contextmanager
def _postgres(data_dir: Path, settings: Settings, how: How | None) -> Iterator[Postgres]:
    programs = find_postgres(settings.pg_bin)
    account = choose_account(programs / "postgres", how=how)
    programs = within_reach(programs, account, copies=_open_to(account, data_dir))
    with (
        socket_folder(data_dir, account, name="postgres") as sockets,
        run_postgres(data_dir, programs=programs, sockets=sockets, account=account) as server,
    ):
        yield server


@contextlib.contextmanager
def _valkey(data_dir: Path, settings: Settings, how: How | None) -> Iterator[Valkey]:
    program = find_valkey(settings.valkey_bin)
    account = choose_account(program, how=how)
    copies = _open_to(account, data_dir)
    program = within_reach(program.parent, account, copies=copies) / program.name
    with (
        socket_folder(data_dir, account, name="valkey") as sockets,
        run_valkey(data_dir, program=program, sockets=sockets, account=account) as server,
    ):
        yield server


def _add(kept: list[Kept] | None, one: Kept) -> None:
    if kept is not None:
        kept.append(one)


def _open_to(account: Account, data_dir: Path) -> Path:
    """Let the account walk through the data folder, ours alone; return where copies may lie.

    Raises:
        Trouble: a folder above it is closed to the account. Those are not ours to open.
    """
    copies = data_dir / COPIES
    if account.how == "nobody":
        data_dir.chmod(0o711)
        if closed := first_closed(data_dir, account):
            raise Trouble(
                "started as root where user namespaces are refused, the servers run as an "
                f"unprivileged user, who may not enter {closed}: choose a data folder such as "
                "/var/lib/interpreters with --data-dir, or start as an ordinary user"
            )
        copies.mkdir(exist_ok=True, mode=0o711)
    return copies
