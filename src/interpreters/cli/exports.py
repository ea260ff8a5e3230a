"""`export`: what is held about one person, as JSON, by whoever has the machine."""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
import typer

from interpreters.application.exports import (
    Export,
    export_client,
    export_interpreter,
    export_user,
)
from interpreters.application.networks import check_keys, list_networks
from interpreters.cli.named import network_named
from interpreters.cli.options import DataDir, chosen
from interpreters.cli.reach import reached
from interpreters.database import GONE, Db, open_pool, transaction
from interpreters.domain.callers import house
from interpreters.domain.errors import NotFound
from interpreters.domain.ids import CLIENT, INTERPRETER, USER, read_id
from interpreters.embedded.trouble import Trouble
from interpreters.secret_keys import WrongKeys
from interpreters.settings import Settings
from interpreters.vault import vault_from

app = typer.Typer(add_completion=False)


@app.command()
def export(
    person: Annotated[
        str, typer.Argument(help="A client (cli_…), an interpreter (int_…) or a user (usr_…).")
    ],
    network: Annotated[
        str | None, typer.Option(help="Its name or id, when there are several.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Print what is held about one person as JSON, without anything of others; it is noted."""
    try:
        settings = reached(chosen(data_dir=data_dir))
        found = asyncio.run(_export(settings, person, network, now=datetime.now(UTC)))
    except NotFound as refusal:
        raise Trouble(f"there is nobody with the id {person}") from refusal
    except WrongKeys as wrong:
        raise Trouble(str(wrong)) from wrong
    except (*GONE, RuntimeError) as error:
        raise Trouble(f"the database cannot be used: {error}") from error
    text = msgspec.json.format(msgspec.json.encode(found), indent=2)
    sys.stdout.write(f"{text.decode()}\n")


async def _export(settings: Settings, person: str, network: str | None, *, now: datetime) -> Export:
    assert settings.database_url is not None  # reached gives it
    pool = await open_pool(settings.database_url, vault=vault_from(settings), size=1)
    try:
        await check_keys(pool)
        network_id = network_named(await list_networks(pool), network)
        async with transaction(pool, network_id) as db:
            return await _of(db, network_id, person, now)
    finally:
        await pool.close()


async def _of(db: Db, network_id: UUID, person: str, now: datetime) -> Export:
    """Return the export of whatever kind of person the id is of.

    Raises:
        NotFound: there is none such.
    """
    caller, kind = house(network_id), person.partition("_")[0]
    if kind == INTERPRETER:
        one = read_id(INTERPRETER, person)
        return await export_interpreter(db, caller, interpreter_id=one, now=now)
    if kind == USER:
        return await export_user(db, caller, user_id=read_id(USER, person), now=now)
    return await export_client(db, caller, client_id=read_id(CLIENT, person), now=now)
