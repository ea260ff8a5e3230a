"""`/health`: whether the process lives, and whether it can do its work."""

from typing import Any

import msgspec
from litestar import Request, Response, get

from interpreters.application import readiness
from interpreters.http.doors import JSON


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: str = "ok"


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """Whether each thing the process needs is there, with the reason when not."""

    status: str
    reasons: dict[str, str]


@get("/health/live", include_in_schema=False)
async def live() -> Response[bytes]:
    """Tell that the process answers."""
    return Response(msgspec.json.encode(Live()), media_type=JSON)


@get("/health/ready", include_in_schema=False)
async def ready(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Tell whether the process can do its work; 503 with reasons when it cannot."""
    state = request.app.state
    reasons = await readiness.check(state.pool, queue=state.queue)
    fine = reasons["database"] == "ok"
    view = Ready(status="ok" if fine else "unavailable", reasons=reasons)
    return Response(msgspec.json.encode(view), media_type=JSON, status_code=200 if fine else 503)


ROUTES = (live, ready)
