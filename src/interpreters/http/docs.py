"""`/docs`: the contract for people (Swagger UI), from this server's own files alone."""

from functools import cache
from importlib.resources import files
from typing import Any, Final

from litestar import Request, Response, get

from interpreters.domain.errors import NotFound

FOLDER: Final = files("interpreters") / "web" / "static" / "swagger-ui"
KINDS: Final = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "start.js": "text/javascript",
    "LICENSE": "text/plain",
}
PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Interpreters: the API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<script src="/docs/swagger-ui-bundle.js" defer></script>
<script src="/docs/start.js" defer></script>
</head>
<body>
<main id="docs"></main>
<noscript>The same as a document: <a href="/openapi.json">/openapi.json</a></noscript>
</body>
</html>
"""


@get("/docs", include_in_schema=False)
async def page() -> Response[str]:
    """The page."""
    return Response(
        PAGE,
        media_type="text/html",
        headers={"Cache-Control": "no-cache"},
    )


@get("/docs/{name:str}", include_in_schema=False)
async def file(request: Request[Any, Any, Any]) -> Response[bytes]:
    """One of the page's files."""
    name = str(request.path_params["name"])
    if name not in KINDS:
        raise NotFound
    return Response(
        _content(name),
        media_type=KINDS[name],
        headers={"Cache-Control": "public, max-age=3600"},
    )


@cache
def _content(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


ROUTES = (page, file)
