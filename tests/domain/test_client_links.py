"""For whom a link may be made, what of a name it shows, and when it ends."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.bookings import LIVE, BookingState
from interpreters.domain.client_links import (
    ClientLinkNotAllowed,
    ClientLinksOff,
    initials,
    refuse_link,
    spoken,
    still_shows,
)
from interpreters.domain.errors import WrongState
from interpreters.domain.windows import Window

START = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
SESSION = Window(starts_at=START, ends_at=START + timedelta(hours=1))
FINE = {"wanted": True, "kind": "education", "topic": "health", "priority": "routine"}


@pytest.mark.parametrize("state", get_args(BookingState))
def test_a_link_is_made_and_shows_only_while_the_booking_stands(state: BookingState) -> None:
    now = START - timedelta(days=1)
    shows = still_shows(**FINE, state=state, session=SESSION, now=now)  # type: ignore[arg-type]  # a mixed mapping
    assert shows is (state in LIVE)
    if state not in LIVE:
        with pytest.raises(WrongState):
            refuse_link(**FINE, state=state)  # type: ignore[arg-type]  # a mixed mapping


@pytest.mark.parametrize("change", [
    {"kind": "crisis_centre"}, {"topic": "emergency"}, {"topic": "supervised_contact"},
    {"priority": "emergency"},
])  # fmt: skip
@pytest.mark.parametrize("wanted", [True, False])
def test_danger_is_refused_whatever_the_institution_wants(
    change: dict[str, str], wanted: bool
) -> None:
    with pytest.raises(ClientLinkNotAllowed):
        refuse_link(**{**FINE, **change, "wanted": wanted}, state="confirmed")  # type: ignore[arg-type]  # a mixed mapping


def test_without_the_institutions_wish_there_is_no_link() -> None:
    with pytest.raises(ClientLinksOff):
        refuse_link(**{**FINE, "wanted": False}, state="confirmed")  # type: ignore[arg-type]  # a mixed mapping


def test_a_link_ends_at_the_sessions_last_instant() -> None:
    def shows(now: datetime) -> bool:
        return still_shows(**FINE, state="in_progress", session=SESSION, now=now)  # type: ignore[arg-type]  # a mixed mapping

    assert shows(SESSION.ends_at - timedelta(microseconds=1))
    assert not shows(SESSION.ends_at)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Zahra Ahmadi", "Z. A."),
        ("zahra", "Z."),
        ("Ilze Bērziņa-Ozola", "I. B. O."),
        ("Maria del Carmen Lopez Diaz", "M. D. C."),
        ("زهرا نوری", "ز. ن."),
        ("Interpreter 7", "I."),
        ("  (Ms) 12 ", ""),
        ("", ""),
    ],
)
def test_initials_are_the_first_letters_of_at_most_three_names(name: str, told: str) -> None:
    assert initials(name) == told


@given(st.text(max_size=200))
def test_no_name_is_told_whole(name: str) -> None:
    told = initials(name).split()
    assert len(told) <= 3
    assert all(one.endswith(".") and len(one) <= 4 for one in told)


@given(st.text())
def test_what_a_person_wrote_can_be_stored_and_keeps_its_words(text: str) -> None:
    kept = spoken(text)
    assert "\0" not in kept
    assert kept == kept.strip()
    assert kept.split() == text.replace("\0", "").split()
