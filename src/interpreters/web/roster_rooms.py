"""The pages of the roster together."""

from interpreters.web import roster, roster_imports, roster_people, roster_times

ROUTES = (
    *roster.ROUTES,
    *roster_people.ROUTES,
    *roster_times.ROUTES,
    *roster_imports.ROUTES,
)
