"""Which steps a search may take instead of what was asked, and in which order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain import fallbacks
from interpreters.domain.availability import WeeklyRow
from interpreters.domain.fallbacks import Allowed, Asked, Leg, Pivot, Place
from interpreters.domain.windows import Window

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # a Tuesday, in Riga 10:00
ALL = Allowed(other_mode=True, neighbour_language=True, relay=True, shift_minutes=30)


def an_order(**changes: Any) -> Asked:
    plain: dict[str, Any] = {
        "languages": ["prs"], "working_language": "lav", "modes": ["in_person"],
        "topic": "health", "interpreters_needed": 1, "starts_now": False, "has_site": True,
    }  # fmt: skip
    return Asked(**{**plain, **changes})


def a_window(hour: int, minute: int = 0) -> Window:
    start = NOW.replace(hour=hour, minute=minute)
    return Window(starts_at=start, ends_at=start + timedelta(hours=1))


def open_in_riga(*hours: WeeklyRow) -> Place:
    return Place(hours=hours, time_zone="Europe/Riga", country="LV")


def test_the_steps_are_in_order_the_nearest_times_first() -> None:
    assert fallbacks.steps(an_order(), ALL) == [
        "other_mode", "other_time:+15", "other_time:-15", "other_time:+30", "other_time:-30",
        "remote", "neighbour_language", "relay",
    ]  # fmt: skip


def test_nothing_that_was_not_allowed_is_a_step() -> None:
    assert fallbacks.steps(an_order(), Allowed()) == []
    assert fallbacks.steps(an_order(), Allowed(relay=True)) == ["relay"]


@given(
    st.builds(
        Allowed,
        other_mode=st.booleans(),
        neighbour_language=st.booleans(),
        relay=st.booleans(),
        shift_minutes=st.integers(0, 120),
    ),
    st.lists(st.sampled_from(fallbacks.MODES), min_size=1, unique=True),
)
def test_steps_follow_one_another_until_none_is_left(may: Allowed, modes: list[str]) -> None:
    found = fallbacks.steps(an_order(modes=modes), may)
    assert fallbacks.following(found, None) == found
    for place, step in enumerate(found):
        assert fallbacks.following(found, step) == found[place + 1 :]
    assert len(found) == len(set(found))


def test_after_a_relay_nothing_follows() -> None:
    found = fallbacks.steps(an_order(), ALL)
    assert fallbacks.following(found, fallbacks.relay_step(pivot="rus", mode="phone")) == []
    assert fallbacks.pivot_of("relay:rus:phone") == ("rus", "phone")


def test_a_team_has_no_relay() -> None:
    assert fallbacks.steps(an_order(interpreters_needed=2), Allowed(relay=True)) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["phone", "video"]),
        ({"modes": ["phone"]}, ["in_person", "video"]),
        ({"modes": ["phone"], "has_site": False}, ["video"]),
        ({"modes": ["phone"], "starts_now": True}, ["video"]),
        ({"modes": ["video", "phone", "in_person"]}, []),
    ],
)
def test_other_modes_are_those_not_asked_for_and_in_person_needs_a_place(
    changes: dict[str, Any], expected: list[str]
) -> None:
    assert fallbacks.other_modes(an_order(**changes)) == expected


def test_remote_instead_of_travel_is_for_those_who_wanted_somebody_there() -> None:
    may = Allowed(other_mode=True)
    assert "remote" in fallbacks.steps(an_order(), may)
    assert "remote" not in fallbacks.steps(an_order(modes=["phone"]), may)


@pytest.mark.parametrize(
    ("topic", "language", "stands_in"),
    [("health", "prs", True), ("legal", "prs", False), ("psychology", "prs", False)],
)
def test_who_stands_in_depends_on_the_topic(topic: str, language: str, stands_in: bool) -> None:
    """Farsi for Dari is followed well, and not well enough before a court."""
    found = [one.language.code for one in fallbacks.stand_ins(an_order(topic=topic))]
    assert ("pes" in found) is stands_in, language


@given(st.sampled_from(["prs", "pes", "ukr", "hin", "srp", "kmr", "arb", "lav"]), st.booleans())
def test_below_70_nobody_ever_stands_in(language: str, strict: bool) -> None:
    asked = an_order(languages=[language], topic="legal" if strict else "social")
    least = 95 if strict else 70
    found = fallbacks.stand_ins(asked)
    assert all(one.understood >= least for one in found)
    assert language not in [one.language.code for one in found]
    assert [one.understood for one in found] == sorted(
        (one.understood for one in found), reverse=True
    )


def test_the_working_language_does_not_stand_in_for_the_clients() -> None:
    found = fallbacks.stand_ins(an_order(languages=["hrv"], working_language="srp"))
    assert "srp" not in [one.language.code for one in found]


def test_a_shifted_session_keeps_its_length() -> None:
    moved = fallbacks.shifted(wished=a_window(12), minutes=-45, now=NOW)
    assert moved == a_window(11, 15)


def test_nobody_is_asked_about_a_time_sooner_than_half_an_hour() -> None:
    def at(minutes: int) -> Window | None:
        return fallbacks.shifted(wished=a_window(9), minutes=minutes, now=NOW)

    assert at(-30) == a_window(8, 30)
    assert at(-45) is None


def test_nor_about_one_whose_briefing_begins_sooner_than_that() -> None:
    def at(minutes: int) -> Window | None:
        return fallbacks.shifted(wished=a_window(9), minutes=minutes, now=NOW, briefing_minutes=15)

    assert at(-15) == a_window(8, 45)
    assert at(-30) is None


def test_a_shifted_session_starts_while_the_place_is_open() -> None:
    """Open from 10:00 to 17:00 in Riga, that is from 08:00 to 15:00 in UTC: 15:00 is closed."""
    hours = (WeeklyRow(day="tue", from_=600, to=1020),)

    def at(minutes: int) -> Window | None:
        return fallbacks.shifted(
            wished=a_window(14, 30), minutes=minutes, now=NOW, place=open_in_riga(*hours),
            there=False,
        )  # fmt: skip

    assert at(15) == a_window(14, 45)
    assert at(30) is None


def test_a_session_that_is_only_there_ends_before_the_place_closes() -> None:
    place = open_in_riga(WeeklyRow(day="tue", from_=600, to=1020))
    late = fallbacks.shifted(wished=a_window(14), minutes=15, now=NOW, place=place)
    early = fallbacks.shifted(wished=a_window(14), minutes=-15, now=NOW, place=place)
    assert (late, early) == (None, a_window(13, 45))


def test_nobody_is_moved_to_a_public_holiday() -> None:
    """The 18th of November is Latvia's: a place with hours on weekdays is closed."""
    place = open_in_riga(*(WeeklyRow(day=day, from_=0, to=1440) for day in ("tue", "wed", "thu")))
    start = datetime(2026, 11, 17, 21, 30, tzinfo=UTC)  # half past eleven at night in Riga
    wished = Window(starts_at=start, ends_at=start + timedelta(minutes=15))
    now = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
    assert fallbacks.shifted(wished=wished, minutes=-30, now=now, place=place) is not None
    assert fallbacks.shifted(wished=wished, minutes=30, now=now, place=place) is None


