"""Scores add up, reasons explain them, ties are settled, and small counts stay small."""

from typing import get_args
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.matching import (
    FUNNEL_ORDER,
    PARTS,
    STATIC,
    CandidateFacts,
    Mode,
    Scored,
    Weights,
    WishFacts,
    funnel,
    rank,
    score,
    show_count,
    static_score,
)
from interpreters.domain.standing import Level, Qualification

ID = UUID(int=7)
WISH = WishFacts(modes=("in_person", "phone"), topic="health")
MODES: tuple[Mode, ...] = get_args(Mode)
COUNTS = st.integers(0, 500)
SHARES = st.floats(0, 1)

CANDIDATES = st.builds(
    CandidateFacts,
    interpreter_id=st.uuids(),
    qualification=st.sampled_from(get_args(Qualification)),
    level=st.sampled_from(get_args(Level)),
    completed=COUNTS,
    late_given_back=COUNTS,
    no_shows=COUNTS,
    fairness=SHARES,
    rarity=SHARES,
    mode=st.sampled_from(MODES),
    in_hours=st.booleans(),
    distance_km=st.none() | st.floats(0, 3000),
    travel_radius_km=st.integers(0, 2000),
    knows_topic=st.booleans(),
    topic_jobs=COUNTS,
    sessions_with_client=COUNTS,
    is_institution_preferred=st.booleans(),
    is_requested=st.booleans(),
    speaks_dialect=st.booleans(),
    has_gender=st.booleans(),
)
WISHES = st.builds(
    WishFacts,
    modes=st.lists(st.sampled_from(MODES), min_size=1, max_size=3, unique=True).map(tuple),
    topic=st.sampled_from(["health", "supervised_contact"]),
    dialect=st.none() | st.just("Hazaragi"),
    gender=st.none() | st.just("female"),
    names_interpreters=st.booleans(),
    institution_has_list=st.booleans(),
)
WEIGHTS = st.permutations([30, 20, 20, 10, 5, 5, 3, 3, 2, 2, 0, 0, 0, 0]).map(
    lambda points: Weights(**dict(zip(PARTS, points, strict=True)), version=2)
)


def candidate(**facts: object) -> CandidateFacts:
    """Somebody certified at home in both languages, standing at the door, with no history."""
    known = {
        "interpreter_id": ID,
        "qualification": "certified",
        "level": "native",
        "mode": "in_person",
        "distance_km": 0,
        "fairness": 1,
    }
    return msgspec.convert(known | facts, CandidateFacts)


def points(wish: WishFacts = WISH, **facts: object) -> dict[str, float]:
    scored = score(candidate=candidate(**facts), wish=wish, weights=Weights())
    return {reason.code: reason.points for reason in scored.reasons}


@given(candidate=CANDIDATES, wish=WISHES, weights=WEIGHTS)
def test_reasons_add_up_to_a_score_of_at_most_a_hundred(
    candidate: CandidateFacts, wish: WishFacts, weights: Weights
) -> None:
    scored = score(candidate=candidate, wish=wish, weights=weights)

    assert tuple(reason.code for reason in scored.reasons) == PARTS
    assert scored.score == round(sum(reason.points for reason in scored.reasons), 1)
    assert 0 <= scored.score <= 100
    assert all(0 <= reason.points <= getattr(weights, reason.code) for reason in scored.reasons)
    assert all(reason.detail for reason in scored.reasons)
    assert scored.weights_version == weights.version


@given(candidate=CANDIDATES, wish=WISHES, weights=WEIGHTS)
def test_the_stored_part_is_the_same_for_every_request(
    candidate: CandidateFacts, wish: WishFacts, weights: Weights
) -> None:
    scored = score(candidate=candidate, wish=wish, weights=weights)

    kept = sum(reason.points for reason in scored.reasons if reason.code in STATIC)
    assert static_score(standing=candidate, weights=weights) == round(kept, 1)


@given(candidate=CANDIDATES, wish=WISHES)
def test_whatever_is_better_for_the_requester_never_costs_points(
    candidate: CandidateFacts, wish: WishFacts
) -> None:
    better = msgspec.structs.replace(
        candidate,
        qualification="certified",
        level="native",
        completed=candidate.completed + 1,
        in_hours=True,
        distance_km=0 if candidate.distance_km is None else candidate.distance_km / 2,
        knows_topic=True,
        sessions_with_client=candidate.sessions_with_client + 1,
        is_institution_preferred=True,
        is_requested=True,
        speaks_dialect=True,
        has_gender=True,
    )

    was = score(candidate=candidate, wish=wish, weights=Weights()).score
    assert score(candidate=better, wish=wish, weights=Weights()).score >= was


