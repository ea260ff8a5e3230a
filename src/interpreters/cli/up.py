"""`up`: everything on this machine, with one empty network."""

import sys
from typing import Final

import typer

from interpreters.cli.everything import everything
from interpreters.cli.options import DataDir, Host, Port, chosen
from interpreters.embedded.supervisor import until_stopped

FIRST: Final = [sys.executable, "-m", "interpreters.cli.first"]
app = typer.Typer(add_completion=False)


@app.command()
def up(data_dir: DataDir = None, host: Host = None, port: Port = None) -> None:
    """Run database, cache, web process and worker until Ctrl-C, with one empty network."""
    settings = chosen(data_dir=data_dir, host=host, port=port)
    with until_stopped(), everything(settings, FIRST) as running:
        sys.stdout.write(
            f"\n  {running.url}\n\n"
            f"  data in {settings.data_dir}; stop with Ctrl-C\n"
            f"  sign in: interpreters users create --email you@example.org --role coordinator "
            f"--data-dir {settings.data_dir}\n"
            f"  a key for your software: interpreters keys create --role coordinator "
            f"--data-dir {settings.data_dir}\n\n"
        )
        sys.stdout.flush()
        running.watch()
