"""The published figures: what counts, and against what."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.simulation_metrics import (
    Outcome,
    Told,
    Worked,
    gini,
    metrics_of,
    percentile,
)


def told(outcome: Outcome, *, yes: float | None = None, urgent: bool = False) -> Told:
    filled = yes is not None
    return Told(
        urgent=urgent, outcome=outcome, filled=filled, offers=4, bookings=int(filled), too_late=1,
        yes_minutes=yes,
    )  # fmt: skip


def test_the_success_rate_leaves_out_what_customers_called_off() -> None:
    # (fulfilled + customer no-show) / (completed - customer-cancelled): (6 + 1) / (10 - 1).
    each = [told("held", yes=1.0)] * 6 + [
        told("client_no_show", yes=1.0),
        told("interpreter_no_show", yes=1.0),
        told("cancelled"),
        told("unfilled"),
    ]
    assert metrics_of(each, []).success_rate_uk == pytest.approx(7 / 9, abs=1e-4)


def test_fill_leaves_nothing_out() -> None:
    each = [told("held", yes=1.0), told("cancelled"), told("cancelled", yes=2.0), told("unfilled")]
    found = metrics_of(each, [])
    assert (found.requests, found.filled, found.fill) == (4, 2, 0.5)


def test_offers_and_late_yeses_are_of_all_requests_for_each_booking() -> None:
    found = metrics_of([told("held", yes=1.0), told("held", yes=1.0), told("unfilled")], [])
    assert (found.offers_per_booking, found.too_late_per_booking) == (6.0, 1.5)


def test_whoever_never_hears_a_yes_waits_for_ever() -> None:
    assert percentile([5.0, 1.0, None, 3.0, None], 0.5) == 5.0
    assert percentile([5.0, 1.0, None, 3.0, None], 0.9) is None
    assert percentile([None, None], 0.5) is None
    assert percentile([], 0.5) is None
    assert percentile([4.0], 0.9) == 4.0


def test_urgent_and_planned_are_told_apart() -> None:
    found = metrics_of([told("held", yes=2.0, urgent=True), told("held", yes=30.0)], [])
    assert (found.urgent.requests, found.urgent.yes_p50_minutes) == (1, 2.0)
    assert (found.planned.requests, found.planned.yes_p50_minutes) == (1, 30.0)


def test_ginis_coefficient() -> None:
    assert gini([2.0, 2.0, 2.0]) == 0
    assert gini([0.0, 0.0, 0.0, 8.0]) == 0.75  # one of four has all
    assert gini([1.0, 3.0]) == 0.25
    assert gini([0.0, 0.0]) is None


@given(st.lists(st.floats(min_value=0, max_value=1e6), min_size=1, max_size=50))
def test_ginis_coefficient_is_a_share(shares: list[float]) -> None:
    found = gini(shares)
    assert found is None or -1e-4 <= found <= 1


def test_hours_are_compared_by_the_hours_that_people_work() -> None:
    worked = [Worked(hours=4, available=40), Worked(hours=2, available=20)]
    found = metrics_of([told("held", yes=1.0)], [*worked, Worked(hours=0, available=40)])
    assert found.without_work == pytest.approx(1 / 3, abs=1e-4)
    assert metrics_of([told("held", yes=1.0)], worked).gini == 0


def test_shares_of_nothing_are_not_told() -> None:
    found = metrics_of([told("cancelled")], [])
    assert (found.success_rate_uk, found.offers_per_booking, found.without_work) == (None,) * 3


def test_what_offers_went_to_and_why_something_was_missed() -> None:
    many = msgspec.structs.replace(told("held", yes=1.0), fitting=5, offers=6)
    few = msgspec.structs.replace(told("held", yes=9.0), fitting=4)
    vain = msgspec.structs.replace(told("unfilled"), fitting=7, offers=6, missed="busy")
    found = metrics_of([many, few, vain, told("unfilled")], [])

    assert found.offers_in_vain == 0.5  # 6 + 4 of 20
    assert (found.crowd.requests, found.crowd.offers_per_booking) == (2, 12.0)
    assert found.missed == {"busy": 1, "answered_late": 0, "other": 0}
    assert found.planned.answered_p50_minutes == 1.0
    assert found.urgent.answered_p50_minutes is None