@pytest.mark.parametrize(
    ("facts", "part", "expected"),
    [
        pytest.param({}, "hours", 9, id="within weekly hours"),
        pytest.param({"in_hours": False}, "hours", 0, id="outside them"),
        pytest.param({"distance_km": 25}, "travel", 4.5, id="half the radius away"),
        pytest.param({"distance_km": 50}, "travel", 0, id="at the edge"),
        pytest.param({"mode": "phone", "distance_km": 900}, "travel", 9, id="remote: no travel"),
        pytest.param({"distance_km": None}, "travel", 4.5, id="distance unknown"),
        pytest.param({}, "mode", 4, id="first wish"),
        pytest.param({"mode": "phone"}, "mode", 2, id="second of two"),
        pytest.param({"mode": "video"}, "mode", 0, id="not wished"),
        pytest.param({"sessions_with_client": 1}, "continuity", 7, id="met the client"),
        pytest.param({}, "continuity", 0, id="not met"),
        pytest.param({"qualification": "trained"}, "qualification", 4.2, id="trained"),
        pytest.param({"level": "working"}, "level", 0, id="working level"),
        pytest.param({"knows_topic": True}, "topic", 2.5, id="says they know the topic"),
        pytest.param({"topic_jobs": 30}, "topic", 5, id="has shown it"),
        pytest.param({"topic_jobs": 300}, "topic", 5, id="no more for ten times as much"),
        pytest.param({"rarity": 0.5}, "rare_languages", 3, id="one of two for a rare pair"),
        pytest.param({"fairness": 0}, "fairness", 0, id="has had much work"),
        pytest.param({}, "reliability", 13.3, id="new: 95 of 100"),
        pytest.param({}, "gender", 7, id="no gender asked for"),
    ],
)
def test_a_part_earns_its_points(facts: dict[str, object], part: str, expected: float) -> None:
    assert points(**facts)[part] == expected


@pytest.mark.parametrize(
    ("wish", "facts", "part", "full"),
    [
        ({"gender": "female"}, {"has_gender": True}, "gender", 7),
        ({"dialect": "Hazaragi"}, {"speaks_dialect": True}, "dialect", 4),
        ({"names_interpreters": True}, {"is_requested": True}, "requested", 7),
        (
            {"institution_has_list": True},
            {"is_institution_preferred": True},
            "institution_preferred",
            5,
        ),
    ],
)
def test_a_soft_wish_parts_those_who_fulfil_it_from_those_who_do_not(
    wish: dict[str, object], facts: dict[str, object], part: str, full: float
) -> None:
    wished = msgspec.structs.replace(WISH, **wish)

    assert points(wished, **facts)[part] == full
    assert points(wished)[part] == 0
    assert points(WISH)[part] == points(WISH, **facts)[part] == full


def test_a_reason_is_a_sentence_for_people() -> None:
    scored = score(
        candidate=candidate(completed=142, late_given_back=3, distance_km=12.3),
        wish=msgspec.structs.replace(WISH, dialect="Hazaragi"),
        weights=Weights(),
    )

    details = {reason.code: reason.detail for reason in scored.reasons}
    assert details["reliability"] == "completed 142 of 145"
    assert details["travel"] == "12 km"
    assert details["dialect"] == "not a speaker of Hazaragi"


def test_the_best_stand_first_and_ties_go_by_interpreter() -> None:
    def scored(number: int, points: float) -> Scored:
        return Scored(interpreter_id=UUID(int=number), score=points, reasons=(), weights_version=1)

    ranked = rank([scored(3, 50), scored(1, 50), scored(2, 80), scored(4, 49.9)])

    assert [one.interpreter_id.int for one in ranked] == [2, 1, 3, 4]


@pytest.mark.parametrize("wrong", [{"travel": 13}, {"travel": -1}, {"travel": 12.5}, {"cost": 1}])
def test_weights_that_are_not_a_hundred_in_all_are_refused(wrong: dict[str, float]) -> None:
    kept = msgspec.to_builtins(Weights())

    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(kept | wrong, Weights)


def test_weights_survive_being_stored() -> None:
    assert msgspec.json.decode(msgspec.json.encode(Weights()), type=Weights) == Weights()


def test_the_funnel_stands_in_the_order_of_its_rules() -> None:
    assert ",".join(FUNNEL_ORDER) == (
        "language,working_language,inactive,mode,gender,qualification,credential,blocked,"
        "distance,conflict,busy,unavailable"
    )
    assert funnel({"busy": 2, "language": 9, "mode": 0}, role="coordinator") == [
        {"code": "language", "count": 9},
        {"code": "busy", "count": 2},
    ]


@pytest.mark.parametrize(("count", "shown"), [(0, "few"), (1, "few"), (2, "few"), (3, 3), (29, 29)])
def test_small_counts_read_few_for_institutions(count: int, shown: int | str) -> None:
    assert show_count(count=count, role="institution") == shown
    assert show_count(count=count, role="consultant") == shown
    assert show_count(count=count, role="coordinator") == count
