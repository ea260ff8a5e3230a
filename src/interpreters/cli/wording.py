"""`wording`: which texts have no translation, in which language; nobody finds out by reading it."""

import sys
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from interpreters.domain.wording import COMPLETE, ENGLISH, PAGE_LANGUAGES, messages, missing

Json = Annotated[bool, typer.Option("--json", help="For programs.")]

app = typer.Typer(add_completion=False)


@app.command()
def wording(
    language: Annotated[
        str | None, typer.Argument(help="Print the texts it lacks, in English, one a line.")
    ] = None,
    as_json: Json = False,  # noqa: FBT002 - typer makes it an option
) -> None:
    """Tell how far each language of the pages is; what it lacks is shown to people in English."""
    if language is not None:
        _lacking(language, as_json=as_json)
        return
    total = len(messages())
    lacking = {one: len(missing(one)) for one in PAGE_LANGUAGES if one != ENGLISH}
    if as_json:
        _print({one: {"messages": total, "missing": count, "draft": one not in COMPLETE}
                for one, count in lacking.items()})  # fmt: skip
        return
    table = Table("Language", "Translated", "In English", "")
    for one, count in lacking.items():
        state = "" if one in COMPLETE else "draft"
        table.add_row(f"{one} {PAGE_LANGUAGES[one]}", str(total - count), str(count), state)
    Console().print(table)


def _lacking(language: str, *, as_json: bool) -> None:
    if language not in PAGE_LANGUAGES:
        raise typer.BadParameter(f"pages speak {', '.join(PAGE_LANGUAGES)}")
    found = missing(language)
    if as_json:
        _print(found)
        return
    for text in found:
        sys.stdout.write(f"{text}\n")


def _print(value: object) -> None:
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
