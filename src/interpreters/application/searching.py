"""The search for a seat: a constant number of statements, whatever the size of the roster.

The database filters and orders by what one row can tell; here the best of them are scored with
their history, and those who could not travel in time between their bookings are taken out.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from statistics import median
from typing import Any, Final, cast
from uuid import UUID

import msgspec

from interpreters.application.seating import fits
from interpreters.application.wanting import Wanted
from interpreters.database import Db
from interpreters.domain import availability, travel
from interpreters.domain.matching import (
    CandidateFacts,
    Scored,
    Weights,
    WishFacts,
    rank,
    score,
)
from interpreters.domain.standing import fairness
from interpreters.domain.travel import Point
from interpreters.domain.windows import Window
from interpreters.sql import candidates, commitments
from interpreters.sql.candidates import Found, Search
from interpreters.sql.commitments import Commitment, History
from interpreters.sql.networks import Network
from interpreters.sql.requests import Request
from interpreters.sql.sites import Site

BITS: Final = {"in_person": 1, "phone": 2, "video": 4}
QUALIFICATIONS: Final = {"language_speaker": 1, "trained": 2, "certified": 3}
NAMES: Final = {1: "language_speaker", 2: "trained", 3: "certified"}
LEVELS: Final = {3: "native", 2: "fluent", 1: "working"}
REACH_KM: Final = 100  # whoever travels farther is found without the map
MOST: Final = 200  # candidates looked at closely
YEAR: Final = timedelta(days=365)
RECENTLY: Final = timedelta(days=28)
# Bookings as far away as this can still be neighbours in travel: 4 h, and the trips around them.
AROUND: Final = timedelta(hours=14)


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who fits, scored, with the mode and the language they would work in."""

    interpreter_id: UUID
    display_name: str
    mode: str
    from_language: str
    distance_km: float | None
    scored: Scored


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Candidates, best first; `late` fit but could not travel in time."""

    candidates: Sequence[Candidate]
    late: int
    search: Search


async def search(
    db: Db, *, wanted: Wanted, asked: Collection[UUID] = (), limit: int = MOST
) -> Result:
    """Return who fits a seat of the request and was not asked yet, best first."""
    network_id = wanted.network.network_id
    weights = weights_of(wanted.network)
    terms = _terms(wanted, weights, asked)
    found = await candidates.find(db, network_id=network_id, search=terms, limit=limit)
    found = _once_each(found, wanted.request)
    ids = [one.interpreter_id for one in found]
    if not ids:
        return Result(candidates=(), late=0, search=terms)
    starts_at = wanted.request.session.starts_at
    history = await commitments.history(
        db,
        network_id=network_id,
        interpreter_ids=ids,
        since=starts_at - YEAR,
        recently=starts_at - RECENTLY,
        topic=wanted.request.topic,
        client_ids=wanted.client_ids,
    )
    around = await commitments.around(
        db,
        network_id=network_id,
        interpreter_ids=ids,
        window=Window(
            starts_at=starts_at - AROUND, ends_at=wanted.request.session.ends_at + AROUND
        ),
    )
    past = {key: history.get(key, History()) for key in ids}
    look = _Look(wanted=wanted, weights=weights, terms=terms, past=past, around=around)
    return look.result(found)


async def funnel(db: Db, *, wanted: Wanted, result: Result) -> dict[str, int]:
    """Return how many each rule took out; each interpreter once, at the first rule."""
    counts = await candidates.funnel(
        db,
        network_id=wanted.network.network_id,
        search=result.search,
        languages=wanted.request.languages,
    )
    if result.late:
        counts["busy"] = counts.get("busy", 0) + result.late
    return counts


def weights_of(network: Network) -> Weights:
    """Return the network's weights, the standard ones where it has none."""
    return msgspec.convert(network.weights, Weights) if network.weights else Weights()


def pairs_of(languages: Sequence[str], working_language: str) -> list[str]:
    """Return the unordered pairs as the supply rows spell them."""
    return [":".join(sorted((language, working_language))) for language in languages]


