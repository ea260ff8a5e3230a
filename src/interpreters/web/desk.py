"""The desk's rooms: for consultants, and for coordinators who ask for an institution."""

from interpreters.web import desk_asking, desk_now, desk_requests, desk_start

ROUTES = (
    *desk_start.ROUTES,
    *desk_asking.ROUTES,
    *desk_now.ROUTES,
    *desk_requests.ROUTES,
)
