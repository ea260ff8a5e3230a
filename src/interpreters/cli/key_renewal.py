"""`keys list` and `keys renew`: keys that were made before a scope was there."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final, TypeVar
from uuid import UUID

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from interpreters.application.key_renewal import Key, lacking, live_keys, renew_key
from interpreters.cli.named import in_network
from interpreters.cli.options import DataDir, chosen
from interpreters.cli.reach import reached
from interpreters.database import GONE, Db
from interpreters.domain.errors import Invalid, NotFound
from interpreters.domain.ids import INSTITUTION, INTERPRETER, KEY, read_id, show_id, show_optional
from interpreters.embedded.trouble import Trouble
from interpreters.secret_keys import WrongKeys

WIDE: Final = 200  # columns, where nobody looks at a terminal
T = TypeVar("T")
Network = Annotated[str | None, typer.Option(help="Its name or id, when there are several.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class ListedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that works. It `lacks` what its role may do now and it may not."""

    id: str
    role: str
    mode: str
    name: str | None
    institution_id: str | None
    interpreter_id: str | None
    scopes: Sequence[str]
    lacks: Sequence[str]
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, key: Key) -> "ListedKey":
        """Shape a key: never with its token, which is kept nowhere."""
        return cls(
            id=show_id(KEY, key.id),
            role=key.role,
            mode=key.mode,
            name=key.name,
            institution_id=show_optional(INSTITUTION, key.institution_id),
            interpreter_id=show_optional(INTERPRETER, key.interpreter_id),
            scopes=key.scopes,
            lacks=lacking(key),
            expires_at=key.expires_at,
            last_used_at=key.last_used_at,
            created_at=key.created_at,
        )


def list_keys(
    network: Network = None, *, as_json: AsJson = False, data_dir: DataDir = None
) -> None:
    """List the keys that work, whose they are, and which scopes of their role they lack."""

    async def work(db: Db, network_id: UUID) -> list[Key]:
        return await live_keys(db, network_id=network_id, now=datetime.now(UTC))

    found = [ListedKey.of(one) for one in _done(data_dir, network, work)]
    if as_json:
        sys.stdout.write(f"{msgspec.json.encode(found).decode()}\n")
        return
    key = Column("key", no_wrap=True)
    table = Table(key, "role", "of", "last used", "lacks", box=None)
    for one in found:
        owner = one.name or one.institution_id or one.interpreter_id or ""
        used = "never" if one.last_used_at is None else f"{one.last_used_at:%Y-%m-%d}"
        table.add_row(one.id, one.role, escape(owner), used, " ".join(one.lacks))
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)


def renew(
    key: Annotated[str, typer.Argument(help="key_…, as `keys list` names it.")],
    scope: Annotated[list[str] | None, typer.Option(help="Only this; may be repeated.")] = None,
    network: Network = None,
    *,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Give a key the scopes of its role that were added since; its token stays as it is."""

    async def work(db: Db, network_id: UUID) -> Key:
        return await renew_key(
            db,
            network_id=network_id,
            key_id=read_id(KEY, key),
            scopes=scope or [],
            now=datetime.now(UTC),
        )

    shown = ListedKey.of(_done(data_dir, network, work))
    if as_json:
        sys.stdout.write(f"{msgspec.json.encode(shown).decode()}\n")
    else:
        sys.stdout.write(f"{shown.id} may now: {' '.join(shown.scopes)}\n")


def _done(data_dir: DataDir, network: str | None, work: Callable[[Db, UUID], Awaitable[T]]) -> T:
    try:
        return asyncio.run(in_network(reached(chosen(data_dir=data_dir)), network, work))
    except NotFound as refusal:
        raise Trouble("there is no such key that works in the network") from refusal
    except Invalid as refusal:
        raise Trouble("; ".join(one.detail for one in refusal.errors)) from refusal
    except WrongKeys as wrong:
        raise Trouble(str(wrong)) from wrong
    except (*GONE, RuntimeError) as error:
        raise Trouble(f"the database cannot be used: {error}") from error
