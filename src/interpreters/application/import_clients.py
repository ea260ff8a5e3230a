"""Importing clients: whose they are, which are known by their reference, what differs."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.import_plans import Change, Plan, changes, check_held, each_once
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, Invalid, NotFound
from interpreters.domain.ids import INSTITUTION, new_id, read_id
from interpreters.domain.imports import Entry, ImportInProgress, RowError, unreadable
from interpreters.sql import audit, clients, institutions
from interpreters.sql.clients import Client


async def check_institution(db: Db, caller: Caller, *, institution_id: UUID | None) -> UUID | None:
    """Return whose clients a file holds that does not say so: the caller's own, or the named.

    Raises:
        Forbidden: it is not the caller's own.
        Invalid: there is none such.
    """
    if caller.institution_id is not None:
        if institution_id not in (None, caller.institution_id):
            raise Forbidden("Clients are added to your own institution")
        return caller.institution_id
    if institution_id is None:
        return None
    found = await institutions.find(db, network_id=caller.network_id, institution_id=institution_id)
    if found is None:
        raise _no_institution()
    return institution_id


async def plan_clients(
    db: Db, caller: Caller, *, entries: Sequence[Entry], institution_id: UUID | None, now: datetime
) -> Plan[Client]:
    """Return what the rows would do: a client is known by institution and reference."""
    named = await _named(db, caller, entries)
    owned: dict[int, UUID] = {}
    errors: list[RowError] = []
    for entry in entries:
        owner = institution_id if entry.institution is None else named.get(_folded(entry))
        if owner is None:
            errors.append(_no_owner(entry))
        else:
            owned[entry.row] = owner

    def key(entry: Entry) -> tuple[str, Hashable]:
        return "reference", (owned[entry.row], entry.fields["reference"])

    rows, twice = each_once([one for one in entries if one.row in owned], key)
    known = await _known(db, caller, rows, owned)
    made = [_change(entry, known, owned[entry.row], now) for entry in rows]
    created = [one for one in made if one.before is None]
    changed = [one for one in made if one.before is not None and one.before != one.after]
    return Plan(
        created=created,
        changed=changed,
        unchanged=len(made) - len(created) - len(changed),
        errors=[*errors, *twice],
    )


async def write_clients(
    db: Db, caller: Caller, *, plan: Plan[Client], now: datetime, tell: Callable[[int], None]
) -> None:
    """Write what was planned; every client made or changed is noted.

    Raises:
        ImportInProgress: somebody added or changed one of them meanwhile.
    """
    network_id = caller.network_id
    new, old = [one.after for one in plan.created], [one.after for one in plan.changed]
    if not await clients.insert_many(db, network_id=network_id, clients=new):
        raise ImportInProgress("Somebody is adding one of these clients; try again in a moment")
    tell(len(new))
    held = await clients.lock_many(db, network_id=network_id, ids=[one.id for one in old])
    check_held(held, plan.changed)
    await clients.update_many(db, network_id=network_id, clients=old)
    tell(len(new) + len(old))
    for action, people in (("created", new), ("changed", old)):
        await audit.write(
            db,
            caller=caller,
            action=action,
            subject_kind="client",
            subject_ids=[one.id for one in people],
            now=now,
        )


async def _named(db: Db, caller: Caller, entries: Sequence[Entry]) -> Mapping[str, UUID]:
    """Return the institutions the rows name, by id, own reference or name; one's own alone.

    A name that several have stands for none.
    """
    texts = {one.institution.strip() for one in entries if one.institution is not None}
    if not texts:
        return {}
    found = await institutions.called(
        db,
        network_id=caller.network_id,
        ids=[one for one in map(_id, texts) if one is not None],
        references=list(texts),
        names=list(texts),
    )
    if caller.institution_id is not None:
        found = [one for one in found if one[0].id == caller.institution_id]
    by_name: dict[str, set[UUID]] = {}
    for one, _ in found:
        by_name.setdefault(one.name.casefold(), set()).add(one.id)
    named = {name: next(iter(ids)) for name, ids in by_name.items() if len(ids) == 1}
    named |= {reference.casefold(): one.id for one, reference in found if reference is not None}
    ids = {text.casefold(): _id(text) for text in texts}
    there = {one.id for one, _ in found}
    return named | {text: one for text, one in ids.items() if one is not None and one in there}


async def _known(
    db: Db, caller: Caller, entries: Sequence[Entry], owned: Mapping[int, UUID]
) -> Mapping[tuple[UUID, str], Client]:
    wanted: dict[UUID, list[str]] = {}
    for entry in entries:
        wanted.setdefault(owned[entry.row], []).append(entry.fields["reference"])
    known: dict[tuple[UUID, str], Client] = {}
    for owner, references in wanted.items():
        found = await clients.by_references(
            db, network_id=caller.network_id, institution_id=owner, references=references
        )
        known |= {(owner, reference): one for reference, one in found.items()}
    return known


def _change(
    entry: Entry, known: Mapping[tuple[UUID, str], Client], owner: UUID, now: datetime
) -> Change[Client]:
    before = known.get((owner, entry.fields["reference"]))
    if before is None:
        fields = {**entry.fields, "institution_id": owner}
        return Change(
            entry=entry, before=None, after=Client(id=new_id(now), created_at=now, **fields)
        )
    fields = changes(entry, before)
    after = msgspec.structs.replace(before, **fields)
    if fields:
        after = msgspec.structs.replace(after, version=before.version + 1)
    return Change(entry=entry, before=before, after=after if fields else before)


def _no_owner(entry: Entry) -> RowError:
    if entry.institution is None:
        detail = "Whose client is it? Name the institution in a column, or for the whole file"
        return entry.error("institution", "required", detail)
    detail = "There is no such institution; write its id, its own reference here or its exact name"
    return entry.error("institution", "unknown-institution", detail)


def _folded(entry: Entry) -> str:
    return (entry.institution or "").strip().casefold()


def _id(text: str) -> UUID | None:
    try:
        return read_id(INSTITUTION, text)
    except NotFound:
        return None


def _no_institution() -> Invalid:
    refusal = unreadable("unknown-institution", "There is no such institution")
    error = msgspec.structs.replace(refusal.errors[0], pointer="/institution_id")
    return Invalid([error])
