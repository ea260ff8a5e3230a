"""`openapi`: the description of the API, for generators of clients and for review."""

import sys

import typer

from interpreters.asgi import openapi_document

app = typer.Typer(add_completion=False)


@app.command()
def openapi() -> None:
    """Print the OpenAPI document; needs no database."""
    sys.stdout.buffer.write(openapi_document())
