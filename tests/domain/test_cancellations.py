"""Until when calling off is free, and what it costs then: worked out by hand, at the edges."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calling_off import RIGA, SECOND, at, booking
from interpreters.domain.cancellations import (
    Called,
    PolicyRule,
    fee,
    free_until,
    late_rule,
    rules_errors,
)
from interpreters.domain.pricing import Priced, price
from interpreters.domain.tariffs import Terms
from interpreters.domain.windows import Window

CONTRACT = [
    {"mode": "in_person", "min_minutes": 0, "free_until_hours": 24, "clock": "working_time",
     "fee_percent": 100},
    {"mode": "phone", "free_until_hours": 4, "clock": "elapsed", "fee_percent": 100},
]  # fmt: skip


def rules(written: list[dict[str, Any]]) -> list[PolicyRule]:
    return msgspec.convert(written, list[PolicyRule])


def edge(written: list[PolicyRule], called: Called, last_free: str) -> None:
    """Check that a notice at this time of the place is free, and a second later is not."""
    moment = at(last_free, (called.time_zone, ""))
    assert late_rule(rules=written, called=called, at=moment) is None
    assert late_rule(rules=written, called=called, at=moment + SECOND) is not None
    assert free_until(rules=written, called=called) == moment


@pytest.mark.parametrize(
    ("starts", "last_free"),
    [
        # Monday 10:00: ten hours of Monday and fourteen of Friday
        pytest.param("2026-11-23 10:00", "2026-11-20 10:00", id="Friday for Monday"),
        pytest.param("2026-11-26 10:00", "2026-11-25 10:00", id="Wednesday for Thursday"),
        pytest.param("2026-11-19 10:00", "2026-11-17 10:00", id="18 November is a holiday"),
        # Sunday: no hour of it counts, nor of Saturday; the last 24 are Friday's
        pytest.param("2026-11-22 15:00", "2026-11-20 00:00", id="a session on a Sunday"),
        # 24, 25, 26 December are holidays, a Thursday to a Saturday; 28 is a Monday
        pytest.param("2026-12-28 09:00", "2026-12-23 09:00", id="after Christmas"),
    ],
)
def test_working_time_counts_monday_to_friday_without_holidays(starts: str, last_free: str) -> None:
    edge(rules(CONTRACT), booking(starts), last_free)


@pytest.mark.parametrize(
    ("starts", "last_free"),
    [
        pytest.param("2026-11-23 10:00", "2026-11-23 06:00", id="any four hours"),
        pytest.param("2026-10-25 06:00", "2026-10-25 03:00", id="the night had an hour more"),
        pytest.param("2026-03-29 06:00", "2026-03-29 01:00", id="the night had an hour less"),
    ],
)
def test_elapsed_time_is_what_passes(starts: str, last_free: str) -> None:
    called = booking(starts, mode="phone")
    moment = called.booked.starts_at - timedelta(hours=4)
    assert late_rule(rules=rules(CONTRACT), called=called, at=moment) is None
    assert late_rule(rules=rules(CONTRACT), called=called, at=moment + SECOND) is not None
    assert free_until(rules=rules(CONTRACT), called=called) == moment
    if "10-25" not in starts:  # the hour from three is there twice that night
        assert moment == at(last_free)


def test_a_mode_without_a_rule_is_free() -> None:
    called = booking("2026-11-23 10:00", mode="video")
    start = called.booked.starts_at
    assert late_rule(rules=rules(CONTRACT), called=called, at=start - SECOND) is None
    assert free_until(rules=rules(CONTRACT), called=called) == start


def test_after_the_start_nothing_is_free() -> None:
    always = rules([{"free_until_hours": 0, "fee_percent": 100}])
    called = booking("2026-11-23 10:00")
    edge(always, called, "2026-11-23 10:00")


def test_the_longest_length_that_the_booking_reaches_counts() -> None:
    by_length = rules(
        [
            {"mode": "in_person", "free_until_hours": 24, "fee_percent": 100},
            {"mode": "in_person", "min_minutes": 390, "free_until_hours": 48, "fee_percent": 100},
        ]
    )
    edge(by_length, booking("2026-11-26 10:00", minutes=389), "2026-11-25 10:00")
    edge(by_length, booking("2026-11-26 10:00", minutes=390), "2026-11-24 10:00")


def test_steps_cost_more_the_later_it_is() -> None:
    steps = rules(
        [
            {"free_until_hours": 48, "fee_percent": 50},
            {"free_until_hours": 24, "fee_percent": 100},
        ]
    )
    called = booking("2026-11-26 10:00")

    def percent(hours: float) -> int:
        notice = called.booked.starts_at - timedelta(hours=hours)
        found = late_rule(rules=steps, called=called, at=notice)
        return 0 if found is None else found.fee_percent

    assert [percent(hours) for hours in (48, 47.9, 24, 23.9, 0, -1)] == [0, 50, 50, 100, 100, 100]


TERMS = msgspec.convert(
    {
        "rates": [{"mode": "in_person", "charge_per_hour_minor": 4801,
                   "pay_per_hour_minor": 3000}],
        "minimum_minutes": {"in_person": 60},
        "increment_minutes": {"in_person": 30},
        "supplements": [{"when": "evening", "from": "18:00", "to": "22:00", "percent": 50}],
        "travel": {"charge_per_km_minor": 30, "pay_per_km_minor": 25},
    },
    Terms,
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "lines"),
    [
        # 90 min: 7201.5 and 4500; an evening's hour of them: 2400.5 and 1500; 20 km: 600 and 500
        pytest.param({"fee_percent": 100}, [("base", 7202, 4500), ("evening", 2401, 1500)],
                     id="without travel"),
        pytest.param({"fee_percent": 100, "with_travel": True},
                     [("base", 7202, 4500), ("evening", 2401, 1500), ("travel", 600, 500)],
                     id="with travel"),
        # 3601 and 2250; 1200.5 and 750
        pytest.param({"fee_percent": 50}, [("base", 3601, 2250), ("evening", 1201, 750)],
                     id="half of each line, rounded once more"),
        pytest.param({"fee_percent": 0, "pay_percent": 100},
                     [("base", 0, 4500), ("evening", 0, 1500)], id="the interpreter alone"),
        pytest.param({"fee_percent": 100, "at_most_minutes": 60},
                     [("base", 4801, 3000), ("evening", 1200, 750)], id="the first hour"),
        pytest.param({"fee_percent": 100, "at_most_minutes": 0},
                     [("base", 4801, 3000), ("evening", 1200, 750)], id="the minimum"),
    ],
)  # fmt: skip
def test_the_fee_is_a_share_of_each_line_of_the_booked_price(
    rule: dict[str, Any], lines: list[tuple[str, int, int]]
) -> None:
    start = at("2026-12-01 17:30")
    session = Priced(
        mode="in_person",
        booked=Window(starts_at=start, ends_at=start + timedelta(minutes=90)),
        actual_minutes=0,
        time_zone=RIGA[0],
        country=RIGA[1],
        qualification="trained",
        km=20,
    )
    [said] = rules([{"free_until_hours": 24, **rule}])
    found = fee(session=session, terms=TERMS, rule=said)
    assert [(one.when or one.kind, one.charge_minor, one.pay_minor) for one in found.lines] == lines
    assert found.charge_minor <= price(session=session, terms=TERMS).charge_minor


def test_two_rules_for_the_same_notice_are_refused() -> None:
    twice = rules([{"mode": "phone", "free_until_hours": 4, "fee_percent": 100}] * 2)
    assert [(one.pointer, one.code) for one in rules_errors(twice)] == [("/rules/1", "duplicate")]
    assert rules_errors(rules(CONTRACT)) == []


@given(
    hours=st.integers(0, 200),
    clock=st.sampled_from(["elapsed", "working_time", "working_days"]),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
    before=st.integers(0, 30 * 86_400),
)
def test_what_is_free_now_was_free_before(
    hours: int, clock: str, start: datetime, before: int
) -> None:
    written = rules([{"free_until_hours": hours, "clock": clock, "fee_percent": 100}])
    called = booking(start.replace(microsecond=0).isoformat())
    last = free_until(rules=written, called=called)
    assert last is not None
    notice = called.booked.starts_at - timedelta(seconds=before)
    assert (late_rule(rules=written, called=called, at=notice) is None) == (notice <= last)
