"""`work`: the worker process."""

import os
import sys

import typer

from interpreters.cli.options import DataDir, chosen
from interpreters.cli.reach import reached, with_keys
from interpreters.settings import environment

app = typer.Typer(add_completion=False)


@app.command()
def work(data_dir: DataDir = None) -> None:
    """Run the worker alone, for a database and Valkey that run already."""
    settings = with_keys(reached(chosen(data_dir=data_dir)))
    argv = work_command()
    os.execve(argv[0], argv, environment(settings))  # noqa: S606 - no shell is wanted


def work_command() -> list[str]:
    """Return the command line of the worker."""
    return [sys.executable, "-m", "interpreters.worker"]
