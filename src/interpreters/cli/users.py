"""`users`: people who sign in, made by whoever has the machine; the first coordinator above all."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from interpreters.application.networks import check_keys, list_networks
from interpreters.application.users import UserOrder, create_user_with_link
from interpreters.cli.named import network_named
from interpreters.cli.options import DataDir, chosen
from interpreters.cli.reach import reached
from interpreters.database import GONE, open_pool, transaction
from interpreters.domain.callers import house
from interpreters.domain.errors import FieldError, Invalid, NotFound, Refusal
from interpreters.domain.ids import NETWORK, USER, show_id
from interpreters.embedded.folder import find_servers
from interpreters.embedded.trouble import Trouble
from interpreters.http.reading import read_body
from interpreters.http.users import UserIn
from interpreters.secret_keys import WrongKeys
from interpreters.settings import Settings
from interpreters.vault import vault_from

app = typer.Typer(add_completion=False)


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A new person and their link, as they are printed, this once."""

    id: str
    link: str
    roles: list[str]
    network_id: str
    expires_at: datetime


@app.callback()
def users() -> None:
    """Make people who sign in."""


@app.command()
def create(
    *,
    email: Annotated[str, typer.Option(help="Where they are reached.")],
    role: Annotated[
        list[str],
        typer.Option(help="coordinator, finance, consultant or interpreter; may be repeated."),
    ],
    institution: Annotated[str | None, typer.Option(help="A consultant's institution.")] = None,
    interpreter: Annotated[str | None, typer.Option(help="Who they are on the roster.")] = None,
    name: Annotated[str | None, typer.Option(help="What they are called.")] = None,
    phone: Annotated[str | None, typer.Option(help="With its country: +371 25565098.")] = None,
    network: Annotated[
        str | None, typer.Option(help="Its name or id, when there are several.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Make a person and print a link that signs them in once, within 7 days.

    Who is there already, at this address with this role, gets a new link; older ones end.
    """
    try:
        order = _order(
            email=email, roles=role, institution_id=institution, interpreter_id=interpreter,
            display_name=name, phone=phone,
        )  # fmt: skip
        settings = reached(chosen(data_dir=data_dir))
        shown = asyncio.run(_create(settings, order, network, now=datetime.now(UTC)))
    except Refusal as refusal:
        raise Trouble(_sentence(refusal)) from refusal
    except WrongKeys as wrong:
        raise Trouble(str(wrong)) from wrong
    except (*GONE, RuntimeError) as error:
        raise Trouble(f"the database cannot be used: {error}") from error
    _print(shown, as_json=as_json)


def _order(**fields: object) -> UserOrder:
    """Return the order, looked through as a call's body would be."""
    given = {name: value for name, value in fields.items() if value is not None}
    return read_body(UserIn, msgspec.json.encode(given), now=datetime.now(UTC)).order()


async def _create(
    settings: Settings, order: UserOrder, network: str | None, *, now: datetime
) -> Shown:
    assert settings.database_url is not None  # reached gives it
    pool = await open_pool(settings.database_url, vault=vault_from(settings), size=1)
    try:
        await check_keys(pool)
        network_id = network_named(await list_networks(pool), network)
        async with transaction(pool, network_id) as db:
            user, link = await create_user_with_link(db, house(network_id), order=order, now=now)
        return Shown(
            id=show_id(USER, user.id),
            link=f"{_url(settings)}/join/{link.token}",
            roles=list(user.roles),
            network_id=show_id(NETWORK, network_id),
            expires_at=link.expires_at,
        )
    finally:
        await pool.close()


def _url(settings: Settings) -> str:
    """Where the link leads: the address people know, else where the web process answers."""
    servers = find_servers(Path(settings.data_dir))
    running = None if servers is None else servers.url
    return (settings.public_url or running or settings.base_url).rstrip("/")


def _print(shown: Shown, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(f"{msgspec.json.encode(shown).decode()}\n")
    else:
        sys.stdout.write(f"{shown.link}\n")
        sys.stderr.write(
            f"signs in once as {', '.join(shown.roles)}, within 7 days; it is not shown again\n"
        )


def _sentence(refusal: Refusal) -> str:
    if isinstance(refusal, Invalid):
        return "; ".join(_field(one) for one in refusal.errors)
    if isinstance(refusal, NotFound):
        return "there is no such institution or interpreter in the network"
    return str(refusal)


def _field(error: FieldError) -> str:
    if error.pointer == "/email" and error.code == "invalid":
        return "email: this is no e-mail address"
    return f"{error.pointer[1:]}: {error.detail}"
