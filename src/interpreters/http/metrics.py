"""`/metrics`: what this process answered and how long it took, for Prometheus."""

import hmac
from typing import Any, Final

from litestar import Request, Response, get
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from interpreters.domain.errors import NotSignedIn
from interpreters.http.origin import is_near

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


class Meters:
    """The numbers of one application. A path is counted by its template, never by its ids."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "interpreters_http_requests",
            "Answers given, by route, method and class of status.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "interpreters_http_request_seconds",
            "Seconds until the answer began, by route and method.",
            ("route", "method"),
            buckets=BUCKETS,
            registry=self.registry,
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        known = method if method in METHODS else "other"
        self.requests.labels(route, known, f"{status // 100}xx").inc()
        self.seconds.labels(route, known).observe(seconds)


@get("/metrics", include_in_schema=False)
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The numbers, for a caller on this machine or with the token of the settings."""
    state = request.app.state
    if not (is_near(request) or _has_token(request, state.metrics_token)):
        raise NotSignedIn
    return Response(generate_latest(state.meters.registry), media_type=CONTENT_TYPE_LATEST)


def _has_token(request: Request[Any, Any, Any], token: str | None) -> bool:
    given = request.headers.get("authorization", "").partition(" ")[2].strip()
    return token is not None and hmac.compare_digest(given.encode(), token.encode())


ROUTES = (metrics,)
