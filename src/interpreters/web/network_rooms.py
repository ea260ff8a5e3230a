"""The pages about institutions, people and settings together."""

from interpreters.web import (
    network_asking,
    network_institutions,
    network_rules,
    network_settings,
    network_sites,
    network_users,
)

ROUTES = (
    *network_institutions.ROUTES,
    *network_asking.ROUTES,
    *network_sites.ROUTES,
    *network_users.ROUTES,
    *network_settings.ROUTES,
    *network_rules.ROUTES,
)
