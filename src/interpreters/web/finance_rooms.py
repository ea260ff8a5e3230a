"""The pages of finance together."""

from interpreters.web import (
    finance,
    finance_bookings,
    finance_disputes,
    finance_expenses,
    finance_fundings,
    finance_months,
    finance_policies,
    finance_reports,
    finance_statements,
    finance_tariffs,
)

ROUTES = (
    *finance.ROUTES,
    *finance_months.ROUTES,
    *finance_statements.ROUTES,
    *finance_bookings.ROUTES,
    *finance_disputes.ROUTES,
    *finance_expenses.ROUTES,
    *finance_reports.ROUTES,
    *finance_fundings.ROUTES,
    *finance_tariffs.ROUTES,
    *finance_policies.ROUTES,
)
