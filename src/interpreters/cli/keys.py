"""`keys`: tokens for software, made by whoever has the machine; with `list`, `renew`, `rotate`."""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
import typer

from interpreters.application.keys import MadeKey, create_owner_key
from interpreters.application.networks import check_keys, list_networks
from interpreters.cli.key_renewal import list_keys, renew
from interpreters.cli.named import network_named
from interpreters.cli.options import DataDir, chosen
from interpreters.cli.reach import reached
from interpreters.cli.rotation import rotate
from interpreters.database import GONE, open_pool, transaction
from interpreters.domain.callers import Role
from interpreters.domain.errors import Invalid, NotFound, Refusal
from interpreters.domain.ids import INSTITUTION, INTERPRETER, KEY, NETWORK, read_id, show_id
from interpreters.embedded.trouble import Trouble
from interpreters.secret_keys import WrongKeys
from interpreters.settings import Settings
from interpreters.vault import vault_from

app = typer.Typer(add_completion=False)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the options ask for."""

    role: Role
    institution_id: UUID | None
    interpreter_id: UUID | None
    network: str | None
    scopes: list[str]


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A new key as it is printed, this once."""

    id: str
    token: str
    role: str
    network_id: str
    expires_at: datetime | None


@app.callback()
def keys() -> None:
    """Make keys for software; change the secret keys that seal what is stored."""


app.command("rotate")(rotate)
app.command("list")(list_keys)
app.command("renew")(renew)


@app.command()
def create(
    *,
    role: Annotated[
        Literal["coordinator", "finance"] | None, typer.Option(help="A key for the network.")
    ] = None,
    institution: Annotated[str | None, typer.Option(help="A key for this institution.")] = None,
    interpreter: Annotated[str | None, typer.Option(help="A key for this interpreter.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="Only this; may be repeated.")] = None,
    network: Annotated[
        str | None, typer.Option(help="Its name or id, when there are several.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Make a key and print its token, which is never shown again."""
    if [role, institution, interpreter].count(None) != 2:  # noqa: PLR2004 - one of the three
        raise typer.BadParameter("give one of --role, --institution and --interpreter")
    try:
        wanted = Wanted(
            role=role or ("institution" if institution else "interpreter"),
            institution_id=read_id(INSTITUTION, institution) if institution else None,
            interpreter_id=read_id(INTERPRETER, interpreter) if interpreter else None,
            network=network,
            scopes=scope or [],
        )
        settings = reached(chosen(data_dir=data_dir))
        shown = asyncio.run(_create(settings, wanted, now=datetime.now(UTC)))
    except Refusal as refusal:
        raise Trouble(_sentence(refusal)) from refusal
    except WrongKeys as wrong:
        raise Trouble(str(wrong)) from wrong
    except (*GONE, RuntimeError) as error:
        raise Trouble(f"the database cannot be used: {error}") from error
    _print(shown, as_json=as_json)


async def _create(settings: Settings, wanted: Wanted, *, now: datetime) -> Shown:
    assert settings.database_url is not None  # reached gives it
    pool = await open_pool(settings.database_url, vault=vault_from(settings), size=1)
    try:
        await check_keys(pool)
        network_id = network_named(await list_networks(pool), wanted.network)
        async with transaction(pool, network_id) as db:
            made = await create_owner_key(
                db,
                network_id=network_id,
                role=wanted.role,
                institution_id=wanted.institution_id,
                interpreter_id=wanted.interpreter_id,
                scopes=wanted.scopes,
                now=now,
            )
        return _shown(made, network_id)
    finally:
        await pool.close()


def _shown(made: MadeKey, network_id: UUID) -> Shown:
    return Shown(
        id=show_id(KEY, made.key.id),
        token=made.token,
        role=made.key.role,
        network_id=show_id(NETWORK, network_id),
        expires_at=made.key.expires_at,
    )


def _print(shown: Shown, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(f"{msgspec.json.encode(shown).decode()}\n")
    else:
        sys.stdout.write(f"{shown.token}\n")
        sys.stderr.write(f"{shown.role} of {shown.network_id}; this token is not shown again\n")


def _sentence(refusal: Refusal) -> str:
    if isinstance(refusal, Invalid):
        return "; ".join(one.detail for one in refusal.errors)
    if isinstance(refusal, NotFound):
        return "there is no such institution or interpreter in the network"
    return str(refusal)
