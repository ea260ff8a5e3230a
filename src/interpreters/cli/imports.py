"""`import`: rosters, clients and institutions from a table, by whoever has the machine."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress as Bar
from rich.table import Table

from interpreters.application.imports import Progress, Report, Upload, import_upload
from interpreters.application.networks import list_networks
from interpreters.cli.named import network_named
from interpreters.cli.options import DataDir, chosen
from interpreters.cli.reach import reached
from interpreters.database import GONE, open_pool
from interpreters.domain.callers import house
from interpreters.domain.errors import Invalid, NotFound, Refusal
from interpreters.domain.ids import INSTITUTION, read_optional
from interpreters.domain.import_columns import fitting
from interpreters.domain.import_files import read_file
from interpreters.domain.imports import MOST_BYTES, Kind
from interpreters.embedded.trouble import Trouble
from interpreters.http.import_bodies import read_row
from interpreters.secret_keys import WrongKeys
from interpreters.settings import Settings
from interpreters.vault import vault_from

LOOK: Final = 0.1  # seconds between two looks how far it is
app = typer.Typer(add_completion=False)
File = Annotated[Path, typer.Argument(help="CSV or XLSX.", exists=True, dir_okay=False)]


@app.command("import")
def run(
    file: File,
    *,
    kind: Annotated[
        Kind | None, typer.Option(help="What the rows are.", show_default="as the columns tell")
    ] = None,
    commit: Annotated[bool, typer.Option("--commit", help="Store it; else only tell.")] = False,
    institution: Annotated[
        str | None, typer.Option(help="Whose clients they are, where no column says so.")
    ] = None,
    network: Annotated[
        str | None, typer.Option(help="Its name or id, when there are several.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Import a table: all of it, or nothing when a row is wrong (exit code 1)."""
    try:
        data = _content(file)
        upload = Upload(
            kind=_told(data) if kind is None else kind,
            mode="commit" if commit else "preview",
            data=data,
            institution_id=read_optional(INSTITUTION, institution),
        )
        settings = reached(chosen(data_dir=data_dir))
        report = asyncio.run(_import(settings, upload, network, now=datetime.now(UTC)))
    except NotFound as refusal:
        raise Trouble("that is no id of an institution") from refusal
    except Invalid as refusal:
        raise Trouble("; ".join(one.detail for one in refusal.errors)) from refusal
    except Refusal as refusal:
        raise Trouble(str(refusal)) from refusal
    except (*GONE, RuntimeError, WrongKeys) as error:
        raise Trouble(f"the database cannot be used: {error}") from error
    _print(report)
    if report.errors:
        raise typer.Exit(1)


def _content(file: Path) -> bytes:
    """Return the file's bytes, at most one more than may be."""
    try:
        with file.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise Trouble(f"{file} cannot be read: {error.strerror}") from error


def _told(data: bytes) -> Kind:
    """Return what the rows are by their columns."""
    kinds = fitting(read_file(data, country=None))
    if len(kinds) != 1:
        raise Trouble("say what the rows are: --kind interpreters, clients or institutions")
    return kinds[0]


async def _import(
    settings: Settings, upload: Upload, network: str | None, *, now: datetime
) -> Report:
    assert settings.database_url is not None  # reached gives it
    pool = await open_pool(settings.database_url, vault=vault_from(settings), size=1)
    try:
        network_id: UUID = network_named(await list_networks(pool), network)
        progress = Progress()
        shown = asyncio.create_task(_show(progress))
        try:
            return await import_upload(
                pool,
                house(network_id),
                upload=upload,
                read=read_row,
                now=now,
                progress=progress,
            )
        finally:
            shown.cancel()
            await asyncio.gather(shown, return_exceptions=True)
    finally:
        await pool.close()


async def _show(progress: Progress) -> None:
    """Draw on stderr how far it is: stdout holds what came of it."""
    console = Console(stderr=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("importing", total=None)
        while True:
            bar.update(task, completed=progress.done, total=progress.total or None)
            await asyncio.sleep(LOOK)


def _print(report: Report) -> None:
    if report.errors:
        table = Table("row", "column", "value", "what to do")
        for one in report.errors:
            cells = (str(one.row), one.column or "", one.value or "", one.detail)
            table.add_row(*(escape(cell) for cell in cells))
        Console(stderr=True).print(table)
    stored = report.mode == "commit" and not report.errors
    sys.stdout.write(
        f"{report.rows} rows: {report.created} new, {report.changed} changed, "
        f"{report.unchanged} as they were, {len(report.errors)} errors; "
        f"{'stored' if stored else 'nothing stored'}\n"
    )
