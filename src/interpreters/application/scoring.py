"""A close look at those whom the database found: who is there in time, and how well they fit."""

from collections.abc import Collection, Mapping, Sequence
from statistics import median
from typing import Any, Final, cast
from uuid import UUID

import msgspec

from interpreters.application.seating import fits
from interpreters.application.wanting import Wanted
from interpreters.domain import travel
from interpreters.domain.matching import (
    CandidateFacts,
    Scored,
    Weights,
    WishFacts,
    rank,
    score,
)
from interpreters.domain.standing import fairness, rarity
from interpreters.domain.travel import Point
from interpreters.sql.candidates import Found, Search
from interpreters.sql.commitments import Commitment, History
from interpreters.sql.requests import Request
from interpreters.sql.sites import Site

BITS: Final = {"in_person": 1, "phone": 2, "video": 4}
NAMES: Final = {1: "language_speaker", 2: "trained", 3: "certified"}
LEVELS: Final = {3: "native", 2: "fluent", 1: "working"}


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who fits, scored, with the mode and the language they would work in.

    `books_itself`: they opted in to be booked without being asked, and are within their hours.
    Their `quiet_hours` are by the clock of `time_zone`.
    """

    interpreter_id: UUID
    display_name: str
    mode: str
    from_language: str
    distance_km: float | None
    level: int = 1
    books_itself: bool = False
    time_zone: str
    quiet_hours: dict[str, str] | None
    urgent_opt_in: bool
    scored: Scored


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A close look at those whom the database found."""

    wanted: Wanted
    weights: Weights
    terms: Search
    past: dict[UUID, History]
    around: dict[UUID, list[Commitment]]
    freed: Collection[UUID] = ()
    colleagues: Mapping[UUID, Sequence[int]] = msgspec.field(default_factory=dict)

    def candidates(self, people: Mapping[UUID, Sequence[Found]]) -> list[Candidate]:
        """Return those who can be there in time, scored, best first; ties by interpreter id.

        In the first of their languages that they can, where the client named several.
        """
        usual = median(_share(rows[0], self.past[key]) for key, rows in people.items())
        made: dict[UUID, Candidate] = {}
        for key, rows in people.items():
            modes = ((one, _mode(self.wanted, one, self.around[key])) for one in rows)
            for one, mode in modes:
                if mode is not None:
                    made[key] = self._candidate(one, mode, usual)
                    break
        return [made[one.interpreter_id] for one in rank([each.scored for each in made.values()])]

    def _candidate(self, one: Found, mode: str, usual: float) -> Candidate:
        facts = self._facts(one, mode, usual)
        return Candidate(
            interpreter_id=one.interpreter_id,
            display_name=one.display_name,
            mode=mode,
            from_language=_language(self.wanted.request, one.pair),
            distance_km=facts.distance_km,
            level=one.level,
            books_itself=one.auto_assign and one.in_hours,
            time_zone=one.time_zone,
            quiet_hours=one.quiet_hours,
            urgent_opt_in=one.urgent_opt_in,
            scored=score(candidate=facts, wish=_wish(self.wanted), weights=self.weights),
        )

    def _facts(self, one: Found, mode: str, usual: float) -> CandidateFacts:
        past = self.past[one.interpreter_id]
        return CandidateFacts(
            interpreter_id=one.interpreter_id,
            qualification=cast("Any", NAMES[one.qualification]),
            level=cast("Any", LEVELS[one.level]),
            completed=past.completed,
            late_given_back=past.late_given_back,
            no_shows=past.no_shows,
            fairness=fairness(
                hours=past.recent_minutes / 60,
                available_hours=max(one.week_quarters, 1),  # 4 weeks of quarter hours are hours
                usual_share=usual,
            ),
            rarity=rarity(self.colleagues.get(one.interpreter_id, ())),
            mode=cast("Any", mode),
            in_hours=one.in_hours,
            distance_km=_distance(self.wanted.site, one) if mode == "in_person" else None,
            travel_radius_km=one.travel_radius_km,
            knows_topic=one.knows_topic,
            topic_jobs=past.topic_jobs,
            sessions_with_client=past.sessions_with_client,
            is_institution_preferred=one.interpreter_id in self.terms.on_list,
            is_requested=one.interpreter_id in self.terms.wished,
            stands_by=one.interpreter_id in self.terms.standby,
            speaks_dialect=one.speaks_dialect,
            has_gender=one.has_gender,
            has_freed_slot=one.interpreter_id in self.freed,
        )


def _mode(wanted: Wanted, one: Found, around: Sequence[Commitment]) -> str | None:
    """The first wished mode in which they can be there in time."""
    home = None
    if one.home_latitude is not None and one.home_longitude is not None:
        home = Point(latitude=one.home_latitude, longitude=one.home_longitude)
    for mode in wanted.request.modes:
        place = place_of(wanted.site) if mode == "in_person" else None
        if one.modes & BITS[mode] and fits(
            session=wanted.attended, place=place, home=home, around=around
        ):
            return mode
    return None


def place_of(site: Site | None) -> Point | None:
    """Return where the site is, if that is known."""
    if site is None or site.latitude is None or site.longitude is None:
        return None
    return Point(latitude=site.latitude, longitude=site.longitude)


def _wish(wanted: Wanted) -> WishFacts:
    demands = wanted.request.requirements
    return WishFacts(
        modes=cast("Any", tuple(wanted.wished_modes or wanted.request.modes)),
        topic=wanted.request.topic,
        dialect=demand(demands, "dialect").get("value"),
        gender=demand(demands, "gender").get("value"),
        names_interpreters=bool(demands.get("preferred_interpreter_ids")),
        institution_has_list=bool(wanted.institution.preferred_interpreter_ids),
    )


def _distance(site: Site | None, one: Found) -> float | None:
    place = place_of(site)
    if place is None or one.home_latitude is None or one.home_longitude is None:
        return None
    return travel.distance_km(
        lat1=place.latitude, lon1=place.longitude, lat2=one.home_latitude, lon2=one.home_longitude
    )


def _share(one: Found, past: History) -> float:
    return past.recent_minutes / 60 / max(one.week_quarters, 1)


def _language(request: Request, pair: str) -> str:
    return next(
        language
        for language in request.languages
        if pairs_of([language], request.working_language) == [pair]
    )


def pairs_of(languages: Sequence[str], working_language: str) -> list[str]:
    """Return the unordered pairs as the supply rows spell them."""
    return [":".join(sorted((language, working_language))) for language in languages]


def demand(demands: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return what was demanded under the name; empty when nothing was."""
    return demands.get(name) or {}
