"""The doors that count: usage, its chart and export, how people were served, grants."""

from interpreters.http import (
    fairness,
    grant_reports,
    service_reports,
    usage_charts,
    usage_exports,
    usage_reports,
)

ROUTES = (
    *usage_reports.ROUTES,
    *usage_charts.ROUTES,
    *usage_exports.ROUTES,
    *service_reports.ROUTES,
    *grant_reports.ROUTES,
    *fairness.ROUTES,
)
