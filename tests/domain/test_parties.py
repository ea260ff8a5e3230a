"""People who must not meet: how far apart they come, and how long their room is theirs."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.bookings import TooEarly, refuse_too_early
from interpreters.domain.briefings import attended, briefing_of, refuse_late_briefing
from interpreters.domain.errors import Invalid
from interpreters.domain.parties import (
    arrivals,
    changed_details,
    party_ids,
    refuse_parties,
    refuse_shift,
    room_time,
    shifted_parties,
)
from interpreters.domain.windows import Window, at_place, local_instant

TEN = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)  # in Riga 10:00
MINUTE = timedelta(minutes=1)
SESSION = Window(starts_at=TEN, ends_at=TEN + 60 * MINUTE)


def parties(*minutes: int, start: datetime = TEN) -> list[dict[str, Any]]:
    """Return people who come so many minutes after the start."""
    return [
        {"reference": f"P-{number}", "arrives_at": (start + one * MINUTE).isoformat()}
        for number, one in enumerate(minutes)
    ]


def errors_of(*minutes: int, references: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    named = parties(*minutes)
    for one, reference in zip(named, references, strict=False):
        one["reference"] = reference
    try:
        refuse_parties(named, session=SESSION)
    except Invalid as refusal:
        return [(one.pointer, one.code) for one in refusal.errors]
    return []


@pytest.mark.parametrize(
    ("minutes", "wrong"),
    [
        ((0, 10), []),
        ((10, 0), []),
        ((-120, 59), []),
        ((0, 9), [("/parties/1/arrives_at", "arrivals-too-close")]),
        ((0, 0), [("/parties/1/arrives_at", "arrivals-too-close")]),
        ((0, 20, 11), [("/parties/2/arrives_at", "arrivals-too-close")]),
        ((-121, 0), [("/parties/0/arrives_at", "out-of-range")]),
        ((0, 60), [("/parties/1/arrives_at", "out-of-range")]),
    ],
)
def test_they_come_ten_minutes_apart_from_two_hours_before_and_before_the_end(
    minutes: tuple[int, ...], wrong: list[tuple[str, str]]
) -> None:
    assert errors_of(*minutes) == wrong


def test_each_is_named_once() -> None:
    twice = errors_of(0, 20, 40, references=("A", "B", "A"))

    assert twice == [("/parties/2/reference", "duplicate")]


def test_no_other_time_is_offered_to_people_who_were_told_when_to_come() -> None:
    with pytest.raises(Invalid) as refused:
        refuse_shift(parties(0, 20), minutes=30, pointer="/fallbacks")

    (error,) = refused.value.errors
    assert (error.pointer, error.code) == ("/fallbacks/shift_minutes", "conflicting")
    assert refuse_shift([], minutes=30, pointer="") is None
    assert refuse_shift(parties(0, 20), minutes=0, pointer="") is None


@pytest.mark.parametrize(
    ("minutes", "briefing", "begins"),
    [((0, 20), 0, 0), ((-30, 20), 0, -30), ((-30, 20), 15, -45), ((10, 30), 15, -15)],
)
def test_the_room_is_theirs_from_the_briefing_before_the_first_to_the_end(
    minutes: tuple[int, ...], briefing: int, begins: int
) -> None:
    used = room_time(session=SESSION, parties=parties(*minutes), briefing_minutes=briefing)

    assert used == Window(starts_at=TEN + begins * MINUTE, ends_at=SESSION.ends_at)


def test_arrivals_are_told_in_order_and_without_references() -> None:
    assert arrivals(parties(20, 0)) == [TEN, TEN + 20 * MINUTE]


def test_ids_are_those_of_parties_who_are_known() -> None:
    key = "018f0000-0000-7000-8000-000000000001"
    known, unknown = parties(0, 20)

    assert [str(one) for one in party_ids({"parties": [{**known, "client_id": key}, unknown]})] == [
        key
    ]
    assert party_ids({}) == []


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        (datetime(2026, 10, 18, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)),  # clocks back
        (datetime(2026, 3, 22, tzinfo=UTC), datetime(2026, 3, 29, tzinfo=UTC)),  # clocks forward
    ],
)
def test_of_a_session_moved_over_a_change_of_clocks_all_keep_their_time_on_the_wall(
    day: datetime, moved: datetime
) -> None:
    was, to = (
        local_instant(date=one.date(), minute_of_day=600, time_zone="Europe/Riga")
        for one in (day, moved)
    )

    shifted = shifted_parties(parties(-15, 20, start=was), was=was, to=to)

    walls = [at_place(instant=one, time_zone="Europe/Riga") for one in arrivals(shifted)]
    assert [f"{one:%d %H:%M}" for one in walls] == [f"{moved:%d} 09:45", f"{moved:%d} 10:20"]
    assert all(one["arrives_at"].endswith("Z") for one in shifted)


@given(
    minutes=st.lists(st.integers(-120, 59), min_size=2, max_size=5),
    to=st.datetimes(
        datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)
    ),
)  # fmt: skip
def test_whoever_does_not_meet_before_a_move_does_not_meet_after_it(
    minutes: list[int], to: datetime
) -> None:
    session = Window(starts_at=to, ends_at=to + 60 * MINUTE)
    shifted = shifted_parties(parties(*minutes), was=TEN, to=to)

    before = errors_of(*minutes)
    try:
        refuse_parties(shifted, session=session)
        after = []
    except Invalid as refusal:
        after = [(one.pointer, one.code) for one in refusal.errors]

    assert after == before


def test_what_is_changed_replaces_and_what_is_not_comes_with_the_session() -> None:
    details = {"channel": "crm", "parties": parties(0, 20), "briefing_minutes": 15}
    later = TEN + 60 * MINUTE

    moved = changed_details(details, {}, was=TEN, to=later)
    assert arrivals(moved["parties"]) == [later, later + 20 * MINUTE]
    assert (moved["channel"], moved["briefing_minutes"]) == ("crm", 15)

    given_anew = {"parties": parties(80, 90), "briefing_minutes": 30}
    replaced = changed_details(details, given_anew, was=TEN, to=later)
    assert replaced == {"channel": "crm", **given_anew}

    gone = changed_details(details, {"parties": None, "briefing_minutes": 0}, was=TEN, to=TEN)
    assert gone == {"channel": "crm"}


def test_the_interpreter_is_there_from_the_briefing_on() -> None:
    there = attended(session=SESSION, briefing_minutes=30)

    assert there == Window(starts_at=TEN - 30 * MINUTE, ends_at=SESSION.ends_at)
    assert attended(session=SESSION, briefing_minutes=0) == SESSION
    assert [briefing_of(one) for one in ({}, {"briefing_minutes": 30})] == [0, 30]


def test_a_briefing_before_a_night_with_a_change_of_clocks_is_as_long_as_was_said() -> None:
    after = datetime(2026, 3, 29, 1, 10, tzinfo=UTC)  # in Riga 04:10; at 03:00 it became 04:00

    there = attended(
        session=Window(starts_at=after, ends_at=after + 60 * MINUTE), briefing_minutes=30
    )

    begins = at_place(instant=there.starts_at, time_zone="Europe/Riga")
    assert f"{begins:%H:%M}" == "02:40"
    assert there.minutes == 90


def test_a_briefing_that_would_have_begun_is_refused() -> None:
    now = TEN - 30 * MINUTE

    assert refuse_late_briefing(session=SESSION, briefing_minutes=30, now=now) is None
    with pytest.raises(Invalid) as refused:
        refuse_late_briefing(session=SESSION, briefing_minutes=31, now=now)
    assert [(one.pointer, one.code) for one in refused.value.errors] == [
        ("/briefing_minutes", "in-the-past")
    ]


def test_check_in_counts_from_the_briefing() -> None:
    early = TEN - 180 * MINUTE

    assert refuse_too_early(verb="check-in", starts_at=TEN, now=early, briefing=60) is None
    with pytest.raises(TooEarly):
        refuse_too_early(verb="check-in", starts_at=TEN, now=early - MINUTE, briefing=60)
    with pytest.raises(TooEarly):
        refuse_too_early(verb="start", starts_at=TEN, now=TEN - 16 * MINUTE, briefing=60)
