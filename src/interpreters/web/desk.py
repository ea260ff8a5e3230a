"""The desk's rooms: for consultants, and for coordinators who ask for an institution."""

from interpreters.web import (
    desk_asking,
    desk_bookings,
    desk_cancelling,
    desk_changes,
    desk_clients,
    desk_links,
    desk_now,
    desk_received,
    desk_requests,
    desk_start,
    desk_usage,
)

ROUTES = (
    *desk_start.ROUTES,
    *desk_asking.ROUTES,
    *desk_now.ROUTES,
    *desk_requests.ROUTES,
    *desk_received.ROUTES,
    *desk_changes.ROUTES,
    *desk_cancelling.ROUTES,
    *desk_bookings.ROUTES,
    *desk_links.ROUTES,
    *desk_clients.ROUTES,
    *desk_usage.ROUTES,
)
