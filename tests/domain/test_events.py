"""Ids of events sort as the feed does; the types are the contract's."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.events import PUBLIC, event_id, types_for
from interpreters.domain.ids import EVENT, show_id

INSTANTS = st.datetimes(
    min_value=datetime(2020, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)
)


@given(
    INSTANTS,
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(milliseconds=3)),
    st.integers(1, 1 << 40),
    st.integers(1, 1000),
)
def test_a_later_place_has_a_greater_id_also_within_one_millisecond(
    at: datetime, later: timedelta, place: int, further: int
) -> None:
    first = show_id(EVENT, event_id(at, place))
    second = show_id(EVENT, event_id(at + later, place + further))

    assert first < second


@given(INSTANTS, st.integers(1, (1 << 42) - 1))
def test_an_id_is_a_uuid_of_version_7_with_its_millisecond(at: datetime, place: int) -> None:
    made = event_id(at, place)

    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == int(at.timestamp() * 1000)


def test_two_ids_of_one_place_differ_so_that_nobody_guesses_one() -> None:
    at = datetime(2026, 11, 24, tzinfo=UTC)

    assert event_id(at, 7) != event_id(at, 7)


def test_every_role_sees_the_kinds_of_the_contract() -> None:
    seen = {
        role: {one.split(".")[0] for one in types_for(role)}
        for role in ("coordinator", "consultant", "institution", "interpreter", "finance")
    }

    own = {"request", "booking", "usage", "statement"}
    assert seen == {
        "coordinator": own | {"offer"},
        "consultant": own,
        "institution": own,
        "interpreter": {"offer", "booking"},
        "finance": set(),
    }
    assert len(PUBLIC) == 22
    assert "booking.checked_in" not in PUBLIC
