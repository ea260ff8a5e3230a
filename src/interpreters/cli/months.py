"""`months`: close a month, look how it stands, open a statement of it again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias, TypeVar
from uuid import UUID

import msgspec
import typer

from interpreters.application.calls import run
from interpreters.application.networks import check_keys, list_networks
from interpreters.application.statement_issuing import (
    Closed,
    ClosingOrder,
    IssueOrder,
    close_month,
    issue_statement,
    reopen_statement,
)
from interpreters.application.statement_months import Standing, show_month
from interpreters.application.statements import Document, Statement, show_statement
from interpreters.cli.month_tables import print_closed, print_document, print_months
from interpreters.cli.named import network_named
from interpreters.cli.options import DataDir, chosen
from interpreters.cli.reach import reached
from interpreters.database import GONE, Pool, open_pool
from interpreters.domain.callers import house
from interpreters.domain.errors import NotFound, Refusal
from interpreters.domain.ids import INSTITUTION, INTERPRETER, read_id
from interpreters.domain.statements import Side, read_month
from interpreters.embedded.trouble import Trouble
from interpreters.secret_keys import WrongKeys
from interpreters.settings import Settings
from interpreters.vault import vault_from

SECONDS: Final = 120  # a month of a million entries is added up in a few
MOST_LETTERS: Final = 2000
SIDES: Final[dict[str, list[Side]]] = {
    "charge": ["charge"], "pay": ["pay"], "both": ["charge", "pay"],
}  # fmt: skip
T = TypeVar("T")
Work: TypeAlias = Callable[[Pool, UUID], Awaitable[T]]
app = typer.Typer(add_completion=False)

Month = Annotated[str, typer.Argument(help="Such as 2026-05.", metavar="YYYY-MM")]
Sides = Annotated[
    Literal["charge", "pay", "both"],
    typer.Option(help="What institutions owe, what interpreters are owed, or both."),
]
Institution = Annotated[str | None, typer.Option(help="Its statement alone (ins_…).")]
Interpreter = Annotated[str | None, typer.Option(help="Their pay statement alone (int_…).")]
Network = Annotated[str | None, typer.Option(help="Its name or id, when there are several.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, as the API answers it.")]


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """Whose statement alone is meant."""

    side: Side
    id: UUID


@app.callback()
def months() -> None:
    """Close months, look how they stand, open statements again."""


@app.command()
def close(
    month: Month,
    *,
    side: Sides = "both",
    institution: Institution = None,
    interpreter: Interpreter = None,
    early: Annotated[bool, typer.Option("--early", help="Before the month is over.")] = False,
    leave_open: Annotated[
        bool, typer.Option("--leave-open", help="Sessions that have not ended go on the next one.")
    ] = False,
    network: Network = None,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Issue every statement that has entries, or that of one party; what is issued stays.

    Ends with 1 while sessions of somebody's month have not ended.
    """
    now = datetime.now(UTC)
    party = _party(institution, interpreter)
    if party is not None:
        order = IssueOrder(early=early, leave_open=leave_open)
        found = _done(data_dir, network, _issue(party, _month(month), order, now))
        print_document(found, as_json=as_json)
        return
    orders = [
        ClosingOrder(side=one, month=_month(month), early=early, leave_open=leave_open)
        for one in SIDES[side]
    ]
    closed = _done(data_dir, network, _close(orders, now))
    print_closed(closed, as_json=as_json)
    if any(one.waiting for one in closed):
        raise typer.Exit(1)


