"""Pages that anybody may read: what this is, and what a problem means."""

from html import escape
from typing import Any, Final

from litestar import Request, Response, get

from interpreters.domain.errors import NotFound, Refusal
from interpreters.web import mailbox
from interpreters.web.rendering import language_of, page

HEADERS: Final = {"Cache-Control": "no-cache"}
PAGE: Final = """<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/pages.css">
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""
CSS: Final = """body { font: 1.1rem/1.6 system-ui, sans-serif; margin: 0; }
main { max-inline-size: 40rem; margin-inline: auto; padding: 2rem 1rem; }
a { color: LinkText; }
:root { color-scheme: light dark; }
"""


@get("/", include_in_schema=False)
async def front(request: Request[Any, Any, Any]) -> Response[str]:
    """Say what this is."""
    return page("front.html", language_of(request), mailbox=mailbox.is_open(request))


@get("/problems/{code:str}", include_in_schema=False)
async def problem(request: Request[Any, Any, Any]) -> Response[str]:
    """Say what a problem means: where the `type` of a problem points."""
    code = str(request.path_params["code"])
    refusal = _refusals().get(code)
    if refusal is None:
        raise NotFound
    body = f"<p>{escape((refusal.__doc__ or '').strip())}</p><p>Code: <code>{code}</code></p>"
    return _html(PAGE.format(title=escape(refusal.title), body=body))


@get("/static/pages.css", include_in_schema=False)
async def style() -> Response[str]:
    """The pages' look."""
    return Response(CSS, media_type="text/css", headers=HEADERS)


def _refusals(root: type[Refusal] = Refusal) -> dict[str, type[Refusal]]:
    found: dict[str, type[Refusal]] = {}
    for one in root.__subclasses__():
        found |= {one.code: one} | _refusals(one)
    return found


def _html(text: str) -> Response[str]:
    return Response(text, media_type="text/html", headers=HEADERS)


ROUTES = (front, problem, style)
