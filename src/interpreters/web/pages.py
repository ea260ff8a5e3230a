"""Pages that anybody may read: what this is, and what a problem means."""

from html import escape
from typing import Any, Final

from litestar import Request, Response, get

from interpreters.domain.errors import NotFound, Refusal
from interpreters.web import mailbox

HEADERS: Final = {"Cache-Control": "no-cache"}
PAGE: Final = """<!doctype html>
<html lang="en">
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
FRONT: Final = """<p>Interpreter booking for migrant centres and the institutions around them:
somebody asks for an interpreter, the right people are asked in the right order, the first yes is
the booking, and every minute is logged.</p>
<ul>
<li><a href="/sign-in">Sign in</a></li>
<li><a href="/languages">Languages by their own names, for somebody to point at</a></li>
<li><a href="/docs">The API, to read and to try</a></li>
<li><a href="/openapi.json">The same as an OpenAPI document</a></li>
<li><a href="/health/ready">Whether everything works</a></li>
</ul>"""
MAILBOX: Final = """
<p>This is a demonstration: <a href="/mailbox">the mailbox</a> shows what it would have sent to
people, their codes to sign in among it.</p>"""
CSS: Final = """body { font: 1.1rem/1.6 system-ui, sans-serif; margin: 0; }
main { max-inline-size: 40rem; margin-inline: auto; padding: 2rem 1rem; }
a { color: LinkText; }
:root { color-scheme: light dark; }
"""


@get("/", include_in_schema=False)
async def front(request: Request[Any, Any, Any]) -> Response[str]:
    """Say what this is."""
    body = FRONT + MAILBOX if mailbox.is_open(request) else FRONT
    return _html(PAGE.format(title="Interpreters", body=body))


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
