"""How well a candidate fits a seat: points and a reason for each part; and why the others do not.

Hard rules are the search's. What is scored here only orders those who passed them. Each part has a
value from 0 to 1 and a weight in points; weight * value, rounded to a tenth, are its points, and
the score is the sum of the points as shown, so the list of reasons is the whole explanation.
A wish that nobody uttered is fulfilled by everybody: full points, no difference.
How likely somebody is to say yes is no part of it: it would starve those who were asked seldom.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final, Literal, get_args
from uuid import UUID

import msgspec

from interpreters.domain.callers import Role
from interpreters.domain.standing import LEVELS, QUALIFICATIONS, Count, StandingFacts, reliability

FunnelCode = Literal[
    "language",
    "working_language",
    "inactive",
    "mode",
    "gender",
    "qualification",
    "credential",
    "blocked",
    "distance",
    "conflict",
    "busy",
    "unavailable",
]
Part = Literal[
    "reliability",
    "qualification",
    "level",
    "topic",
    "hours",
    "travel",
    "mode",
    "continuity",
    "institution_preferred",
    "requested",
    "dialect",
    "gender",
    "fairness",
    "rare_languages",
]
# A reason beside the parts, without points: it decides the order of asking, not the score.
Remark = Literal["standby"]
Bonus = Literal["freed_slot"]
Mode = Literal["in_person", "phone", "video"]
Weight = Annotated[int, msgspec.Meta(ge=0, le=100, description="Points of 100.")]

FUNNEL_ORDER: Final[tuple[FunnelCode, ...]] = get_args(FunnelCode)
"""The hard rules in order; each interpreter counts once, at the first that takes them out."""

PARTS: Final[tuple[Part, ...]] = get_args(Part)
STATIC: Final[frozenset[Part]] = frozenset(
    {"reliability", "qualification", "level", "fairness", "rare_languages"}
)
"""Parts that no request changes; a supply row (interpreter and language pair) keeps their sum."""

WHOLE: Final = 100
FREED: Final = 6.0
"""Points above the whole for somebody whose time was freed late: they may be paid already."""
HAS_TIME: Final = "has time: a booking was called off late"
FEW: Final = 3  # a smaller count could point at a person
MANY_TOPIC_JOBS: Final = 30  # more experience with a topic earns no more
DUE: Final = 0.5  # fairness above this is called due for work
STANDBY: Final = "said yes when somebody else had it already"
RARE: Final = 0.5  # rarity from this on is worth a word


class Weights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The most points each part can earn, 100 in all; a network's own have another `version`."""

    version: Annotated[int, msgspec.Meta(ge=1)] = 1
    reliability: Weight = 14
    qualification: Weight = 7
    level: Weight = 6
    topic: Weight = 5
    hours: Weight = 9
    travel: Weight = 9
    mode: Weight = 4
    continuity: Weight = 7
    institution_preferred: Weight = 5
    requested: Weight = 7
    dialect: Weight = 4
    gender: Weight = 7
    fairness: Weight = 10
    rare_languages: Weight = 6

    def __post_init__(self) -> None:
        """Refuse weights that are not 100 in all.

        Raises:
            ValueError: so that msgspec reports it as a validation error of the field.
        """
        if sum(getattr(self, code) for code in PARTS) != WHOLE:
            raise ValueError("the weights must be 100 in all")


class CandidateFacts(StandingFacts, frozen=True, kw_only=True):
    """What is known of a candidate for this seat; `mode` is the one they would work in.

    `distance_km` is the straight line from home to the place, None when either is unknown.
    """

    mode: Mode
    in_hours: bool = True
    distance_km: Annotated[float, msgspec.Meta(ge=0)] | None = None
    travel_radius_km: Annotated[int, msgspec.Meta(ge=0)] = 50
    knows_topic: bool = False
    topic_jobs: Count = 0
    sessions_with_client: Count = 0
    is_institution_preferred: bool = False
    is_requested: bool = False
    stands_by: bool = False
    speaks_dialect: bool = False
    has_gender: bool = False
    has_freed_slot: bool = False


class WishFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the request wishes; None, false and empty are wishes that nobody uttered.

    `modes` stand in order of preference.
    """

    modes: tuple[Mode, ...]
    topic: str
    dialect: str | None = None
    gender: str | None = None
    names_interpreters: bool = False
    institution_has_list: bool = False


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a score: its points, at most its weight, and why.

    A remark has no points, a bonus has some above the whole.
    """

    code: Part | Remark | Bonus
    points: float
    detail: str


