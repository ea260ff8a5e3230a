"""What browsers run and the sheets they paint with, each under a name that changes with it.

`frontend/` is built into `static/dist` when the package is installed (hatch_build.py); its
`manifest.json` says which file is which.
"""

import gzip
import hashlib
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any, Final

import msgspec
from litestar import Request, Response, get

from interpreters.domain.errors import NotFound

STATIC: Final = files("interpreters.web") / "static"
DIST: Final = STATIC / "dist"
SHEETS: Final = ("people.css", "workplace.css")
KINDS: Final = {".js": "text/javascript", ".css": "text/css"}
FOREVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
SMALL: Final = 1000  # bytes; less is not worth packing
AnyRequest = Request[Any, Any, Any]


class NotBuilt(RuntimeError):
    """The package was installed without what browsers run: `make frontend` builds it."""


def asset(name: str) -> str:
    """Return the address of a file by its plain name: `desk.js`, `workplace.css`.

    Raises:
        NotBuilt: it is none of the sheets, and was not built.
    """
    if name in SHEETS:
        return f"/static/{name}?{_sheet(name)[1]}"
    made = built().get(name)
    if made is None:
        raise NotBuilt(f"{name} was not built; run: make frontend")
    return f"/static/dist/{made}"


@cache
def built() -> dict[str, str]:
    """Return the built files by their plain names."""
    manifest = DIST / "manifest.json"
    if not manifest.is_file():
        return {}
    return msgspec.json.decode(manifest.read_bytes(), type=dict[str, str])


def content(name: str) -> bytes:
    """Return what a built file holds, by its plain name.

    Raises:
        NotBuilt: there is no such file.
    """
    made = built().get(name)
    if made is None:
        raise NotBuilt(f"{name} was not built; run: make frontend")
    return (DIST / made).read_bytes()


def packed(
    request: AnyRequest, text: bytes, media_type: str, headers: dict[str, str]
) -> Response[bytes]:
    """Answer with a file, packed (gzip) for who can unpack it: phones pay by the byte."""
    headers = {**headers, "Vary": "Accept-Encoding"}
    if len(text) >= SMALL and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            _packed(text), media_type=media_type, headers={**headers, "Content-Encoding": "gzip"}
        )
    return Response(text, media_type=media_type, headers=headers)


@get("/static/dist/{name:str}", include_in_schema=False)
async def file(request: AnyRequest) -> Response[bytes]:
    """One built file; its address changes with it."""
    name = str(request.path_params["name"])
    kind = KINDS.get(PurePosixPath(name).suffix)
    if kind is None or name not in built().values():
        raise NotFound
    return packed(request, _file(name), kind, FOREVER)


@get([f"/static/{name}" for name in SHEETS], include_in_schema=False)
async def sheet(request: AnyRequest) -> Response[bytes]:
    """The look of a page; its address changes with it."""
    text = _sheet(request.url.path.removeprefix("/static/"))[0]
    return packed(request, text, "text/css", FOREVER)


@cache
def _file(name: str) -> bytes:
    return (DIST / name).read_bytes()


@cache
def _sheet(name: str) -> tuple[bytes, str]:
    read = (STATIC / name).read_bytes()
    return read, hashlib.sha256(read).hexdigest()[:12]


@cache
def _packed(text: bytes) -> bytes:
    return gzip.compress(text, mtime=0)


ROUTES = (file, sheet)
