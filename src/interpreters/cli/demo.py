"""`demo`: everything on this machine with a sample network, and what to try on it."""

import sys
from typing import Annotated, Final

import msgspec
import typer

from interpreters.cli.everything import everything
from interpreters.cli.options import DataDir, Host, Port, chosen
from interpreters.embedded.supervisor import until_stopped

SAMPLE: Final = [sys.executable, "-m", "interpreters.sample"]
LIVE: Final = [sys.executable, "-m", "interpreters.sample.live"]  # so that things move
# Where a browser goes: whose page it is, and where the codes to sign in are.
PAGES: Final = {
    "sign_in": "/sign-in", "mailbox": "/mailbox", "desk": "/desk", "board": "/board",
    "finance": "/finance", "app": "/app", "docs": "/docs",
}  # fmt: skip
app = typer.Typer(add_completion=False)


class Welcome(msgspec.Struct, frozen=True, kw_only=True):
    """What the sample network offers to try; `python -m interpreters.sample` prints it as JSON.

    `keys` (role to token) and `ids` (noun to id) are printed as shell variables in upper case,
    URL beside them; `lines` are commands that use those, in an order that works.
    """

    keys: dict[str, str]
    ids: dict[str, str] = {}
    lines: list[str] = []


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints, once, when everything answers."""

    url: str
    keys: dict[str, str]
    ids: dict[str, str]
    links: dict[str, str]


@app.command()
def demo(
    *,
    data_dir: DataDir = None,
    host: Host = None,
    port: Port = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run everything until Ctrl-C, with a sample network, its keys and commands to try."""
    settings = chosen(data_dir=data_dir, host=host, port=port)
    settings = msgspec.structs.replace(settings, demo=True)
    made = everything(settings, SAMPLE, shown=True, beside={"sample": LIVE})
    with until_stopped(), made as running:
        welcome = msgspec.json.decode(running.prepared, type=Welcome)
        sys.stdout.write(_json(running.url, welcome) if as_json else text(running.url, welcome))
        sys.stdout.flush()
        running.watch()


def text(url: str, welcome: Welcome) -> str:
    """Return the welcome for people: variables to paste, then commands to try."""
    variables = {"url": url, **welcome.keys, **welcome.ids}
    lines = [
        "",
        *(f"{name.upper()}={value}" for name, value in variables.items()),
        "",
        *welcome.lines,
        "",
        f"Open {url} in a browser. Stop with Ctrl-C.",
        *(f"  {name.replace('_', ' '):8} {link}" for name, link in _links(url).items()),
        "",
    ]
    return "\n".join(lines)


def _json(url: str, welcome: Welcome) -> str:
    ready = Ready(url=url, keys=welcome.keys, ids=welcome.ids, links=_links(url))
    return f"{msgspec.json.encode(ready).decode()}\n"


def _links(url: str) -> dict[str, str]:
    return {name: f"{url}{path}" for name, path in PAGES.items()}