class Scored(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate's score, 0 to 106 with one decimal, and the reasons that add up to it."""

    interpreter_id: UUID
    score: float
    reasons: tuple[Reason, ...]
    weights_version: int


def score(*, candidate: CandidateFacts, wish: WishFacts, weights: Weights) -> Scored:
    """Return the candidate's score with a reason for every part, in order; then what is above."""
    found = dict([*_standing(candidate), *_for_this_seat(candidate, wish)])
    reasons = tuple(
        Reason(code=code, points=_points(weights, code, found[code][0]), detail=found[code][1])
        for code in PARTS
    )
    if candidate.stands_by:
        reasons += (Reason(code="standby", points=0.0, detail=STANDBY),)
    if candidate.has_freed_slot:
        reasons += (Reason(code="freed_slot", points=FREED, detail=HAS_TIME),)
    return Scored(
        interpreter_id=candidate.interpreter_id,
        score=round(math.fsum(reason.points for reason in reasons), 1),
        reasons=reasons,
        weights_version=weights.version,
    )


def static_score(*, standing: StandingFacts, weights: Weights) -> float:
    """Return the points of the `STATIC` parts, the sum that `score` begins with, one decimal."""
    return round(
        math.fsum(_points(weights, code, value) for code, (value, _) in _standing(standing)), 1
    )


def rank(scored: Sequence[Scored]) -> list[Scored]:
    """Return the best first; equal scores by interpreter id."""
    return sorted(scored, key=lambda one: (-one.score, one.interpreter_id))


def funnel(counts: Mapping[FunnelCode, int], *, role: Role) -> list[dict[str, int | str]]:
    """Return `{code, count}` for each rule that took somebody out, in their order."""
    return [
        {"code": code, "count": show_count(count=counts[code], role=role)}
        for code in FUNNEL_ORDER
        if counts.get(code, 0) > 0
    ]


def show_count(*, count: int, role: Role) -> int | str:
    """Return the count; to all but coordinators one below 3 is "few"."""
    return count if role == "coordinator" or count >= FEW else "few"


def _points(weights: Weights, code: Part, value: float) -> float:
    weight: int = getattr(weights, code)
    return round(weight * value, 1)


def _standing(facts: StandingFacts) -> Iterator[tuple[Part, tuple[float, str]]]:
    done, lost = facts.completed, facts.late_given_back + facts.no_shows
    sure = reliability(
        completed=done, late_given_back=facts.late_given_back, no_shows=facts.no_shows
    )
    yield "reliability", (sure, f"completed {done} of {done + lost}" if done + lost else "new here")
    qualified = facts.qualification.replace("_", " ")
    yield "qualification", (QUALIFICATIONS[facts.qualification], qualified)
    yield "level", (LEVELS[facts.level], f"at least {facts.level} in both languages")
    due = "due for work" if facts.fairness > DUE else "has had their share of work"
    yield "fairness", (facts.fairness, due)
    kept = "needed for a rare language too" if facts.rarity >= RARE else "not needed elsewhere"
    yield "rare_languages", (1 - facts.rarity, kept)


def _for_this_seat(
    facts: CandidateFacts, wish: WishFacts
) -> Iterator[tuple[Part, tuple[float, str]]]:
    yield "topic", _topic(facts, wish)
    yield "hours", (1.0, "within weekly hours") if facts.in_hours else (0.0, "outside weekly hours")
    yield "travel", _travel(facts)
    yield "mode", _mode(facts, wish)
    met = facts.sessions_with_client
    yield "continuity", (1.0, f"met this client before ({met})") if met else (0.0, "not met before")
    yield (
        "institution_preferred",
        _wished(
            asked=wish.institution_has_list,
            met=facts.is_institution_preferred,
            what="on the institution's list",
        ),
    )
    yield (
        "requested",
        _wished(
            asked=wish.names_interpreters, met=facts.is_requested, what="asked for by the requester"
        ),
    )
    dialect = f"a speaker of {wish.dialect}"
    yield "dialect", _wished(asked=wish.dialect is not None, met=facts.speaks_dialect, what=dialect)
    yield (
        "gender",
        _wished(asked=wish.gender is not None, met=facts.has_gender, what=f"{wish.gender}"),
    )


def _topic(facts: CandidateFacts, wish: WishFacts) -> tuple[float, str]:
    """Experience counts by its logarithm: the tenth job teaches less than the first."""
    topic = wish.topic.replace("_", " ")
    told = 0.5 if facts.knows_topic else 0.0
    done = min(1.0, math.log1p(facts.topic_jobs) / math.log1p(MANY_TOPIC_JOBS))
    if facts.topic_jobs:
        return max(told, done), f"{facts.topic_jobs} times {topic} in 12 months"
    return told, f"knows {topic}" if facts.knows_topic else f"no {topic} so far"


def _travel(facts: CandidateFacts) -> tuple[float, str]:
    """Straight line against the person's own radius; an unknown distance earns half."""
    if facts.mode != "in_person":
        return 1.0, "no travel"
    if facts.distance_km is None:
        return 0.5, "distance unknown"
    near = 1 - facts.distance_km / max(1, facts.travel_radius_km)
    return max(0.0, near), f"{facts.distance_km:.0f} km"


def _mode(facts: CandidateFacts, wish: WishFacts) -> tuple[float, str]:
    """Wished modes lose evenly by rank; one that was not wished (a fallback) earns nothing."""
    shown = facts.mode.replace("_", " ")
    if facts.mode not in wish.modes:
        return 0.0, f"{shown}, which was not asked for"
    place = wish.modes.index(facts.mode)
    return 1 - place / len(wish.modes), f"{shown}, wish {place + 1} of {len(wish.modes)}"


def _wished(*, asked: bool, met: bool, what: str) -> tuple[float, str]:
    if not asked:
        return 1.0, "nothing asked for"
    return (1.0, what) if met else (0.0, f"not {what}")
