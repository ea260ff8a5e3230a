"""`openapi`: the description of the API, for generators of clients and for review."""

import asyncio
import sys
from datetime import UTC, datetime

import msgspec
import typer

from interpreters.asgi import build_litestar
from interpreters.database import Pool
from interpreters.http.openapi import document

app = typer.Typer(add_completion=False)


@app.command()
def openapi() -> None:
    """Print the OpenAPI document; needs no database."""
    application = build_litestar(opening=_never, clock=lambda: datetime.now(UTC))
    text = msgspec.json.format(msgspec.json.encode(document(application), order="sorted"))
    sys.stdout.write(f"{text.decode()}\n")


async def _never() -> Pool:
    """The pool of an application that is described and never run."""
    raise asyncio.CancelledError
