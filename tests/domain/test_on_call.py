"""Who is on call: by the network's clock, on the nights when it changes too."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.on_call import Duty, on_duty, turn

RIGA = "Europe/Riga"
ANNA, BORIS, CARL = (UUID(int=number) for number in (1, 2, 3))
NIGHT = (  # Saturday's night, over midnight
    Duty(user_id=ANNA, day="sat", from_=17 * 60, to=24 * 60),
    Duty(user_id=ANNA, day="sun", from_=0, to=3 * 60),
    Duty(user_id=BORIS, day="sun", from_=3 * 60, to=4 * 60),
    Duty(user_id=CARL, day="sun", from_=4 * 60, to=9 * 60),
)


def there(text: str, rota: tuple[Duty, ...] = NIGHT) -> list[UUID]:
    at = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return on_duty(rota=rota, at=at, time_zone=RIGA)


@pytest.mark.parametrize(
    ("at", "people"),
    [
        ("2026-11-21T14:59", []),
        ("2026-11-21T15:00", [ANNA]),  # 17:00
        ("2026-11-21T21:59", [ANNA]),
        ("2026-11-21T22:00", [ANNA]),  # midnight
        ("2026-11-22T00:59", [ANNA]),
        ("2026-11-22T01:00", [BORIS]),  # 03:00
        ("2026-11-22T02:00", [CARL]),
        ("2026-11-22T07:00", []),  # 09:00
        # spring leaves out 03:00 to 04:00: Boris has a night off, nobody is missing
        ("2026-03-29T00:59", [ANNA]),
        ("2026-03-29T01:00", [CARL]),
        # autumn shows it twice: Boris has both
        ("2026-10-24T23:59", [ANNA]),
        ("2026-10-25T00:00", [BORIS]),
        ("2026-10-25T01:59", [BORIS]),
        ("2026-10-25T02:00", [CARL]),
    ],
)
def test_the_clock_on_the_wall_says_who_is_on_call(at: str, people: list[UUID]) -> None:
    assert there(at) == people


def test_they_are_rung_in_order_of_their_positions_and_each_stands_once() -> None:
    rota = (
        Duty(user_id=CARL, day="tue", from_=0, to=1440, position=2),
        Duty(user_id=BORIS, day="tue", from_=0, to=1440, position=3),
        Duty(user_id=ANNA, day="tue", from_=540, to=1020, position=1),
        Duty(user_id=BORIS, day="tue", from_=600, to=660, position=1),
    )
    assert there("2026-11-24T08:30", rota) == [ANNA, BORIS, CARL]
    assert there("2026-11-24T06:30", rota) == [CARL, BORIS]


@given(count=st.integers(1, 5), round_=st.integers(1, 60))
def test_a_ring_goes_to_one_after_the_other(count: int, round_: int) -> None:
    people = [UUID(int=number) for number in range(count)]
    rung = [turn(people, each)[0] for each in range(round_, round_ + count)]
    assert set(rung) == set(people)
    assert turn([], round_) == []