def test_opening_hours_are_by_the_clock_of_the_place_when_it_changes() -> None:
    """On 2026-10-25 Riga's clock goes back at 01:00 UTC: 08:00 there is 06:00 UTC afterwards."""
    hours = (WeeklyRow(day="sun", from_=480, to=720),)
    wished = Window(
        starts_at=datetime(2026, 10, 25, 6, 0, tzinfo=UTC),
        ends_at=datetime(2026, 10, 25, 7, 0, tzinfo=UTC),
    )
    now = datetime(2026, 10, 24, 8, 0, tzinfo=UTC)

    def at(minutes: int) -> Window | None:
        return fallbacks.shifted(
            wished=wished, minutes=minutes, now=now, place=open_in_riga(*hours)
        )

    assert at(-15) is None
    assert at(15) is not None


@given(st.integers(0, 1440))
def test_shifts_are_quarter_hours_both_ways_within_what_is_allowed(most: int) -> None:
    found = list(fallbacks.shifts(most))
    assert found == sorted(found, key=lambda one: (abs(one), -one))
    assert set(map(abs, found)) == set(range(15, most + 1, 15))
    assert len(found) == 2 * (most // 15)


flags = st.builds(
    Allowed,
    other_mode=st.booleans(),
    neighbour_language=st.booleans(),
    relay=st.booleans(),
    shift_minutes=st.integers(0, 1440),
)


@given(flags, flags)
def test_widening_never_takes_back(have: Allowed, more: Allowed) -> None:
    both = fallbacks.merged(have, more)
    assert both == fallbacks.merged(more, have)
    assert fallbacks.merged(both, have) == both
    asked = an_order()
    assert set(fallbacks.steps(asked, have)) <= set(fallbacks.steps(asked, both))


@pytest.mark.parametrize(("minutes", "planned"), [(60, 80), (50, 65), (1, 5), (100, 130)])
def test_a_relay_takes_three_tenths_longer_in_whole_five_minutes(
    minutes: int, planned: int
) -> None:
    assert fallbacks.relay_minutes(minutes) == planned


def test_pivots_are_ranked_by_the_weaker_leg_then_the_scores_then_how_many() -> None:
    def pivot(language: str, *legs: tuple[int, float, int]) -> Pivot:
        first, second = (Leg(level=a, score=b, count=c) for a, b, c in legs)
        return Pivot(language=language, first=first, second=second)

    strong = pivot("rus", (2, 40.0, 1), (2, 40.0, 1))
    lopsided = pivot("eng", (3, 90.0, 9), (1, 90.0, 9))
    better = pivot("deu", (3, 50.0, 1), (2, 40.0, 1))
    more = pivot("fra", (2, 40.0, 2), (2, 40.0, 3))
    ranked = fallbacks.rank_pivots([lopsided, strong, better, more])
    assert [one.language for one in ranked] == ["deu", "fra", "rus", "eng"]
