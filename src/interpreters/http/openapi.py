"""The contract as OpenAPI 3.1, made from the doors: what they read, answer and refuse."""

import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias, get_type_hints

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.handlers import HTTPRouteHandler

from interpreters.application.calls import IdempotencyInProgress, IdempotencyKeyReused
from interpreters.domain import ids
from interpreters.domain.errors import Forbidden, Invalid, NotFound, NotSignedIn, Refusal, Stale
from interpreters.http.doors import JSON, BodyTooLarge, Door
from interpreters.http.edge import TooManyRequests
from interpreters.http.health import Live, Ready
from interpreters.http.media import UnsupportedEncoding, UnsupportedMediaType
from interpreters.http.openapi_webhooks import WebhookMessage, webhooks
from interpreters.http.problems import MEDIA_TYPE, Problem, status_of
from interpreters.http.reading import Malformed

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


METRICS: Final = {
    "operationId": "metrics",
    "tags": ["Health"],
    "summary": "Numbers for Prometheus; from this machine, or with the token of the settings",
    "responses": {
        "200": {"description": "Yes", "content": {"text/plain": {"schema": {"type": "string"}}}},
        "401": {
            "description": "unauthorized",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        },
    },
}
PREFIXES: Final = {
    "institutions": ids.INSTITUTION,
    "sites": ids.SITE,
    "keys": ids.KEY,
    "clients": ids.CLIENT,
    "users": ids.USER,
    "identity-providers": ids.IDENTITY_PROVIDER,
    "passkeys": ids.PASSKEY,
    "push-subscriptions": ids.PUSH_SUBSCRIPTION,
    "sign-ins": ids.SIGN_IN,
    "interpreters": ids.INTERPRETER,
    "credentials": ids.CREDENTIAL,
    "absences": ids.ABSENCE,
    "requests": ids.REQUEST,
    "candidates": ids.INTERPRETER,
    "offers": ids.OFFER,
    "bookings": ids.BOOKING,
    "client-voices": ids.CLIENT_VOICE,
    "disputes": ids.DISPUTE,
    "tariffs": ids.TARIFF,
    "cancellation-policies": ids.POLICY,
    "fundings": ids.FUNDING,
    "grants": ids.FUNDING,
    "statements": ids.INSTITUTION,
    "expenses": ids.EXPENSE,
    "plans": ids.PLAN,
    "pay-statements": ids.INTERPRETER,
    "operations": ids.OPERATION,
    "webhook-endpoints": ids.WEBHOOK_ENDPOINT,
    "calendar-links": ids.CALENDAR_LINK,
}
MONTH: Final = {"type": "string", "pattern": "^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$"}
LOCATION: Final = {
    "Location": {"description": "Where to look how far it is.", "schema": {"type": "string"}}
}
Schemas: TypeAlias = dict[Any, dict[str, Any]]


