"""Who works when: people's hours, absences, jobs and open questions, side by side."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.freed_slots import ShownSlot, SlotSearch, list_freed_slots
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.timelines import Clash, Timeline, clashes
from interpreters.domain.windows import Window
from interpreters.sql import availability, freed_slots, interpreters, requests, timelines
from interpreters.sql.requests import Request
from interpreters.sql.timelines import Person

PAGE: Final = 30  # people
MOST_SLOTS: Final = 20
MOST_SUITING: Final = 5  # searches named beside a slot


class TimelineOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Which time, and whose: speakers of a language, from after somebody on by name."""

    window: Window
    language: str | None = None
    after: UUID | None = None


class ShownTimeline(msgspec.Struct, frozen=True, kw_only=True):
    """One person's time, and what in it does not go together."""

    person: Person
    timeline: Timeline
    clashes: Sequence[Clash]


class Timelines(msgspec.Struct, frozen=True, kw_only=True):
    """People by name; `following` is where the next page begins, None when this was the last."""

    people: Sequence[ShownTimeline]
    following: UUID | None


class Suiting(msgspec.Struct, frozen=True, kw_only=True):
    """A freed time, and the searches it could be used for."""

    slot: ShownSlot
    requests: Sequence[Request]


async def show_timelines(
    db: Db, caller: Caller, *, wanted: Callable[[], TimelineOrder]
) -> Timelines:
    """Return a page of people with their time.

    Raises:
        Forbidden: only coordinators see whose time it is.
    """
    permit(caller, "roster:read", "coordinator")
    asked, network_id = wanted(), caller.network_id
    found = await timelines.people(
        db, network_id=network_id, language=asked.language,
        after=await _person(db, network_id, asked.after), limit=PAGE + 1,
    )  # fmt: skip
    page = found[:PAGE]
    ids = [one.id for one in page]
    weekly = await availability.of_interpreters(db, network_id=network_id, interpreter_ids=ids)
    away = await timelines.away(db, network_id=network_id, interpreter_ids=ids, window=asked.window)
    jobs = await timelines.jobs(db, network_id=network_id, interpreter_ids=ids, window=asked.window)
    questions = await timelines.questions(
        db, network_id=network_id, interpreter_ids=ids, window=asked.window
    )
    return Timelines(
        people=[
            _shown(
                one,
                Timeline(
                    weekly=weekly[one.id],
                    time_zone=one.time_zone,
                    away=away[one.id],
                    jobs=jobs[one.id],
                    questions=questions[one.id],
                ),
            )
            for one in page
        ],
        following=page[-1].id if len(found) > PAGE else None,
    )


async def list_suiting(db: Db, caller: Caller, *, now: datetime) -> list[Suiting]:
    """Return freed times that nobody uses yet, each with searches it suits.

    Raises:
        Forbidden: only coordinators see whose time it is.
    """
    asked = SlotSearch(since=now, until=None, before=None, limit=MOST_SLOTS)
    found = await list_freed_slots(db, caller, wanted=lambda: asked, now=now)
    suiting = []
    for one in found:
        if one.slot.request_id is not None:
            continue
        ids = await freed_slots.waiting(
            db, network_id=caller.network_id, slot=one.slot.slot, languages=one.languages, now=now,
            limit=MOST_SUITING,
        )  # fmt: skip
        known = await requests.get_many(db, network_id=caller.network_id, ids=ids)
        suiting.append(Suiting(slot=one, requests=[known[each] for each in ids]))
    return suiting


async def _person(db: Db, network_id: UUID, after: UUID | None) -> Person | None:
    if after is None:
        return None
    found = await interpreters.find(db, network_id=network_id, interpreter_id=after)
    if found is None:
        return None
    return Person(id=found.id, display_name=found.display_name, time_zone=found.time_zone)


def _shown(person: Person, timeline: Timeline) -> ShownTimeline:
    return ShownTimeline(person=person, timeline=timeline, clashes=clashes(timeline))
