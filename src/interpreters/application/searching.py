"""The search for a seat: a constant number of statements, whatever the size of the roster.

The database filters and orders by what one row can tell; here the best of them are scored with
their history, and those who could not travel in time between their bookings are taken out.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import msgspec

from interpreters.application.ladders import is_urgent
from interpreters.application.scoring import BITS, Candidate, Look, demand, pairs_of
from interpreters.application.wanting import Wanted
from interpreters.database import Db
from interpreters.domain import availability, travel
from interpreters.domain.matching import Weights
from interpreters.domain.windows import Window, at_place
from interpreters.sql import candidates, commitments, freed_slots, rarity
from interpreters.sql.candidates import Found, Search
from interpreters.sql.commitments import History
from interpreters.sql.networks import Network
from interpreters.sql.requests import Request

QUALIFICATIONS: Final = {"language_speaker": 1, "trained": 2, "certified": 3}
REACH_KM: Final = 100  # whoever travels farther is found without the map
ENOUGH: Final = 20  # looked at closely: several waves of people
MOST: Final = 200  # when a coordinator wants to see who there is
MISSED: Final = 50  # of so many speakers nobody misses one
FARTHER: Final = 8  # times as many, when all of those are late
YEAR: Final = timedelta(days=365)
RECENTLY: Final = timedelta(days=28)
# Bookings as far away as this can still be neighbours in travel: 4 h, and the trips around them.
AROUND: Final = timedelta(hours=14)


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Candidates, best first; `late` fit but could not travel in time.

    `cut` says that there may be more people than were looked at.
    """

    candidates: Sequence[Candidate]
    late: int
    search: Search
    cut: bool = False


async def search(
    db: Db,
    *,
    wanted: Wanted,
    asked: Collection[UUID] = (),
    limit: int = ENOUGH,
    now: datetime | None = None,
) -> Result:
    """Return who fits a seat of the request and was not asked yet, best first.

    The best `limit` are looked at closely; more of them, as long as all of those are late.
    `now` says whether the request is urgent, by default as it was when the search began.
    """
    terms = _terms(wanted, weights_of(wanted.network), asked, now)
    result = await _look(db, wanted, terms, limit)
    while result.cut and not result.candidates:
        limit *= FARTHER
        result = await _look(db, wanted, terms, limit)
    return result


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


async def _look(db: Db, wanted: Wanted, terms: Search, limit: int) -> Result:
    network_id = wanted.network.network_id
    found = await candidates.find(db, network_id=network_id, search=terms, limit=limit)
    people = _by_person(found, wanted.request)
    if not people:
        return Result(candidates=(), late=0, search=terms)
    look = await _closer(db, wanted, terms, list(people))
    fitting = look.candidates(people)
    return Result(
        candidates=fitting,
        late=len(people) - len(fitting),
        search=terms,
        cut=len(found) == limit,
    )


async def _closer(db: Db, wanted: Wanted, terms: Search, ids: Sequence[UUID]) -> Look:
    """Return what they did, what they are committed to, and who else could do it."""
    network_id, request = wanted.network.network_id, wanted.request
    starts_at = request.session.starts_at
    history = await commitments.history(
        db,
        network_id=network_id,
        interpreter_ids=ids,
        since=starts_at - YEAR,
        recently=starts_at - RECENTLY,
        topic=request.topic,
        client_ids=wanted.client_ids,
    )
    window = Window(
        starts_at=wanted.attended.starts_at - AROUND, ends_at=request.session.ends_at + AROUND
    )
    return Look(
        wanted=wanted,
        weights=weights_of(wanted.network),
        terms=terms,
        past={key: history.get(key, History()) for key in ids},
        around=await commitments.around(
            db, network_id=network_id, interpreter_ids=ids, window=window
        ),
        freed=await freed_slots.covering(
            db, network_id=network_id, window=request.session, interpreter_ids=ids
        ),
        colleagues=await rarity.colleagues(
            db, network_id=network_id, interpreter_ids=ids, wanted=terms.pairs,
            working_language=request.working_language, most=MISSED,
        ),
    )  # fmt: skip


