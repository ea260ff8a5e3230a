"""An interpreter's time as a coordinator sees it, and what in it does not go together."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec

from interpreters.domain.availability import WeeklyRow, covers
from interpreters.domain.windows import Window

ClashCode: TypeAlias = Literal["asked_twice", "asked_while_booked", "tight", "outside", "away"]


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A live booking: the session, and what it blocks with the way there and back."""

    request_id: UUID
    session: Window
    blocked: Window
    institution: str


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """An offer that is not answered yet, and the time it is about."""

    request_id: UUID
    session: Window


class Clash(msgspec.Struct, frozen=True, kw_only=True):
    """Something that does not go together; `at` is the time it is about."""

    code: ClashCode
    request_id: UUID
    at: Window


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """One person's time: weekly hours by the clock of `time_zone`, none for any hour."""

    weekly: Sequence[WeeklyRow]
    time_zone: str
    away: Sequence[Window]
    jobs: Sequence[Job]
    questions: Sequence[Question]


def clashes(one: Timeline) -> list[Clash]:
    """Return what does not go together, in order of time."""
    found = [*_of_jobs(one), *_of_questions(one)]
    return sorted(found, key=lambda each: (each.at.starts_at, each.code, each.request_id))


def _of_jobs(one: Timeline) -> Iterator[Clash]:
    for job in one.jobs:
        if any(each.overlaps(job.session) for each in one.away):
            yield Clash(code="away", request_id=job.request_id, at=job.session)
        elif not covers(rows=one.weekly, window=job.session, time_zone=one.time_zone):
            yield Clash(code="outside", request_id=job.request_id, at=job.session)


def _of_questions(one: Timeline) -> Iterator[Clash]:
    for first, second in combinations(one.questions, 2):
        if first.request_id != second.request_id and first.session.overlaps(second.session):
            yield Clash(code="asked_twice", request_id=second.request_id, at=second.session)
    for asked in one.questions:
        for job in one.jobs:
            if job.request_id == asked.request_id or not job.blocked.overlaps(asked.session):
                continue
            there = job.session.overlaps(asked.session)
            yield Clash(
                code="asked_while_booked" if there else "tight",
                request_id=asked.request_id,
                at=asked.session,
            )
