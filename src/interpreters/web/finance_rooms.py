"""The pages of finance together."""

from interpreters.web import (
    finance,
    finance_bookings,
    finance_disputes,
    finance_expenses,
    finance_months,
    finance_statements,
)

ROUTES = (
    *finance.ROUTES,
    *finance_months.ROUTES,
    *finance_statements.ROUTES,
    *finance_bookings.ROUTES,
    *finance_disputes.ROUTES,
    *finance_expenses.ROUTES,
)
