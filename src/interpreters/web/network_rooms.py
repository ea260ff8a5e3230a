"""The pages about institutions, people and settings together."""

from interpreters.web import network_institutions, network_settings, network_sites, network_users

ROUTES = (
    *network_institutions.ROUTES,
    *network_sites.ROUTES,
    *network_users.ROUTES,
    *network_settings.ROUTES,
)
