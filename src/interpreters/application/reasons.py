"""Why somebody is, or is not, asked about a request: every rule by itself, then points and offers.

For coordinators only: it tells of other bookings and absences.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.candidate_rules import Answer, Facts
from interpreters.application.scoring import Candidate
from interpreters.application.searching import AROUND, MOST, search
from interpreters.application.wanting import Wanted, wanted_of
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import NotFound
from interpreters.domain.windows import Window
from interpreters.sql import (
    absences,
    availability,
    commitments,
    credentials,
    interpreter_languages,
    interpreters,
    offers,
    requests,
)
from interpreters.sql.candidates import Search
from interpreters.sql.interpreters import Interpreter
from interpreters.sql.offers import Offer


class Reasons(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides whether somebody is asked.

    `place` is theirs among those who fit, from 1; None when they do not, or very many fit better.
    """

    interpreter: Interpreter
    rules: Sequence[Answer]
    candidate: Candidate | None
    place: int | None
    offers: Sequence[Offer]


async def explain_candidate(
    db: Db, caller: Caller, *, request_id: UUID, interpreter_id: UUID, now: datetime
) -> Reasons:
    """Return each rule for one interpreter and one request, as was asked, at this moment.

    Raises:
        Forbidden: only coordinators see people they have not booked.
        NotFound: there is no such request or interpreter.
    """
    permit(caller, "requests:read", "coordinator")
    network_id = caller.network_id
    request = await requests.find(db, network_id=network_id, request_id=request_id)
    person = await interpreters.find(db, network_id=network_id, interpreter_id=interpreter_id)
    if request is None or person is None:
        raise NotFound
    wanted = await wanted_of(db, network_id=network_id, request=request)
    result = await search(db, wanted=wanted, limit=MOST, now=now)
    facts = await _facts(db, wanted, result.search, person)
    ranking = [one.interpreter_id for one in result.candidates]
    place = ranking.index(person.id) if person.id in ranking else None
    made = await offers.of_request(db, network_id=network_id, request_id=request.id)
    return Reasons(
        interpreter=person,
        rules=list(facts.answers()),
        candidate=None if place is None else result.candidates[place],
        place=None if place is None else place + 1,
        offers=[one for one in made if one.interpreter_id == person.id],
    )


async def _facts(db: Db, wanted: Wanted, terms: Search, person: Interpreter) -> Facts:
    network_id, only = wanted.network.network_id, [person.id]
    session = wanted.request.session
    around = Window(starts_at=session.starts_at - AROUND, ends_at=session.ends_at + AROUND)
    spoken = await interpreter_languages.of_interpreters(
        db, network_id=network_id, interpreter_ids=only
    )
    papers = await credentials.of_interpreters(db, network_id=network_id, interpreter_ids=only)
    weekly = await availability.of_interpreters(db, network_id=network_id, interpreter_ids=only)
    booked = await commitments.around(
        db, network_id=network_id, interpreter_ids=only, window=around
    )
    return Facts(
        wanted=wanted,
        terms=terms,
        person=person,
        spoken={one.language: one for one in spoken[person.id]},
        papers=papers[person.id],
        weekly=weekly[person.id],
        bookings=booked[person.id],
        away=await absences.within(
            db, network_id=network_id, interpreter_id=person.id, window=session
        ),
    )
