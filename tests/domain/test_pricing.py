"""Prices worked out by hand: billed minutes, lines, rounding, supplements, travel, versions."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from interpreters.domain.pricing import Price, Priced, is_urgent, price, round_trip_km
from interpreters.domain.tariffs import Dated, Terms, applying, rate_of, terms_errors
from interpreters.domain.travel import Point
from interpreters.domain.windows import Window

TERMS = msgspec.convert(
    {
        "rates": [
            {"mode": "in_person", "qualification": "certified",
             "charge_per_hour_minor": 4800, "pay_per_hour_minor": 3000},
            {"mode": "phone", "qualification": "certified",
             "charge_per_hour_minor": 4810, "pay_per_hour_minor": 2990},
        ],
        "minimum_minutes": {"in_person": 60, "phone": 15, "video": 15},
        "increment_minutes": {"in_person": 30, "phone": 15, "video": 15},
        "supplements": [
            {"when": "evening", "from": "18:00", "to": "22:00", "percent": 50},
            {"when": "weekend", "percent": 75},
            {"when": "public_holiday", "percent": 100},
        ],
        "travel": {"charge_per_km_minor": 30, "pay_per_km_minor": 25},
    },
    Terms,
)  # fmt: skip


def held(
    starts: str, *, booked: int = 60, actual: int = 0, mode: str = "in_person", **more: Any
) -> Price:
    """Price a session that starts at a time in UTC, in Riga (UTC+2 in winter, +3 in summer)."""
    start = datetime.fromisoformat(starts).replace(tzinfo=UTC)
    terms = more.pop("terms", TERMS)
    return price(
        session=Priced(
            mode=mode,
            booked=Window(starts_at=start, ends_at=start + timedelta(minutes=booked)),
            actual_minutes=actual,
            time_zone="Europe/Riga",
            country=more.pop("country", "LV"),
            qualification=more.pop("qualification", "certified"),
            **more,
        ),
        terms=terms,
    )


def lines(found: Price) -> list[tuple[str, int | None, int, int]]:
    """Return what each line is, its minutes or kilometres, charge and pay."""
    return [
        (one.when or one.kind, one.minutes or one.km, one.charge_minor, one.pay_minor)
        for one in found.lines
    ]


@pytest.mark.parametrize(
    ("booked", "actual", "billable"),
    [
        pytest.param(60, 50, 60, id="the booked time is the larger"),
        pytest.param(60, 61, 90, id="a minute over is an increment more"),
        pytest.param(60, 90, 90, id="exactly the increment"),
        pytest.param(20, 10, 60, id="at least the minimum"),
        pytest.param(45, 0, 60, id="the minimum again"),
        pytest.param(75, 75, 90, id="increments count from nothing, not from what was booked"),
    ],
)
def test_billed_is_the_larger_at_least_the_minimum_in_whole_increments(
    booked: int, actual: int, billable: int
) -> None:
    found = held("2026-12-01 08:30", booked=booked, actual=actual)  # a Tuesday, 10:30
    assert found.billable_minutes == billable
    assert lines(found) == [("base", billable, billable * 80, billable * 50)]


def test_a_line_is_rounded_once_and_a_half_goes_up() -> None:
    # 15 min of 48.10 are 12.025, of 29.90 are 7.475
    found = held("2026-12-01 08:30", mode="phone", booked=10)
    assert lines(found) == [("base", 15, 1203, 748)]


def test_a_supplement_is_for_the_minutes_inside_it() -> None:
    # 17:30 to 18:30: half an hour of evening at half of 48 and of 30 an hour
    found = held("2026-12-01 15:30")
    assert lines(found) == [("base", 60, 4800, 3000), ("evening", 30, 1200, 750)]
    assert (found.charge_minor, found.pay_minor) == (6000, 3750)


def test_billed_minutes_run_on_from_the_booked_start() -> None:
    # booked 21:00 to 22:00, over at 22:15, billed to 22:30: one hour of evening, not one and a half
    found = held("2026-12-01 19:00", actual=75)
    assert lines(found) == [("base", 90, 7200, 4500), ("evening", 60, 2400, 1500)]


def test_where_several_cover_a_minute_only_the_highest_has_it() -> None:
    # Saturday 17:00 to 19:00: weekend at 75 %, all of it, although its last hour is evening
    found = held("2026-12-05 15:00", booked=120)
    assert lines(found) == [("base", 120, 9600, 6000), ("weekend", 120, 7200, 4500)]


def test_a_holiday_is_one_of_the_country_of_the_place() -> None:
    # 18 November is Latvia's, not Estonia's; 17:00 to 19:00 on a Wednesday
    there = held("2026-11-18 15:00", booked=120)
    assert lines(there)[1:] == [("public_holiday", 120, 9600, 6000)]
    assert lines(held("2026-11-18 15:00", booked=120, country="EE"))[1:] == [
        ("evening", 60, 2400, 1500)
    ]


def test_a_session_over_midnight_is_one_session() -> None:
    # Friday 23:00 to Saturday 01:00
    found = held("2026-12-04 21:00", booked=120)
    assert lines(found) == [("base", 120, 9600, 6000), ("weekend", 60, 3600, 2250)]


@pytest.mark.parametrize(
    ("starts", "evening"),
    [
        pytest.param("2026-10-24 23:30", 90, id="autumn shows 03:00 to 04:00 twice"),
        pytest.param("2026-03-28 23:30", 0, id="spring leaves it out"),
    ],
)
def test_a_night_on_which_the_clock_changes_has_the_minutes_that_passed(
    starts: str, evening: int
) -> None:
    # Two hours from half past two (half past one in spring) by the clock of Riga
    small_hours = {"when": "evening", "from": "03:00", "to": "04:00", "percent": 100}
    terms = msgspec.convert({**msgspec.to_builtins(TERMS), "supplements": [small_hours]}, Terms)
    found = held(starts, booked=120, terms=terms)
    expected = [("evening", evening, evening * 80, evening * 50)] if evening else []
    assert lines(found) == [("base", 120, 9600, 6000), *expected]


UNPAID = msgspec.structs.replace(TERMS, breaks_paid=False)


@pytest.mark.parametrize(
    ("booked", "actual", "breaks", "billable"),
    [
        pytest.param(180, 180, 30, 150, id="off what was booked and held"),
        pytest.param(180, 120, 30, 150, id="off what was booked, where that is the larger"),
        pytest.param(120, 185, 30, 180, id="off what was held: 155, in half hours"),
        pytest.param(60, 60, 45, 60, id="the minimum stays"),
        pytest.param(180, 180, 0, 180, id="no break"),
    ],
)
def test_breaks_that_are_not_paid_are_taken_off_before_minimum_and_increment(
    booked: int, actual: int, breaks: int, billable: int
) -> None:
    found = held(
        "2026-12-01 08:30", booked=booked, actual=actual, break_minutes=breaks, terms=UNPAID
    )
    assert found.billable_minutes == billable
    assert lines(found) == [("base", billable, billable * 80, billable * 50)]
    paid = held("2026-12-01 08:30", booked=booked, actual=actual, break_minutes=breaks)
    assert paid == held("2026-12-01 08:30", booked=booked, actual=actual)


def test_a_break_comes_off_the_end_so_supplements_end_earlier() -> None:
    # 17:30 to 19:30 with half an hour of break: billed to 19:00, one hour of evening
    found = held("2026-12-01 15:30", booked=120, actual=120, break_minutes=30, terms=UNPAID)
    assert lines(found) == [("base", 90, 7200, 4500), ("evening", 60, 2400, 1500)]


def test_a_break_of_a_session_over_midnight_is_taken_off_once() -> None:
    # Friday 23:00 to Saturday 02:00 with an hour of break: billed to 01:00
    found = held("2026-12-04 21:00", booked=180, actual=180, break_minutes=60, terms=UNPAID)
    assert lines(found) == [("base", 120, 9600, 6000), ("weekend", 60, 3600, 2250)]


def test_a_break_on_a_night_on_which_the_clock_changes_is_of_minutes_that_passed() -> None:
    # Two and a half hours from 02:30 less half an hour: 03:00 to 04:00 was there twice
    small_hours = {"when": "evening", "from": "03:00", "to": "04:00", "percent": 100}
    terms = msgspec.convert({**msgspec.to_builtins(UNPAID), "supplements": [small_hours]}, Terms)
    found = held("2026-10-24 23:30", booked=150, actual=150, break_minutes=30, terms=terms)
    assert lines(found) == [("base", 120, 9600, 6000), ("evening", 90, 7200, 4500)]


def test_without_a_rate_minutes_stay_as_they_are() -> None:
    found = held("2026-12-01 08:30", booked=60, actual=90, break_minutes=30, mode="video",
                 terms=UNPAID)  # fmt: skip
    assert (found.billable_minutes, found.rate) == (90, None)


def test_an_evening_may_end_after_midnight() -> None:
    late = {"when": "evening", "from": "22:00", "to": "06:00", "percent": 10}
    terms = msgspec.convert({**msgspec.to_builtins(TERMS), "supplements": [late]}, Terms)
    # 21:00 to 24:00, and 05:00 to 07:00
    assert lines(held("2026-12-01 19:00", booked=180, terms=terms))[1] == ("evening", 120, 960, 600)
    assert lines(held("2026-12-01 03:00", booked=120, terms=terms))[1] == ("evening", 60, 480, 300)


def test_urgent_covers_the_whole_session_where_nothing_higher_does() -> None:
    urgent = [
        {"when": "urgent", "percent": 60},
        {"when": "evening", "from": "18:00", "to": "22:00", "percent": 50},
    ]
    terms = msgspec.convert({**msgspec.to_builtins(TERMS), "supplements": urgent}, Terms)
    found = held("2026-12-01 15:30", terms=terms, is_urgent=True)
    assert lines(found)[1:] == [("urgent", 60, 2880, 1800)]
    assert lines(held("2026-12-01 15:30", terms=terms))[1:] == [("evening", 30, 1200, 750)]


@pytest.mark.parametrize(
    ("before", "starts_now", "urgent"),
    [
        pytest.param(timedelta(hours=2), False, False, id="two hours before is not urgent"),
        pytest.param(timedelta(hours=2, seconds=-1), False, True, id="a second less is"),
        pytest.param(timedelta(hours=5), True, True, id="now is"),
    ],
)
def test_urgent_is_now_or_less_than_two_hours_ahead(
    before: timedelta, *, starts_now: bool, urgent: bool
) -> None:
    start = datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert is_urgent(starts_now=starts_now, asked_at=start - before, starts_at=start) is urgent


def test_travel_is_the_round_trip_at_a_rate_for_each_kilometre() -> None:
    found = held("2026-12-01 08:30", km=27)
    assert lines(found) == [("base", 60, 4800, 3000), ("travel", 27, 810, 675)]


@pytest.mark.parametrize(
    ("home", "place", "km"),
    [
        # a degree of latitude is 6371.0088 x pi / 180 = 111.195 km; x 2.6 is 289.1
        pytest.param((56.0, 24.0), (57.0, 24.0), 290, id="a degree north"),
        pytest.param((56.0, 24.0), (56.0, 24.0), 0, id="next door"),
        pytest.param(None, (56.0, 24.0), None, id="no home known"),
        pytest.param((56.0, 24.0), None, None, id="no place known"),
    ],
)
def test_the_way_there_and_back_is_1_3_times_the_straight_line(
    home: tuple[float, float] | None, place: tuple[float, float] | None, km: int | None
) -> None:
    points = [
        None if one is None else Point(latitude=one[0], longitude=one[1]) for one in (home, place)
    ]
    assert round_trip_km(home=points[0], place=points[1]) == km


def test_a_volunteer_is_charged_for_and_not_paid() -> None:
    found = held("2026-12-01 15:30", is_unpaid=True, km=10)
    assert (found.charge_minor, found.pay_minor) == (4800 + 1200 + 300, 0)


def test_without_tariff_or_rate_the_larger_of_the_two_is_billed_and_nothing_charged() -> None:
    for found in (
        held("2026-12-01 15:30", booked=20, actual=37, terms=None),
        held("2026-12-01 15:30", booked=20, actual=37, qualification="trained"),
        held("2026-12-01 15:30", booked=20, actual=37, mode="video"),
    ):
        assert (found.billable_minutes, found.lines, found.rate) == (37, (), None)


def test_the_longest_step_that_is_reached_counts_and_a_named_qualification_before_any() -> None:
    rates = msgspec.convert(
        {
            "rates": [
                {"mode": "phone", "charge_per_hour_minor": 1, "pay_per_hour_minor": 1},
                {"mode": "phone", "from_minutes": 60, "charge_per_hour_minor": 2,
                 "pay_per_hour_minor": 1},
                {"mode": "phone", "qualification": "trained", "charge_per_hour_minor": 3,
                 "pay_per_hour_minor": 1},
            ]
        },
        Terms,
    ).rates  # fmt: skip

    def charge(qualification: str, minutes: int) -> int:
        found = rate_of(rates=rates, mode="phone", qualification=qualification, minutes=minutes)
        assert found is not None
        return found.charge_per_hour_minor

    assert [charge("certified", 59), charge("certified", 60), charge("certified", 600)] == [1, 2, 2]
    assert [charge("trained", 15), charge("trained", 600)] == [3, 3]


def version(number: int, name: str, from_: str, until: str | None, *, default: bool) -> Dated:
    return Dated(
        id=UUID(int=number),
        name=name,
        is_default=default,
        valid_from=date.fromisoformat(from_),
        valid_until=None if until is None else date.fromisoformat(until),
    )


VERSIONS = (
    version(1, "network", "2026-01-01", None, default=True),
    version(2, "network", "2027-01-01", None, default=True),
    version(3, "court", "2026-01-01", "2027-01-01", default=False),
    version(4, "court", "2027-01-01", "2028-01-01", default=False),
    version(5, "network", "2026-01-01", None, default=True),  # sent again, put right
)


@pytest.mark.parametrize(
    ("own", "day", "number"),
    [
        pytest.param(None, "2025-12-31", None, id="before any"),
        pytest.param(None, "2026-01-01", 5, id="the last made of two from the same day"),
        pytest.param(None, "2026-12-31", 5, id="until the next begins"),
        pytest.param(None, "2027-01-01", 2, id="the next default follows by its day"),
        pytest.param(3, "2026-12-31", 3, id="the institution's own, on its last day"),
        pytest.param(3, "2027-01-01", 4, id="then the one of its name"),
        pytest.param(4, "2026-06-01", 3, id="also backwards"),
        pytest.param(3, "2028-01-01", 2, id="when its name holds no more, the network's"),
        pytest.param(9, "2027-01-01", 2, id="an id nobody has"),
    ],
)
def test_which_version_applies(own: int | None, day: str, number: int | None) -> None:
    found = applying(
        versions=VERSIONS,
        own_id=None if own is None else UUID(int=own),
        day=date.fromisoformat(day),
    )
    assert (None if found is None else found.id.int) == number


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, []),
        ({"rates": [{"mode": "phone", "charge_per_hour_minor": 1, "pay_per_hour_minor": 1}] * 2},
         [("/rates/1", "duplicate")]),
        ({"supplements": [{"when": "weekend", "percent": 1}] * 2},
         [("/supplements/1", "duplicate")]),
        ({"supplements": [{"when": "evening", "percent": 1}]},
         [("/supplements/0/from", "required"), ("/supplements/0/to", "required")]),
        ({"supplements": [{"when": "weekend", "from": "18:00", "to": "20:00", "percent": 1}]},
         [("/supplements/0/from", "unknown-field"), ("/supplements/0/to", "unknown-field")]),
        ({"supplements": [{"when": "evening", "from": "18:00", "to": "18:00", "percent": 1}]},
         [("/supplements/0/to", "ends-before-start")]),
        ({"supplements": [{"when": "evening", "from": "00:00", "to": "24:00", "percent": 1}]}, []),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_tariff_is_said_by_its_place(
    changes: dict[str, Any], wrong: list[tuple[str, str]]
) -> None:
    terms = msgspec.convert({**msgspec.to_builtins(TERMS), **changes}, Terms)
    assert [(one.pointer, one.code) for one in terms_errors(terms)] == wrong
