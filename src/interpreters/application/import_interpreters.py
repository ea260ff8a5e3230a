"""Importing a roster: who is who, what differs, and writing it in few statements."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from interpreters.application.import_matching import match
from interpreters.application.import_plans import Change, Plan, changes, check_held
from interpreters.application.supply import add_roster_time_zones, refresh_supply_of_many
from interpreters.database import Db
from interpreters.domain.availability import WeeklyRow
from interpreters.domain.callers import Caller
from interpreters.domain.ids import new_id
from interpreters.domain.imports import Entry, Paper
from interpreters.sql import (
    availability,
    credentials,
    interpreter_languages,
    interpreter_references,
    interpreters,
    networks,
)
from interpreters.sql.credentials import Credential
from interpreters.sql.interpreter_languages import InterpreterLanguage
from interpreters.sql.interpreters import Interpreter

PIECE: Final = 1000  # interpreters written before it is told how far it is


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """All that a row may say of an interpreter."""

    interpreter: Interpreter
    languages: tuple[InterpreterLanguage, ...]
    weekly: tuple[WeeklyRow, ...]
    papers: tuple[Paper, ...]
    reference: str | None

    @property
    def id(self) -> UUID:
        """The interpreter's id."""
        return self.interpreter.id

    @property
    def version(self) -> int:
        """The interpreter's version."""
        return self.interpreter.version


async def plan_interpreters(
    db: Db, caller: Caller, *, entries: Sequence[Entry], now: datetime
) -> Plan[Profile]:
    """Return what the rows would do to the roster; `import_matching` says who is meant."""
    matched, errors, references = await match(db, caller, entries=entries)
    profiles = await _profiles(db, caller, [one for _, one in matched if one], references)
    zone = (await networks.get(db, network_id=caller.network_id)).time_zone
    made = [
        Change(
            entry=entry,
            before=profiles[one.id] if one else None,
            after=_changed(profiles[one.id], entry) if one else _new(entry, zone, now),
        )
        for entry, one in matched
    ]
    changed = [one for one in made if one.before is not None and one.before != one.after]
    created = [one for one in made if one.before is None]
    return Plan(
        created=created,
        changed=changed,
        unchanged=len(made) - len(created) - len(changed),
        errors=errors,
    )


async def write_interpreters(
    db: Db, caller: Caller, *, plan: Plan[Profile], now: datetime, tell: Callable[[int], None]
) -> None:
    """Write what was planned; searches find everybody at once.

    Raises:
        ImportInProgress: somebody changed one of them meanwhile.
    """
    held = await interpreters.lock_many(
        db, network_id=caller.network_id, ids=[one.after.id for one in plan.changed]
    )
    check_held(held, plan.changed)
    both = [*plan.created, *plan.changed]
    for start in range(0, len(both), PIECE):
        await _write(db, caller, both[start : start + PIECE], now)
        tell(start + PIECE)
    await add_roster_time_zones(
        db, network_id=caller.network_id, interpreters=[one.after.interpreter for one in both]
    )


async def _write(db: Db, caller: Caller, piece: Sequence[Change[Profile]], now: datetime) -> None:
    network_id = caller.network_id
    people = [one.after.interpreter for one in piece]
    new = [one.after.interpreter for one in piece if one.before is None]
    old = [one.after.interpreter for one in piece if one.before is not None]
    await interpreters.insert_many(db, network_id=network_id, interpreters=new)
    await interpreters.update_many(db, network_id=network_id, interpreters=old)
    references = {
        one.after.id: one.after.reference for one in piece if one.after.reference is not None
    }
    await interpreter_references.set_references(db, network_id=network_id, references=references)
    spoken = {one.after.id: one.after.languages for one in piece if _differs(one, "languages")}
    await interpreter_languages.replace_many(db, network_id=network_id, languages=spoken)
    weekly = {one.after.id: one.after.weekly for one in piece if _differs(one, "weekly")}
    await availability.replace_many(db, network_id=network_id, weekly=weekly)
    await credentials.insert_many(
        db,
        network_id=network_id,
        credentials=[
            (
                one.after.id,
                Credential(id=new_id(now), created_at=now, **msgspec.structs.asdict(paper)),
            )
            for one in piece
            for paper in one.after.papers
            if one.before is None or paper not in one.before.papers
        ],
    )
    await refresh_supply_of_many(db, network_id=network_id, interpreters=people)


def _differs(one: Change[Profile], name: str) -> bool:
    before = () if one.before is None else getattr(one.before, name)
    return bool(before != getattr(one.after, name))


async def _profiles(
    db: Db, caller: Caller, people: Sequence[Interpreter], references: Mapping[UUID, str]
) -> dict[UUID, Profile]:
    ids = [one.id for one in people]
    asked: dict[str, Any] = {"network_id": caller.network_id, "interpreter_ids": ids}
    spoken = await interpreter_languages.of_interpreters(db, **asked)
    weekly = await availability.of_interpreters(db, **asked)
    papers = await credentials.of_interpreters(db, **asked)
    return {
        one.id: Profile(
            interpreter=one,
            languages=tuple(spoken[one.id]),
            weekly=tuple(weekly[one.id]),
            papers=tuple(_paper(paper) for paper in papers[one.id]),
            reference=references.get(one.id),
        )
        for one in people
    }


def _changed(before: Profile, entry: Entry) -> Profile:
    """Return the interpreter as the row has them; what it says nothing of stays."""
    fields = changes(entry, before.interpreter, apart=("languages",))
    if entry.outside_hours not in (None, before.interpreter.outside_hours):
        fields["outside_hours"] = entry.outside_hours
    after = msgspec.structs.replace(
        before,
        interpreter=msgspec.structs.replace(before.interpreter, **fields),
        languages=tuple(entry.fields["languages"]),
        weekly=before.weekly if entry.weekly is None else tuple(entry.weekly),
        papers=before.papers + tuple(paper for paper in entry.papers if paper not in before.papers),
        reference=entry.reference or before.reference,
    )
    if after == before:
        return before
    person = msgspec.structs.replace(after.interpreter, version=before.version + 1)
    return msgspec.structs.replace(after, interpreter=person)


def _new(entry: Entry, time_zone: str, now: datetime) -> Profile:
    fields = {name: value for name, value in entry.fields.items() if name != "languages"}
    fields["time_zone"] = fields["time_zone"] or time_zone
    fields["outside_hours"] = entry.outside_hours or "ask"
    return Profile(
        interpreter=Interpreter(id=new_id(now), created_at=now, **fields),
        languages=tuple(entry.fields["languages"]),
        weekly=tuple(entry.weekly or ()),
        papers=tuple(entry.papers),
        reference=entry.reference,
    )


def _paper(one: Credential) -> Paper:
    return Paper(
        kind=one.kind, number=one.number, issued_on=one.issued_on, expires_on=one.expires_on
    )