def _terms(
    wanted: Wanted, weights: Weights, asked: Collection[UUID], now: datetime | None
) -> Search:
    request, site = wanted.request, wanted.site
    modes = sum(BITS[mode] for mode in request.modes)
    latitude, longitude = (site.latitude, site.longitude) if site else (None, None)
    return Search(
        **_demanded(wanted),
        pairs=pairs_of(request.languages, request.working_language),
        modes=modes,
        session=wanted.attended,
        latitude=latitude,
        longitude=longitude,
        cells=_cells(wanted, modes),
        left=[*wanted.left, *wanted.conflicts],
        asked=list(asked),
        zones=wanted.network.roster_time_zones,
        masks=[
            availability.week_mask(window=wanted.attended, time_zone=zone)
            for zone in wanted.network.roster_time_zones
        ],
        on_list=wanted.institution.preferred_interpreter_ids,
        topic=request.topic,
        no_volunteers=_not_for_volunteers(wanted.network, request.topic),
        points=_points(weights),
        standby=list(wanted.standby),
        urgent=is_urgent(wanted, now or wanted.request.ladder_started_at),
    )


def _demanded(wanted: Wanted) -> dict[str, Any]:
    """Return what the request says of the person: what they must be, and should be."""
    demands = wanted.request.requirements
    gender, qualification = demand(demands, "gender"), demand(demands, "qualification")
    dialect = demand(demands, "dialect")
    return {
        "strict_gender": gender["value"] if gender.get("strict") else None,
        "minimum_qualification": QUALIFICATIONS[qualification["minimum"]]
        if qualification.get("strict")
        else 1,
        "strict_dialect": dialect["value"].casefold() if dialect.get("strict") else None,
        "credentials": demands.get("credentials", ()),
        "credentials_valid_on": _last_day(wanted.request),
        "blocked": _ids(demands, "excluded_interpreter_ids")
        + list(wanted.institution.blocked_interpreter_ids),
        "wished_gender": gender.get("value"),
        "wished_dialect": dialect.get("value", "").casefold() or None,
        "wished": _ids(demands, "preferred_interpreter_ids"),
    }


def _cells(wanted: Wanted, modes: int) -> list[int] | None:
    """Where to look on the map, for a search that is only in person, or only near."""
    site = wanted.site
    if site is None or site.latitude is None or site.longitude is None:
        return None
    there = wanted.near or modes == BITS["in_person"]
    return _cells_around(site.latitude, site.longitude) if there else None


def _not_for_volunteers(network: Network, topic: str) -> bool:
    return network.volunteer_topics is not None and topic not in network.volunteer_topics


def _points(weights: Weights) -> list[float]:
    """The points that the statement adds up, in its order."""
    return [
        weights.hours, weights.travel, weights.gender, weights.dialect, weights.requested,
        weights.institution_preferred, weights.continuity, weights.topic,
    ]  # fmt: skip


def _last_day(request: Request) -> date:
    """The day at the place on which the session ends: papers must be valid on it."""
    last = request.session.ends_at - timedelta(microseconds=1)
    return at_place(instant=last, time_zone=request.time_zone).date()


def _ids(demands: Any, name: str) -> list[UUID]:
    return [UUID(one) for one in demands.get(name, ())]


def _by_person(found: Sequence[Found], request: Request) -> dict[UUID, list[Found]]:
    """Of somebody found in several languages, the one the client named first comes first."""
    order = pairs_of(request.languages, request.working_language)
    people: dict[UUID, list[Found]] = {}
    for one in sorted(found, key=lambda each: order.index(each.pair)):
        people.setdefault(one.interpreter_id, []).append(one)
    return people


@lru_cache(maxsize=4096)  # sites are few, and a disk takes longer than a statement
def _cells_around(latitude: float, longitude: float) -> list[int]:
    return travel.disk(latitude=latitude, longitude=longitude, radius_km=REACH_KM)
