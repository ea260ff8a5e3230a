"""The options several commands share, and the settings they change."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from interpreters.settings import Settings, load_or_exit

DataDir = Annotated[
    Path | None,
    typer.Option(help="Folder of the embedded servers.", show_default="./data"),
]
Host = Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")]
Port = Annotated[
    int | None, typer.Option(help="Port to listen on.", min=1, max=65535, show_default="8000")
]


def chosen(
    *, data_dir: Path | None = None, host: str | None = None, port: int | None = None
) -> Settings:
    """Return the settings of the environment, with the options given in their place.

    The data folder is made absolute: children work in another folder.
    """
    settings = load_or_exit()
    return msgspec.structs.replace(
        settings,
        data_dir=str(Path(settings.data_dir if data_dir is None else data_dir).absolute()),
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
    )
