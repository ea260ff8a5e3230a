"""`openapi`: the description of the API, for generators of clients and for review."""

import sys

import typer

from interpreters.asgi import openapi_document
from interpreters.cli.options import DataDir

app = typer.Typer(add_completion=False)


@app.command()
def openapi(data_dir: DataDir = None) -> None:
    """Print the OpenAPI document; needs no database, and nothing of the folder."""
    del data_dir  # every command takes it
    sys.stdout.buffer.write(openapi_document())
