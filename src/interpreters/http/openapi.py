"""The contract as OpenAPI 3.1, made from the doors: what they read, answer and refuse."""

import inspect
import re
from collections.abc import Iterable
from functools import cache
from typing import Any, Final, get_type_hints

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.handlers import HTTPRouteHandler

from interpreters.domain.errors import Forbidden, Invalid, NotSignedIn, Refusal
from interpreters.http.doors import JSON, Door
from interpreters.http.health import Live, Ready
from interpreters.http.problems import MEDIA_TYPE, Problem, status_of

TEMPLATE: Final = "#/components/schemas/{name}"
INFO: Final = {
    "title": "Interpreters",
    "version": "1",
    "summary": "Book interpreters; be booked; know what was used.",
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
IDEMPOTENCY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Kept 7 days: the same call is answered once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}
IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that was read; 412 when it is stale.",
    "schema": {"type": "string", "pattern": '^("[0-9]{1,18}"|\\*)$'},
}


@get("/openapi.json", include_in_schema=False)
async def openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The contract as a document."""
    return Response(_encoded(request.app), media_type=JSON)


@cache
def _encoded(app: Litestar) -> bytes:
    return msgspec.json.encode(document(app))


def document(app: Litestar) -> dict[str, Any]:
    """Return the OpenAPI document of every door of the application."""
    doors = sorted(_doors(app), key=lambda one: (one[0], one[1]))
    kinds = [Problem, Live, Ready]
    for _, _, _, one in doors:
        kinds += [kind for kind in (one.body, one.query, one.answer) if kind is not None]
    _, components = msgspec.json.schema_components(kinds, ref_template=TEMPLATE)
    paths: dict[str, dict[str, Any]] = {}
    for path, method, handler, one in doors:
        paths.setdefault(path, {})[method] = _operation(path, method, handler, one)
    paths["/health/live"] = {"get": _health("healthLive", "The process answers", "Live")}
    paths["/health/ready"] = {"get": _health("healthReady", "The process can work", "Ready")}
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _doors(app: Litestar) -> Iterable[tuple[str, str, HTTPRouteHandler, Door]]:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(described := handler.opt.get("door"), Door):
                path = re.sub(r"\{(\w+):\w+\}", r"{\1}", next(iter(handler.paths)))
                for method in handler.http_methods - {"OPTIONS"}:
                    yield path, method.lower(), handler, described


def _operation(path: str, method: str, handler: HTTPRouteHandler, one: Door) -> dict[str, Any]:
    text = inspect.getdoc(handler.fn) or ""
    summary, _, description = text.partition("\n\n")
    made: dict[str, Any] = {
        "operationId": _camel(handler.fn.__name__),
        "tags": [one.tag],
        "summary": summary.replace("\n", " ").rstrip("."),
        "parameters": [*_path_parameters(path), *_query_parameters(one), *_headers(method)],
        "responses": _responses(one),
    }
    if description:
        made["description"] = description
    if one.body is not None:
        schema = msgspec.json.schema_components([one.body], ref_template=TEMPLATE)[0][0]
        made["requestBody"] = {
            "required": any(field.required for field in msgspec.structs.fields(one.body)),
            "content": {JSON: {"schema": schema}},
        }
    if one.public:
        made["security"] = []
    return made


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", path)
    ]


def _query_parameters(one: Door) -> list[dict[str, Any]]:
    if one.query is None:
        return []
    hints = get_type_hints(one.query, include_extras=True)
    made = []
    for field in msgspec.structs.fields(one.query):
        schema = msgspec.json.schema_components([hints[field.name]], ref_template=TEMPLATE)[0][0]
        made.append(
            {
                "name": field.encode_name,
                "in": "query",
                "required": field.required,
                "schema": _without_null(schema),
                "style": "form",
                "explode": False,
            }
        )
    return made


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query parameter is absent, never null."""
    options = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    return options[0] if len(options) == 1 else schema


def _headers(method: str) -> list[dict[str, Any]]:
    return {"post": [IDEMPOTENCY], "patch": [IF_MATCH]}.get(method, [])


def _responses(one: Door) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if one.answer is None:
        made["204"] = {"description": "Done"}
    else:
        schema = msgspec.json.schema_components([one.answer], ref_template=TEMPLATE)[0][0]
        made[str(one.status)] = {"description": "Done", "content": {JSON: {"schema": schema}}}
    refusals: list[type[Refusal]] = [*one.refusals]
    if not one.public:
        refusals.append(NotSignedIn)
    if one.body is not None or one.query is not None:
        refusals.append(Invalid)
    by_status: dict[int, set[str]] = {}
    for refusal in refusals:
        by_status.setdefault(status_of(refusal.code).value, set()).add(refusal.code)
    if one.body is not None:
        by_status.setdefault(400, set()).add("malformed")
        by_status.setdefault(413, set()).add("body-too-large")
    if not one.public:
        by_status.setdefault(403, set()).add(Forbidden.code)
    by_status.setdefault(429, set()).add("too-many-requests")
    for status, codes in sorted(by_status.items()):
        made[str(status)] = _problem_response(codes)
    return made


def _problem_response(codes: set[str]) -> dict[str, Any]:
    return {
        "description": ", ".join(sorted(codes)),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _health(operation: str, summary: str, name: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{name}"}
    made: dict[str, Any] = {
        "operationId": operation,
        "tags": ["Health"],
        "summary": summary,
        "security": [],
        "responses": {"200": {"description": "Yes", "content": {JSON: {"schema": schema}}}},
    }
    if name == "Ready":
        made["responses"]["503"] = {"description": "No", "content": {JSON: {"schema": schema}}}
    return made


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.title() for word in tail)


ROUTES = (openapi,)