def _terms(wanted: Wanted, weights: Weights, asked: Collection[UUID]) -> Search:
    request, site = wanted.request, wanted.site
    demands = request.requirements
    gender, qualification = _demand(demands, "gender"), _demand(demands, "qualification")
    modes = sum(BITS[mode] for mode in request.modes)
    latitude, longitude = (site.latitude, site.longitude) if site else (None, None)
    cells = None
    if modes == BITS["in_person"] and latitude is not None and longitude is not None:
        cells = travel.disk(latitude=latitude, longitude=longitude, radius_km=REACH_KM)
    spans = [
        availability.slots(window=request.session, time_zone=zone)
        for zone in wanted.network.roster_time_zones
    ]
    return Search(
        pairs=pairs_of(request.languages, request.working_language),
        modes=modes,
        session=request.session,
        latitude=latitude,
        longitude=longitude,
        cells=cells,
        strict_gender=gender["value"] if gender.get("strict") else None,
        minimum_qualification=QUALIFICATIONS[qualification["minimum"]]
        if qualification.get("strict")
        else 1,
        credentials=demands.get("credentials", ()),
        credentials_valid_on=request.session.ends_at.date(),
        blocked=_ids(demands, "excluded_interpreter_ids")
        + list(wanted.institution.blocked_interpreter_ids),
        left=list(wanted.left),
        asked=list(asked),
        zones=wanted.network.roster_time_zones,
        starts=[start for start, _ in spans],
        counts=[count for _, count in spans],
        wished_gender=gender.get("value"),
        wished_dialect=_demand(demands, "dialect").get("value", "").casefold() or None,
        wished=_ids(demands, "preferred_interpreter_ids"),
        on_list=wanted.institution.preferred_interpreter_ids,
        topic=request.topic,
        points=[
            weights.hours, weights.travel, weights.gender, weights.dialect, weights.requested,
            weights.institution_preferred, weights.continuity, weights.topic,
        ],
    )  # fmt: skip


def _demand(demands: Any, name: str) -> dict[str, Any]:
    return demands.get(name) or {}


def _ids(demands: Any, name: str) -> list[UUID]:
    return [UUID(one) for one in demands.get(name, ())]


def _once_each(found: Sequence[Found], request: Request) -> list[Found]:
    """Of somebody found in several languages, keep the one the client named first."""
    order = pairs_of(request.languages, request.working_language)
    best: dict[UUID, Found] = {}
    for one in found:
        held = best.get(one.interpreter_id)
        if held is None or order.index(one.pair) < order.index(held.pair):
            best[one.interpreter_id] = one
    return list(best.values())


class _Look(msgspec.Struct, frozen=True, kw_only=True):
    """A close look at those whom the database found."""

    wanted: Wanted
    weights: Weights
    terms: Search
    past: dict[UUID, History]
    around: dict[UUID, list[Commitment]]

    def result(self, found: Sequence[Found]) -> Result:
        """Score those who can be there in time, best first; ties by interpreter id."""
        usual = median(_share(one, self.past[one.interpreter_id]) for one in found)
        made: dict[UUID, Candidate] = {}
        for one in found:
            mode = _mode(self.wanted, one, self.around[one.interpreter_id])
            if mode is not None:
                made[one.interpreter_id] = self._candidate(one, mode, usual)
        ranked = rank([one.scored for one in made.values()])
        return Result(
            candidates=[made[one.interpreter_id] for one in ranked],
            late=len(found) - len(made),
            search=self.terms,
        )

    def _candidate(self, one: Found, mode: str, usual: float) -> Candidate:
        facts = self._facts(one, mode, usual)
        return Candidate(
            interpreter_id=one.interpreter_id,
            display_name=one.display_name,
            mode=mode,
            from_language=_language(self.wanted.request, one.pair),
            distance_km=facts.distance_km,
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
            mode=cast("Any", mode),
            in_hours=one.in_hours,
            distance_km=_distance(self.wanted.site, one) if mode == "in_person" else None,
            travel_radius_km=one.travel_radius_km,
            knows_topic=one.knows_topic,
            topic_jobs=past.topic_jobs,
            sessions_with_client=past.sessions_with_client,
            is_institution_preferred=one.interpreter_id in self.terms.on_list,
            is_requested=one.interpreter_id in self.terms.wished,
            speaks_dialect=one.speaks_dialect,
            has_gender=one.has_gender,
        )


def _mode(wanted: Wanted, one: Found, around: Sequence[Commitment]) -> str | None:
    """The first wished mode in which they can be there in time."""
    home = None
    if one.home_latitude is not None and one.home_longitude is not None:
        home = Point(latitude=one.home_latitude, longitude=one.home_longitude)
    for mode in wanted.request.modes:
        place = place_of(wanted.site) if mode == "in_person" else None
        if one.modes & BITS[mode] and fits(
            session=wanted.request.session, place=place, home=home, around=around
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
        modes=cast("Any", tuple(wanted.request.modes)),
        topic=wanted.request.topic,
        dialect=_demand(demands, "dialect").get("value"),
        gender=_demand(demands, "gender").get("value"),
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
