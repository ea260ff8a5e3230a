"""Before anything is asked: how likely somebody is found, how soon, and what else would do."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from interpreters.application import relays
from interpreters.application.duplicates import duplicates_of_order
from interpreters.application.fallbacks import asked_of, modes_besides, varied
from interpreters.application.funding_fits import fitting_of_order
from interpreters.application.ladders import ladder_of
from interpreters.application.outlooks import Alternative, Preview
from interpreters.application.quotes import quote, tariffs_for
from interpreters.application.replacements import Replaced, quote_replacement, replaced_of
from interpreters.application.request_orders import RequestOrder, new_request, place_of_order
from interpreters.application.sandboxes import stage
from interpreters.application.scoring import Candidate
from interpreters.application.searching import MOST, funnel, search
from interpreters.application.series import dates_of, first_of
from interpreters.application.shown_requests import ASKERS
from interpreters.application.wanting import Wanted
from interpreters.database import Db
from interpreters.domain import fallbacks
from interpreters.domain.callers import Caller, permit
from interpreters.domain.chances import (
    Likelihood,
    Said,
    at_least,
    chance,
    lead_of,
    likelihood,
    usual_minutes,
)
from interpreters.domain.fallbacks import LEGS, allowed, stand_ins
from interpreters.domain.tariffs import Tariff
from interpreters.sql import networks
from interpreters.sql.answers import Answers, answers
from interpreters.sql.requests import Request

HISTORY: Final = timedelta(days=180)
MOST_STAND_INS: Final = 2
MOST_PIVOTS: Final = 2
NEAR: Final = (15, 30)  # minutes to move by, where little is allowed
FAR: Final = (30, 60)


async def preview_request(
    db: Db, caller: Caller, *, order: Callable[[], RequestOrder], now: datetime
) -> Preview:
    """Tell what would happen, and create nothing.

    Raises:
        Forbidden: another institution than one's own.
        Invalid: a site, institution or language that does not fit.
        FeeNotReplaceable and its like: it replaces what it may not (`domain/replacements.py`).
    """
    permit(caller, "requests:write", *ASKERS)
    asked = order()
    await stage(db, caller, order=asked, now=now)
    place = await place_of_order(db, caller, order=asked)
    replaced = await replaced_of(db, caller, order=asked, now=now)
    wanted = Wanted(
        request=new_request(caller, order=asked, place=place, now=now),
        network=await networks.get(db, network_id=caller.network_id),
        institution=place.institution,
        site=place.site,
        client_ids=(),
    )
    if replaced is not None:
        return await _instead(db, wanted, replaced, asked)
    found = None if asked.recurrence is None else dates_of(caller, order=asked, wanted=wanted)
    wanted = wanted if found is None else first_of(wanted, found)
    result = await search(db, wanted=wanted, limit=MOST, now=now)
    look = await _look(db, wanted, now)
    request = wanted.request
    return Preview(
        candidates=len(result.candidates),
        excluded=await funnel(db, wanted=wanted, result=result),
        likelihood=look.likelihood(request, count=len(result.candidates)),
        usual_answer_minutes=look.usual_minutes(request.languages),
        alternatives=[
            *await _other_modes(db, look),
            *await _other_times(db, look),
            *await _stand_ins(db, look),
            *await _relay(db, look),
        ],
        possible_duplicates=await duplicates_of_order(
            db, network_id=caller.network_id, request=request, order=asked
        ),
        dates=None if found is None else len(found),
        quote=await look.quote(db, wanted, result.candidates),
        currency=wanted.network.currency,
        funding=await fitting_of_order(
            db, network_id=caller.network_id, request=request, order=asked
        ),
    )


async def _instead(db: Db, wanted: Wanted, replaced: Replaced, asked: RequestOrder) -> Preview:
    """One person is booked at once, or nothing is: nobody is asked, and nothing else would do."""
    return Preview(
        candidates=1,
        excluded={},
        likelihood="likely",
        usual_answer_minutes=None,
        alternatives=[],
        quote=await quote_replacement(db, wanted=wanted, replaced=replaced),
        currency=wanted.network.currency,
        funding=await fitting_of_order(
            db, network_id=wanted.network.network_id, request=wanted.request, order=asked
        ),
    )


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """How likely somebody is found, and what it would cost."""

    likelihood: Likelihood
    quote: int | None

    def as_fields(self) -> dict[str, Any]:
        """Return them as an alternative's."""
        return msgspec.structs.asdict(self)


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted, and what the network knows of answers to the like of it."""

    wanted: Wanted
    history: Sequence[Answers]
    guess: float
    versions: Sequence[Tariff]
    now: datetime

    async def quote(self, db: Db, wanted: Wanted, candidates: Sequence[Candidate]) -> int | None:
        """Return what the request would cost, asked of these people."""
        return await quote(db, wanted=wanted, versions=self.versions, candidates=candidates)

    def likelihood(self, request: Request, *, count: int) -> Likelihood:
        """Return how likely enough of so many people say yes to the request."""
        probability = at_least(
            needed=request.interpreters_needed,
            count=count,
            chance=self.chance(request.languages, request.modes),
        )
        return likelihood(probability)

    def chance(self, languages: Sequence[str], modes: Sequence[str]) -> float:
        """Return how likely one of them says yes, asked in one of these languages and modes."""
        same = [one for one in self.history if one.language in languages and one.mode in modes]
        said = Said(
            asked=sum(one.asked for one in same), said_yes=sum(one.said_yes for one in same)
        )
        return chance(said=said, guess=self.guess)

    def usual_minutes(self, languages: Sequence[str]) -> int | None:
        """Return how long a yes usually takes in the language most were asked in."""
        same = [one for one in self.history if one.language in languages and one.mode is None]
        if not same:
            return None
        most = max(same, key=lambda one: one.said_yes)
        return usual_minutes(Said(asked=most.asked, said_yes=most.said_yes, minutes=most.minutes))


async def _look(db: Db, wanted: Wanted, now: datetime) -> Look:
    request = wanted.request
    near = [one.language.code for one in stand_ins(asked_of(request))]
    lead = timedelta(0) if request.starts_now else request.session.starts_at - now
    return Look(
        wanted=wanted,
        history=await answers(
            db,
            network_id=wanted.network.network_id,
            since=now - HISTORY,
            languages=[*request.languages, *near],
            lead=lead_of(lead),
        ),
        guess=ladder_of(wanted.network, wanted.institution).chance,
        versions=await tariffs_for(
            db, network_id=wanted.network.network_id, institution=wanted.institution
        ),
        now=now,
    )


async def _found(db: Db, look: Look, wanted: Wanted | None) -> Outlook | None:
    """Return how likely somebody is found, and at what price; None with nobody to ask."""
    if wanted is None:
        return None
    result = await search(db, wanted=wanted, now=look.now)
    if not result.candidates:
        return None
    return Outlook(
        likelihood=look.likelihood(wanted.request, count=len(result.candidates)),
        quote=await look.quote(db, wanted, result.candidates),
    )


async def _other_modes(db: Db, look: Look) -> list[Alternative]:
    found = []
    for mode in modes_besides(look.wanted):
        outlook = await _found(db, look, _with(look.wanted, modes=[mode]))
        if outlook is not None:
            found.append(Alternative(code="other_mode", mode=mode, **outlook.as_fields()))
    return found


async def _other_times(db: Db, look: Look) -> list[Alternative]:
    """The nearest time that would do, later and earlier."""
    found = []
    for shifts in _shifts(look.wanted.request):
        for minutes in shifts:
            step = f"other_time:{minutes:+}"
            moved = varied(look.wanted, step=step, now=look.now)
            outlook = await _found(db, look, moved)
            if moved is not None and outlook is not None:
                at = moved.request.session.starts_at
                found.append(Alternative(code="other_time", starts_at=at, **outlook.as_fields()))
                break
    return found


def _shifts(request: Request) -> Iterator[list[int]]:
    most = allowed(request.fallbacks).shift_minutes
    minutes = NEAR if 0 < most < FAR[1] else FAR
    yield list(minutes)
    yield [-one for one in minutes]


async def _stand_ins(db: Db, look: Look) -> list[Alternative]:
    found = []
    for near in stand_ins(asked_of(look.wanted.request))[:MOST_STAND_INS]:
        outlook = await _found(db, look, _with(look.wanted, languages=[near.language.code]))
        if outlook is not None:
            found.append(
                Alternative(
                    code="neighbour_language",
                    **outlook.as_fields(),
                    language=near.language.code,
                    understood=near.understood,
                )
            )
    return found


async def _relay(db: Db, look: Look) -> list[Alternative]:
    """The best relay in the mode that was wished first; both legs must say yes."""
    request = look.wanted.request
    if request.interpreters_needed > 1:
        return []
    relay = await relays.begin(
        db,
        wanted=look.wanted,
        made=(),
        now=look.now,
        modes=request.modes[:1],
        most=MOST_PIVOTS,
    )
    if relay is None:
        return []
    probability, quotes = 1.0, []
    for leg in LEGS:
        asking, people = relay.legs[leg].request, relay.found[leg].candidates
        quotes.append(await look.quote(db, relay.legs[leg], people))
        probability *= at_least(
            needed=1,
            count=len(people),
            chance=look.chance(asking.languages, asking.modes),
        )
    return [
        Alternative(
            code="relay",
            likelihood=likelihood(probability),
            pivot=relay.pivot,
            plan_minutes=fallbacks.relay_minutes(request.duration_minutes),
            quote=None if None in quotes else sum(one or 0 for one in quotes),
        )
    ]


def _with(wanted: Wanted, **changes: object) -> Wanted:
    return msgspec.structs.replace(
        wanted,
        wished_modes=wanted.request.modes,
        request=msgspec.structs.replace(wanted.request, **changes),
    )
