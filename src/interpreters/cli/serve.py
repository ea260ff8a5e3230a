"""`serve`: the web process, granian or uvicorn around `interpreters.asgi:create_app`."""

import enum
import os
import sys
from typing import Annotated, Final

import msgspec
import typer

from interpreters.cli.options import DataDir, Host, Port, chosen
from interpreters.cli.reach import reached, with_keys
from interpreters.settings import Settings, environment

APPLICATION: Final = "interpreters.asgi:create_app"
app = typer.Typer(add_completion=False)


class Server(enum.StrEnum):
    """The servers that are tested with the application."""

    granian = "granian"
    uvicorn = "uvicorn"


@app.command()
def serve(
    data_dir: DataDir = None,
    host: Host = None,
    port: Port = None,
    server: Annotated[Server, typer.Option(help="What speaks HTTP.")] = Server.granian,
) -> None:
    """Run the web process alone, for a database and Valkey that run already."""
    settings = with_keys(reached(chosen(data_dir=data_dir, host=host, port=port)))
    argv = web_command(settings, server)
    os.execve(argv[0], argv, web_environment(settings, server))  # noqa: S606 - no shell is wanted


def web_command(settings: Settings, server: Server = Server.granian) -> list[str]:
    """Return the command line of the web process."""
    address = ["--host", settings.host, "--port", str(settings.port)]
    address += ["--workers", str(settings.web_workers), "--log-level", settings.log_level]
    python = [sys.executable, "-m", server.value]
    if server is Server.granian:
        # open event streams would hold a stopping worker for ever: it has two seconds
        options = "--interface asgi --factory --http 1 --no-ws --loop uvloop --no-access-log"
        options += " --workers-kill-timeout 2 --respawn-failed-workers"
    else:
        options = "--factory --http httptools --ws none --loop uvloop --no-access-log"
        options += " --timeout-graceful-shutdown 2 --no-server-header --no-proxy-headers"
    return [*python, *address, *options.split(), APPLICATION]


def web_environment(settings: Settings, server: Server = Server.granian) -> dict[str, str]:
    """Return the environment of the web process.

    Granian's workers are told to end with their parent, which is granian itself.
    """
    supervised = settings.supervised or server is Server.granian
    return environment(msgspec.structs.replace(settings, supervised=supervised))