@get("/openapi.json", include_in_schema=False)
async def openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The contract as a document."""
    state = request.app.state
    if "document" not in state:
        state.document = msgspec.json.encode(document(request.app))
    return Response(state.document, media_type=JSON)


def document(app: Litestar) -> dict[str, Any]:
    """Return the OpenAPI document of every door of the application."""
    doors = sorted(_doors(app), key=lambda one: (one[0], one[1]))
    schemas, components = _schemas([one for _, _, _, one in doors])
    paths: dict[str, dict[str, Any]] = {}
    for path, method, handler, one in doors:
        paths.setdefault(path, {})[method] = _operation(path, method, handler, one, schemas)
    paths["/health/live"] = {"get": _health("healthLive", "The process answers", "Live")}
    paths["/health/ready"] = {"get": _health("healthReady", "The process can work", "Ready")}
    paths["/metrics"] = {"get": METRICS}
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "webhooks": webhooks(schemas[WebhookMessage]),
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _schemas(doors: Iterable[Door]) -> tuple[Schemas, dict[str, Any]]:
    """Return the schema of every kind that travels, and the named ones they refer to.

    In one go, so that two structs of one name get names that differ.
    """
    kinds: dict[Any, None] = dict.fromkeys((Problem, Live, Ready, WebhookMessage))
    for one in doors:
        kinds |= dict.fromkeys(kind for kind in (one.body, one.answer, one.accepted) if kind)
        kinds |= dict.fromkeys(_query_kinds(one).values())
    made, components = msgspec.json.schema_components(kinds, ref_template=TEMPLATE)
    return dict(zip(kinds, made, strict=True)), components


def _query_kinds(one: Door) -> dict[str, Any]:
    return {} if one.query is None else get_type_hints(one.query, include_extras=True)


def _doors(app: Litestar) -> Iterable[tuple[str, str, HTTPRouteHandler, Door]]:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(described := handler.opt.get("door"), Door):
                path = re.sub(r"\{(\w+):\w+\}", r"{\1}", next(iter(handler.paths)))
                for method in handler.http_methods - {"OPTIONS"}:
                    yield path, method.lower(), handler, described


def _operation(
    path: str, method: str, handler: HTTPRouteHandler, one: Door, schemas: Schemas
) -> dict[str, Any]:
    text = inspect.getdoc(handler.fn) or ""
    summary, _, description = text.partition("\n\n")
    made: dict[str, Any] = {
        "operationId": _camel(handler.fn.__name__),
        "tags": [one.tag],
        "summary": summary.replace("\n", " ").rstrip("."),
        "parameters": [
            *_path_parameters(path),
            *_query_parameters(one, schemas),
            *_headers(method, one),
        ],
        "responses": _responses(path, method, one, schemas),
    }
    if description:
        made["description"] = description
    if one.body is not None:
        made["requestBody"] = {
            "required": any(field.required for field in msgspec.structs.fields(one.body)),
            "content": {one.media: {"schema": schemas[one.body]}},
        }
    if one.public:
        made["security"] = []
    return made


def _path_parameters(path: str) -> list[dict[str, Any]]:
    """An id's pattern follows from the collection it stands behind."""
    made = []
    for collection, name in re.findall(r"([\w-]*)/\{(\w+)\}", path):
        prefix = PREFIXES.get(collection)
        schema = MONTH if name == "month" else {"type": "string", "minLength": 1}
        if prefix is not None:
            schema = {"type": "string", "pattern": ids.id_pattern(prefix)}
        made.append({"name": name, "in": "path", "required": True, "schema": schema})
    return made


def _query_parameters(one: Door, schemas: Schemas) -> list[dict[str, Any]]:
    if one.query is None:
        return []
    kinds = _query_kinds(one)
    return [
        {
            "name": field.encode_name,
            "in": "query",
            "required": field.required,
            "schema": _without_null(schemas[kinds[field.name]]),
            "style": "form",
            "explode": False,
        }
        for field in msgspec.structs.fields(one.query)
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query parameter is absent, never null."""
    options = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    return options[0] if len(options) == 1 else schema


def _headers(method: str, one: Door) -> list[dict[str, Any]]:
    if method == "post":
        return [IDEMPOTENCY, IF_MATCH] if Stale in one.refusals else [IDEMPOTENCY]
    return [IF_MATCH] if method == "patch" else []


def _responses(path: str, method: str, one: Door, schemas: Schemas) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if one.answer is None:
        made["204"] = {"description": "Done"}
    else:
        content = {JSON: {"schema": schemas[one.answer]}} | {media: {} for media in one.files}
        made[str(one.status)] = {"description": "Done", "content": content}
    if one.accepted is not None:
        content = {JSON: {"schema": schemas[one.accepted]}}
        made["202"] = {"description": "Under way", "content": content, "headers": LOCATION}
    by_status: dict[int, set[str]] = {}
    for refusal in {*one.refusals, *_everywhere(path, method, one)}:
        by_status.setdefault(status_of(refusal.code).value, set()).add(refusal.code)
    for status, codes in sorted(by_status.items()):
        made[str(status)] = _problem_response(codes)
    return made


def _everywhere(path: str, method: str, one: Door) -> Iterator[type[Refusal]]:
    """Yield the refusals that follow from the kind of door."""
    yield from (Invalid, TooManyRequests)
    if not one.public:
        yield from (NotSignedIn, Forbidden)
    if "{" in path:
        yield NotFound
    if method in ("post", "put", "patch"):
        yield from (Malformed, BodyTooLarge, UnsupportedMediaType, UnsupportedEncoding)
    if method == "post" and not one.public:
        yield from (IdempotencyKeyReused, IdempotencyInProgress)
    if method == "patch":
        yield Stale


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
