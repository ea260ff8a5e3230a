"""How simulated people answer: once for each request, and not in their sleep."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.answering import (
    Habits,
    answer_of,
    answered_at,
    willing,
    word_of,
)
from interpreters.domain.draws import Draws

DRAWS = Draws(5)
RIGA = "Europe/Riga"
PEOPLE = range(200)
REQUESTS = range(100)


def test_somebody_says_the_same_whoever_asks_how_often() -> None:
    habits = Habits()
    assert answer_of(habits, DRAWS, request=1, person=2) == answer_of(
        habits, DRAWS, request=1, person=2
    )
    assert word_of(habits, DRAWS, request=1, person=2) == word_of(
        habits, DRAWS, request=1, person=2
    )


@pytest.mark.parametrize("acceptance", [0.4, 0.7])
def test_as_many_say_yes_as_is_assumed(acceptance: float) -> None:
    habits = Habits(acceptance=acceptance)
    said = [
        answer_of(habits, DRAWS, request=request, person=person).says
        for request in REQUESTS
        for person in PEOPLE
    ]
    assert abs(said.count("yes") / len(said) - acceptance) < 0.02
    rest = said.count("no") + said.count("nothing")
    assert abs(said.count("nothing") / rest - 0.5) < 0.03


def test_people_differ_and_nobody_always_or_never_says_yes() -> None:
    chances = [willing(Habits(), DRAWS, person) for person in PEOPLE]
    assert 0.16 <= min(chances) < 0.2
    assert 0.6 < max(chances) <= 0.64


def test_half_of_the_answers_take_six_minutes_at_most() -> None:
    minutes = sorted(
        answer_of(Habits(), DRAWS, request=request, person=person).minutes
        for request in REQUESTS
        for person in PEOPLE
    )
    assert minutes[len(minutes) // 2] == pytest.approx(6, rel=0.05)
    # Lognormal: nine in ten are below 6 * e ** 1.2816.
    assert minutes[len(minutes) * 9 // 10] == pytest.approx(21.6, rel=0.06)


def test_few_do_not_come_and_few_give_back() -> None:
    words = [
        word_of(Habits(), DRAWS, request=request, person=person)
        for request in REQUESTS
        for person in PEOPLE
    ]
    assert abs(sum(not one.comes for one in words) / len(words) - 0.015) < 0.005
    assert abs(sum(one.gives_back is not None for one in words) / len(words) - 0.018) < 0.005


def test_by_day_the_minutes_simply_pass() -> None:
    told = datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert answered_at(told, minutes=6, zone=RIGA) == told + timedelta(minutes=6)


def test_what_is_left_of_the_time_passes_the_next_morning() -> None:
    # Told at 21:50 in Riga (UTC+2), awake until 22:00 and from 07:00: ten of thirty minutes first.
    told = datetime(2026, 11, 24, 19, 50, tzinfo=UTC)
    assert answered_at(told, minutes=30, zone=RIGA) == datetime(2026, 11, 25, 5, 20, tzinfo=UTC)


def test_who_is_told_at_night_answers_in_the_morning() -> None:
    told = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)  # 02:30 in Riga
    assert answered_at(told, minutes=5, zone=RIGA) == datetime(2026, 11, 24, 5, 5, tzinfo=UTC)


def test_what_rings_is_answered_at_night() -> None:
    told = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
    assert answered_at(told, minutes=5, zone=RIGA, rings=True) == told + timedelta(minutes=5)


def test_mornings_are_by_the_clock_also_after_the_night_of_the_change() -> None:
    # In the night to 29 March 2026 Riga goes from UTC+2 to UTC+3: seven o'clock is 04:00 UTC.
    told = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)  # 22:00
    assert answered_at(told, minutes=5, zone=RIGA) == datetime(2026, 3, 29, 4, 5, tzinfo=UTC)


@given(
    told=st.datetimes(
        min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1), timezones=st.just(UTC)
    ),
    minutes=st.floats(min_value=0, max_value=5000),
)
def test_nobody_answers_before_they_were_told(told: datetime, minutes: float) -> None:
    assert answered_at(told, minutes=minutes, zone=RIGA) >= told
