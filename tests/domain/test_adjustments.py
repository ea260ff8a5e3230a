"""Differences between prices: whatever was corrected how often, the sums are those of the last."""

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.adjustments import line_differences, total
from interpreters.domain.approvals import average, due_at, may_change_times
from interpreters.domain.pricing import Priced, price
from interpreters.domain.tariffs import Terms
from interpreters.domain.windows import Window

NOW = datetime(2026, 10, 24, 15, 0, tzinfo=UTC)  # before the night on which clocks go back
TERMS = msgspec.convert(
    {
        "rates": [
            {"mode": "in_person", "charge_per_hour_minor": 4811, "pay_per_hour_minor": 3007},
            {"mode": "in_person", "from_minutes": 180, "charge_per_hour_minor": 4407,
             "pay_per_hour_minor": 2999},
        ],
        "minimum_minutes": {"in_person": 60}, "increment_minutes": {"in_person": 15},
        "supplements": [
            {"when": "evening", "from": "18:00", "to": "06:00", "percent": 50},
            {"when": "weekend", "percent": 33},
        ],
        "travel": {"charge_per_km_minor": 31, "pay_per_km_minor": 29},
    },
    Terms,
)  # fmt: skip
NAMES = ("minutes", "km", "charge_minor", "pay_minor")


def lines(actual: int, starts_at: datetime) -> list[dict[str, object]]:
    booked = Window(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=60))
    session = Priced(
        mode="in_person", booked=booked, actual_minutes=actual, time_zone="Europe/Riga",
        country="LV", qualification=None, km=26,
    )  # fmt: skip
    return [msgspec.to_builtins(one) for one in price(session=session, terms=TERMS).lines]


@given(
    st.lists(st.integers(0, 1500), min_size=1, max_size=8),
    st.integers(0, 60 * 24 * 3).map(lambda minutes: NOW + timedelta(minutes=minutes)),
)
def test_a_chain_of_corrections_sums_to_the_last_price_line_by_line(actuals, starts_at):
    entered = list(lines(60, starts_at))
    for actual in actuals:
        entered += line_differences(before=entered, after=lines(actual, starts_at))
    last = lines(actuals[-1], starts_at)
    for name in NAMES:
        assert total(entered, name) == total(last, name)
    assert line_differences(before=entered, after=last) == []


def test_a_line_is_the_same_by_kind_supplement_and_per_cent():
    before = [
        {"kind": "base", "minutes": 60, "charge_minor": 4800, "pay_minor": 3000},
        {"kind": "supplement", "when": "evening", "percent": 50, "minutes": 30,
         "charge_minor": 1200, "pay_minor": 750},
        {"kind": "travel", "km": 26, "charge_minor": 780, "pay_minor": 650},
    ]  # fmt: skip
    after = [
        {"kind": "base", "minutes": 90, "charge_minor": 7200, "pay_minor": 4500},
        {"kind": "supplement", "when": "weekend", "percent": 75, "minutes": 90,
         "charge_minor": 5400, "pay_minor": 3375},
        {"kind": "travel", "km": 26, "charge_minor": 780, "pay_minor": 650},
    ]  # fmt: skip
    assert line_differences(before=before, after=after) == [
        {"kind": "base", "minutes": 30, "charge_minor": 2400, "pay_minor": 1500},
        {"kind": "supplement", "when": "evening", "percent": 50, "minutes": -30,
         "charge_minor": -1200, "pay_minor": -750},
        {"kind": "supplement", "when": "weekend", "percent": 75, "minutes": 90,
         "charge_minor": 5400, "pay_minor": 3375},
    ]  # fmt: skip


def test_days_of_silence_are_days_of_24_hours_also_when_clocks_change():
    assert due_at(now=NOW, days=1) == NOW + timedelta(hours=24)
    assert due_at(now=NOW, days=None) == NOW + timedelta(days=7)
    assert due_at(now=NOW, days=0) is None


def test_an_average_is_rounded_half_up_to_a_hundredth_and_of_three_at_least():
    assert average(stars=10, count=2) is None
    told = average(stars=13, count=3)
    assert told is not None
    assert (told.average_hundredths, told.count) == (433, 3)
    told = average(stars=33, count=8)  # 4.125
    assert told is not None
    assert told.average_hundredths == 413


def test_the_interpreter_changes_times_until_they_are_decided():
    states = (None, "open", "approved", "disputed")
    assert [may_change_times(role="interpreter", state=one) for one in states] == [
        True, True, False, False,
    ]  # fmt: skip
    assert all(may_change_times(role="coordinator", state=one) for one in states)
