"""Every sentence about somebody is told in the coordinator's language: none falls through."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.matching import CandidateFacts, Weights, WishFacts, score
from interpreters.web.board_words import FORMS, starts_in, told_reason

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
COUNTS = st.integers(0, 40)
CANDIDATES = st.builds(
    CandidateFacts,
    interpreter_id=st.just(UUID(int=1)),
    qualification=st.sampled_from(["language_speaker", "trained", "certified"]),
    level=st.sampled_from(["working", "fluent", "native"]),
    completed=COUNTS,
    late_given_back=COUNTS,
    fairness=st.floats(0, 1),
    rarity=st.floats(0, 1),
    mode=st.sampled_from(["in_person", "phone", "video"]),
    in_hours=st.booleans(),
    distance_km=st.none() | st.floats(0, 3000),
    knows_topic=st.booleans(),
    topic_jobs=COUNTS,
    sessions_with_client=COUNTS,
    is_institution_preferred=st.booleans(),
    is_requested=st.booleans(),
    stands_by=st.booleans(),
    speaks_dialect=st.booleans(),
    has_gender=st.booleans(),
    has_freed_slot=st.booleans(),
)
WISHES = st.builds(
    WishFacts,
    modes=st.sampled_from([("in_person",), ("phone", "video")]),
    topic=st.sampled_from(["health", "supervised_contact"]),
    dialect=st.sampled_from([None, "Hazaragi", "Iranian Persian"]),
    gender=st.sampled_from([None, "female", "male", "other"]),
    names_interpreters=st.booleans(),
    institution_has_list=st.booleans(),
)


@given(candidate=CANDIDATES, wish=WISHES)
def test_each_reason_of_a_score_has_its_words(candidate: CandidateFacts, wish: WishFacts) -> None:
    for one in score(candidate=candidate, wish=wish, weights=Weights()).reasons:
        assert any(pattern.fullmatch(one.detail) for pattern, _ in FORMS), one.detail


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ("completed 8 of 9", "carried out 8 of 9 jobs"),
        ("not asked for by the requester", "was not asked for by name"),
        ("does not speak Dari or Pashto", "does not speak Dari, Pashto"),
        ("does not speak the dialect hazaragi", "does not speak the dialect"),
        ("is not active: suspended", "is not active"),
        ("works phone, video, not in person", "does not work in this way"),
        ("is unknown, not female", "not as asked for"),
        ("is trained; at least certified is demanded", "is not trained enough for this"),
        (
            "has no child_protection that is valid on 2026-12-01",
            "has no child_protection that is good on Dec 1",
        ),
        (
            "has a booking 2026-11-25 10:00-11:00 with 25 min of travel before",
            "has another job: Nov 25 10:00 \N{EN DASH} 11:00",
        ),
        (
            "could not travel in time: has a booking 2026-11-25 10:00-11:00 and 2026-11-26 1:00",
            "could not travel in time from or to another job: Nov 25 10:00 \N{EN DASH} 11:00",
        ),
        ("is absent 2026-11-25 00:00-23:59", "is away: Nov 25 00:00 \N{EN DASH} 23:59"),
        ("lives 80 km away and travels up to 50 km", "lives 80 km away and travels up to 50 km"),
        ("something new", "something new"),
    ],
)
def test_what_a_rule_says_is_told_with_its_figures(detail: str, told: str) -> None:
    assert told_reason("en", detail) == told


def test_its_languages_and_days_are_those_of_the_reader() -> None:
    assert "دری، پشتو" in told_reason("fa-AF", "does not speak Dari or Pashto")
    away = told_reason("fa-AF", "is absent 2026-12-01 09:00-12:00")
    assert away.endswith("1 دسمبر 09:00 تا 12:00")


@pytest.mark.parametrize(
    ("minutes", "told"), [(25, "in 25 min."), (180, "in 3 hr."), (-20, "20 min. ago")]
)
def test_how_long_until_it_starts(minutes: int, told: str) -> None:
    assert starts_in("en", NOW + timedelta(minutes=minutes), NOW) == told
