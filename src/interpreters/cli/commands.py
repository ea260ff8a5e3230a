"""Which commands there are, and which module answers each."""

import difflib
import importlib
import importlib.metadata
import sys
from collections.abc import Sequence
from typing import Final

import typer
from rich.console import Console
from rich.table import Table

from interpreters.embedded.trouble import Trouble

# The modules are named, not imported: each pulls in what its command needs, such as the
# database driver or the web framework, and `--help` and small commands should not wait for it.
COMMANDS: Final = {
    "demo": "everything on this machine with a sample network, keys and links",
    "up": "everything on this machine with one empty network",
    "serve": "the web process alone",
    "work": "the worker alone",
    "migrate": "bring the database to the newest revision",
    "doctor": "look whether everything is in place, and say what to do",
    "backup": "write the whole database into one file, while everything runs",
    "restore": "bring the database of a backup back",
    "openapi": "print the description of the API",
    "keys": "make keys for software",
    "import": "take rosters, clients and institutions from a table",
    "users": "make people who sign in, the first coordinator above all",
    "months": "close months, look how they stand, open statements again",
    "audit": "add up the whole ledger again, and say what differs",
    "wording": "tell which texts lack a translation",
    "export": "print what is held about one person",
    "simulate": "play made-up demand through dispatch, beside other policies and the optimum",
    "staffing": "say which interpreter to look for, and how many must be on call",
}

MODULES: Final = {
    "import": "imports",
    "export": "exports",
}  # where the command's name is no name of a module


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command the arguments name; what cannot start ends with one sentence and 2."""
    name, *rest = arguments or sys.argv[1:] or ["--help"]
    if name in COMMANDS:
        _run(name, rest)
    elif name == "--version":
        sys.stdout.write(f"interpreters {importlib.metadata.version('interpreters')}\n")
    elif name in ("--help", "-h", "help"):
        _show(Console())
    else:
        _refuse(name)


def _run(name: str, arguments: list[str]) -> None:
    module = importlib.import_module(f"interpreters.cli.{MODULES.get(name, name)}")
    app: typer.Typer = module.app
    try:
        app(arguments, prog_name=f"interpreters {name}")
    except Trouble as trouble:
        sys.stderr.write(f"interpreters: {trouble}\n")
        raise SystemExit(2) from None


def _show(console: Console) -> None:
    table = Table.grid(padding=(0, 3))
    for name, does in COMMANDS.items():
        table.add_row(f"  [bold]{name}[/bold]", does)
    console.print("\nUsage: [bold]interpreters COMMAND[/bold] [OPTIONS]\n")
    console.print(table)
    console.print("\n`interpreters COMMAND --help` tells more. Settings are variables named")
    console.print("INTERPRETERS_…; without any, everything runs on this machine.\n")


def _refuse(name: str) -> None:
    near = difflib.get_close_matches(name, COMMANDS, n=1)
    hint = f"; did you mean {near[0]}?" if near else "; `interpreters --help` lists them"
    sys.stderr.write(f"interpreters: there is no command {name}{hint}\n")
    raise SystemExit(2)
