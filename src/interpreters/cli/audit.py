"""`audit`: is what every session cost the same as what every statement says?"""

import asyncio
import sys
from typing import Annotated

import typer

from interpreters.application.ledger_checks import check_ledger
from interpreters.application.networks import check_keys, list_networks
from interpreters.cli.named import network_named
from interpreters.cli.options import DataDir, chosen
from interpreters.cli.reach import reached
from interpreters.database import GONE, open_pool
from interpreters.embedded.trouble import Trouble
from interpreters.secret_keys import WrongKeys
from interpreters.settings import Settings
from interpreters.vault import vault_from

app = typer.Typer(add_completion=False)


@app.command()
def audit(
    network: Annotated[
        str | None, typer.Option(help="Its name or id; without it all of them.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Add up the whole ledger again; prints what differs, one line each, and ends with 1 then."""
    try:
        settings = reached(chosen(data_dir=data_dir))
        faults = asyncio.run(_audit(settings, network))
    except WrongKeys as wrong:
        raise Trouble(str(wrong)) from wrong
    except (*GONE, RuntimeError) as error:
        raise Trouble(f"the database cannot be used: {error}") from error
    if faults:
        sys.stdout.write(f"differences: {faults}\n")
        raise typer.Exit(1)
    sys.stdout.write("everything adds up\n")


async def _audit(settings: Settings, network: str | None) -> int:
    """Print the faults and return how many they are."""
    assert settings.database_url is not None  # reached gives it
    pool = await open_pool(
        settings.database_url, vault=vault_from(settings), size=1, statement_timeout_seconds=60
    )
    faults = 0
    try:
        await check_keys(pool)
        known = await list_networks(pool)
        wanted = list(known.values()) if network is None else [network_named(known, network)]
        for network_id in wanted:
            async for fault in check_ledger(pool, network_id=network_id):
                sys.stdout.write(f"{fault.id}: {fault.what}\n")
                faults += 1
    finally:
        await pool.close()
    return faults