@app.command()
def reopen(
    month: Month,
    *,
    reason: Annotated[str, typer.Option(help="Why; it is kept, sealed.")],
    institution: Institution = None,
    interpreter: Interpreter = None,
    network: Network = None,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Make an issued statement a draft again; its number is never given to another."""
    now = datetime.now(UTC)
    party = _party(institution, interpreter)
    why = reason.strip()
    if party is None:
        raise Trouble("say whose with --institution or --interpreter")
    if not 0 < len(why) <= MOST_LETTERS:
        raise Trouble(f"say why with --reason, in at most {MOST_LETTERS} letters")
    found = _done(data_dir, network, _reopen(party, _month(month), why, now))
    print_document(found, as_json=as_json)


@app.command()
def show(
    month: Month,
    *,
    side: Sides = "both",
    institution: Institution = None,
    interpreter: Interpreter = None,
    network: Network = None,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Print how each statement of the month stands, or one with its lines; nothing is changed."""
    party = _party(institution, interpreter)
    if party is not None:
        found = _done(data_dir, network, _show(party, _month(month)))
        print_document(found, as_json=as_json)
        return
    standings = _done(data_dir, network, _stand(SIDES[side], _month(month)))
    print_months(standings, month=_month(month), as_json=as_json)


def _issue(party: Party, month: date, order: IssueOrder, now: datetime) -> Work[Document]:
    async def work(pool: Pool, network_id: UUID) -> Document:
        return await run(
            pool, network_id,
            lambda db: issue_statement(
                db, house(network_id), side=party.side, party_id=party.id, month=lambda: month,
                order=lambda: order, now=now,
            ),
        )  # fmt: skip

    return work


def _reopen(party: Party, month: date, reason: str, now: datetime) -> Work[Document]:
    async def work(pool: Pool, network_id: UUID) -> Document:
        return await run(
            pool, network_id,
            lambda db: reopen_statement(
                db, house(network_id), side=party.side, party_id=party.id, month=lambda: month,
                reason=lambda: reason, now=now,
            ),
        )  # fmt: skip

    return work


def _show(party: Party, month: date) -> Work[Document]:
    async def work(pool: Pool, network_id: UUID) -> Document:
        return await run(
            pool, network_id,
            lambda db: show_statement(
                db, house(network_id), side=party.side, party_id=party.id, month=lambda: month
            ),
        )  # fmt: skip

    return work


def _stand(sides: Sequence[Side], month: date) -> Work[dict[Side, Sequence[Standing]]]:
    async def work(pool: Pool, network_id: UUID) -> dict[Side, Sequence[Standing]]:
        caller = house(network_id)
        return {
            side: await run(
                pool, network_id, partial(show_month, caller=caller, side=side, month=lambda: month)
            )
            for side in sides
        }

    return work


def _close(orders: Sequence[ClosingOrder], now: datetime) -> Work[list[Closed]]:
    async def work(pool: Pool, network_id: UUID) -> list[Closed]:
        return [await _close_side(pool, network_id, order, now) for order in orders]

    return work


async def _close_side(pool: Pool, network_id: UUID, order: ClosingOrder, now: datetime) -> Closed:
    """Close one side to its end: a call issues some, and says how many are left."""
    issued: list[Statement] = []
    while True:
        closed = await run(
            pool,
            network_id,
            lambda db: close_month(db, house(network_id), order=lambda: order, now=now),
        )
        issued += closed.issued
        if not closed.left:
            return msgspec.structs.replace(closed, issued=issued)


def _done(data_dir: Path | None, network: str | None, work: Work[T]) -> T:
    try:
        settings = reached(chosen(data_dir=data_dir))
        return asyncio.run(_at_network(settings, network, work))
    except NotFound as refusal:
        raise Trouble("there is no such institution or interpreter in the network") from refusal
    except Refusal as refusal:
        raise Trouble(str(refusal) or refusal.title) from refusal
    except WrongKeys as wrong:
        raise Trouble(str(wrong)) from wrong
    except (*GONE, RuntimeError) as error:
        raise Trouble(f"the database cannot be used: {error}") from error


async def _at_network(settings: Settings, network: str | None, work: Work[T]) -> T:
    assert settings.database_url is not None  # reached gives it
    pool = await open_pool(
        settings.database_url, vault=vault_from(settings), size=1, statement_timeout_seconds=SECONDS
    )
    try:
        await check_keys(pool)
        return await work(pool, network_named(await list_networks(pool), network))
    finally:
        await pool.close()


def _party(institution: str | None, interpreter: str | None) -> Party | None:
    """Return whose statement alone is meant; None for everybody's.

    Raises:
        Trouble: it is no id, or two are named.
    """
    if institution is not None and interpreter is not None:
        raise Trouble("name an institution or an interpreter, not both")
    try:
        if institution is not None:
            return Party(side="charge", id=read_id(INSTITUTION, institution))
        if interpreter is not None:
            return Party(side="pay", id=read_id(INTERPRETER, interpreter))
    except NotFound as refusal:
        raise Trouble(f"{institution or interpreter} is no id of one") from refusal
    return None


def _month(text: str) -> date:
    try:
        return read_month(text)
    except NotFound as refusal:
        raise Trouble(f"{text} is no month: write it as 2026-05") from refusal
