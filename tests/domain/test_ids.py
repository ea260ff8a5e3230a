"""Ids: what RFC 9562 asks of a UUIDv7, and that lists by id keep the order of one moment."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from interpreters.domain import ids
from interpreters.domain.errors import NotFound

NOW = datetime(2026, 3, 29, 0, 59, 59, 999_000, tzinfo=UTC)


def test_an_id_is_a_uuid_of_version_7_and_holds_its_moment() -> None:
    made = ids.new_id(NOW)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(NOW.timestamp() * 1000)


def test_ids_of_one_moment_differ_and_are_in_the_order_they_were_made() -> None:
    made = [ids.new_id(NOW) for _ in range(20_000)]
    assert all(first < second for first, second in pairwise(made))
    assert {(one.version, one.int >> 80) for one in made} == {(7, made[0].int >> 80)}
    shown = [ids.show_id(ids.PLAN, one) for one in made]
    assert shown == sorted(shown)


def test_a_clock_put_back_makes_ids_of_then() -> None:
    later = ids.new_id(NOW)
    earlier = ids.new_id(NOW - timedelta(hours=1))
    assert earlier < later
    assert later != ids.new_id(NOW)


def test_the_next_of_a_moment_cannot_be_guessed() -> None:
    steps = {ids.new_id(NOW).int - ids.new_id(NOW).int for _ in range(100)}
    assert len(steps) == 100


def test_what_is_shown_is_read_again_and_nothing_else() -> None:
    made = ids.new_id(NOW)
    shown = ids.show_id(ids.REQUEST, made)
    assert ids.read_id(ids.REQUEST, shown) == made
    for wrong in (shown.replace("req_", "bkg_"), shown[:-1], shown.lower(), f"{shown[:-1]}U"):
        with pytest.raises(NotFound):
            ids.read_id(ids.REQUEST, wrong)
