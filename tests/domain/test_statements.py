"""Which month an entry lands on, what a statement adds up to, and the numbers of a year."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.errors import NotFound
from interpreters.domain.statements import (
    lands_on,
    month_before,
    next_month,
    number_after,
    numbers_of,
    of_side,
    read_month,
    show_month,
    since,
)
from interpreters.http.negotiation import NotAcceptable, chosen

MONTHS = [date(year, month, 1) for year in (2025, 2026) for month in range(1, 13)]
OFFERED = ("application/json", "text/csv", "application/pdf")


@given(
    day=st.dates(min_value=MONTHS[0], max_value=date(2026, 12, 31)),
    issued=st.sets(st.sampled_from(MONTHS)),
)
def test_whatever_is_issued_an_entry_lands_on_exactly_one_month(
    day: date, issued: set[date]
) -> None:
    following = [*MONTHS, date(2027, 1, 1)]
    found = [
        month
        for month in following
        if month not in issued and since(month=month, issued=issued) <= day < next_month(month)
    ]
    assert found == [lands_on(day=day, issued=issued)]
    assert found[0] >= day.replace(day=1)


def test_a_late_entry_goes_to_the_first_month_that_is_open() -> None:
    issued = {date(2025, 11, 1), date(2025, 12, 1), date(2026, 2, 1)}
    assert lands_on(day=date(2025, 11, 30), issued=issued) == date(2026, 1, 1)
    assert lands_on(day=date(2025, 10, 31), issued=issued) == date(2025, 10, 1)
    assert since(month=date(2026, 1, 1), issued=issued) == date(2025, 11, 1)


def test_months_turn_the_year() -> None:
    assert next_month(date(2025, 12, 1)) == date(2026, 1, 1)
    assert month_before(date(2026, 1, 1)) == date(2025, 12, 1)
    assert month_before(date(2026, 12, 1)) == date(2026, 11, 1)
    assert show_month(read_month("2026-05")) == "2026-05"


@pytest.mark.parametrize(
    "text",
    ["2026-00", "2026-13", "2026-5", "1899-01", "2200-01", "20\N{ARABIC-INDIC DIGIT TWO}6-05", ""],
)
def test_what_is_no_month_is_not_found(text: str) -> None:
    with pytest.raises(NotFound):
        read_month(text)


def test_numbers_go_on_from_the_last_of_their_series() -> None:
    below, above = numbers_of(side="charge", year=2026)
    assert number_after(first=below, last=None) == "2026-000001"
    assert number_after(first=below, last="2026-000999") == "2026-001000"
    assert below < "2026-000001" <= above
    first, _ = numbers_of(side="pay", year=2026)
    assert number_after(first=first, last=None) == "P2026-000001"


def test_a_rule_has_nothing_of_the_other_side() -> None:
    rule: Any = {
        "tariff": {"name": "2026"}, "pay_nothing": True,
        "rate": {"charge_per_hour_minor": 1, "pay_per_hour_minor": 2, "mode": "phone"},
        "policy_rule": {"fee_percent": 50, "pay_percent": 40},
    }  # fmt: skip
    assert of_side(rule, "charge") == {
        "tariff": {"name": "2026"}, "rate": {"charge_per_hour_minor": 1, "mode": "phone"},
        "policy_rule": {"fee_percent": 50},
    }  # fmt: skip
    assert of_side([rule], "pay") == [
        {
            "tariff": {"name": "2026"}, "pay_nothing": True,
            "rate": {"pay_per_hour_minor": 2, "mode": "phone"}, "policy_rule": {"pay_percent": 40},
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("text/*", "text/csv"),
        ("text/csv;q=0.5, application/pdf", "application/pdf"),
        ("application/*, application/json;q=0", "application/pdf"),
        ("TEXT/CSV ; q=1.0", "text/csv"),
        ("text/csv;q=nonsense, application/pdf;q=0.1", "application/pdf"),
    ],
)
def test_what_the_caller_likes_best_is_answered(accept: str | None, media: str) -> None:
    assert chosen(accept, OFFERED) == media


@pytest.mark.parametrize("accept", ["image/png", "text/csv;q=0", ";;,,=", "*"])
def test_what_nobody_offers_is_refused(accept: str) -> None:
    with pytest.raises(NotAcceptable):
        chosen(accept, OFFERED)


@given(st.text())
def test_whatever_is_sent_is_answered_in_one_of_them_or_refused(accept: str) -> None:
    try:
        media = chosen(accept, OFFERED)
    except NotAcceptable:
        media = None
    assert media in (*OFFERED, None)
