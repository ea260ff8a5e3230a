"""Importing institutions: known by the network's own reference, else by their name."""

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.import_plans import Change, Plan, changes, check_held, each_once
from interpreters.application.places import default_working_language
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.ids import new_id
from interpreters.domain.imports import Entry, RowError
from interpreters.sql import institutions, networks
from interpreters.sql.institutions import Institution
from interpreters.sql.networks import Network


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An institution and its reference."""

    institution: Institution
    reference: str | None

    @property
    def id(self) -> UUID:
        """The institution's id."""
        return self.institution.id

    @property
    def version(self) -> int:
        """The institution's version."""
        return self.institution.version


async def plan_institutions(
    db: Db, caller: Caller, *, entries: Sequence[Entry], now: datetime
) -> Plan[Listed]:
    """Return what the rows would do. Nobody with another reference is meant by a name."""
    rows, errors = each_once(entries, _key)
    found = await institutions.called(
        db,
        network_id=caller.network_id,
        references=[one.reference for one in rows if one.reference],
        names=[one.fields["name"] for one in rows],
    )
    known = [Listed(institution=one, reference=reference) for one, reference in found]
    by_reference = {one.reference: one for one in known if one.reference is not None}
    by_name: dict[str, list[Listed]] = {}
    for one in known:
        by_name.setdefault(one.institution.name.casefold(), []).append(one)
    network = await networks.get(db, network_id=caller.network_id)
    made: list[Change[Listed]] = []
    first: dict[UUID, int] = {}
    for entry in rows:
        meant = _meant(entry, by_reference, by_name)
        if len(meant) > 1:
            errors.append(_ambiguous(entry, len(meant)))
        elif meant and first.setdefault(meant[0].id, entry.row) != entry.row:
            detail = f"Row {first[meant[0].id]} is the same institution: keep one of the two"
            errors.append(entry.error("name", "duplicate-row", detail))
        else:
            made.append(_change(entry, meant[0] if meant else None, network, now))
    created = [one for one in made if one.before is None]
    changed = [one for one in made if one.before is not None and one.before != one.after]
    return Plan(
        created=created,
        changed=changed,
        unchanged=len(made) - len(created) - len(changed),
        errors=errors,
    )


async def write_institutions(
    db: Db, caller: Caller, *, plan: Plan[Listed], now: datetime, tell: Callable[[int], None]
) -> None:
    """Write what was planned.

    Raises:
        ImportInProgress: somebody changed one of them meanwhile.
    """
    del now  # nothing about an institution is dated here
    network_id = caller.network_id
    new = [one.after.institution for one in plan.created]
    old = [one.after.institution for one in plan.changed]
    held = await institutions.lock_many(db, network_id=network_id, ids=[one.id for one in old])
    check_held(held, plan.changed)
    await institutions.insert_many(db, network_id=network_id, institutions=new)
    await institutions.update_many(db, network_id=network_id, institutions=old)
    references = {
        one.after.id: one.after.reference
        for one in (*plan.created, *plan.changed)
        if one.after.reference is not None
    }
    await institutions.set_references(db, network_id=network_id, references=references)
    tell(len(new) + len(old))


def _key(entry: Entry) -> tuple[str, Hashable]:
    if entry.reference is not None:
        return "external_reference", entry.reference
    return "name", entry.fields["name"].casefold()


def _meant(
    entry: Entry,
    by_reference: dict[str, Listed],
    by_name: dict[str, list[Listed]],
) -> list[Listed]:
    if entry.reference in by_reference:
        return [by_reference[entry.reference]]
    return [
        one
        for one in by_name.get(entry.fields["name"].casefold(), [])
        if entry.reference is None or one.reference in (None, entry.reference)
    ]


def _ambiguous(entry: Entry, count: int) -> RowError:
    detail = f"{count} institutions have this name; write the external_reference of the one meant"
    return entry.error("name", "ambiguous-row", detail)


def _change(entry: Entry, before: Listed | None, network: Network, now: datetime) -> Change[Listed]:
    if before is None:
        made = Listed(institution=_new(entry, network, now), reference=entry.reference)
        return Change(entry=entry, before=None, after=made)
    fields = changes(entry, before.institution)
    reference = entry.reference or before.reference
    if not fields and reference == before.reference:
        return Change(entry=entry, before=before, after=before)
    changed = msgspec.structs.replace(before.institution, **fields, version=before.version + 1)
    return Change(
        entry=entry, before=before, after=Listed(institution=changed, reference=reference)
    )


def _new(entry: Entry, network: Network, now: datetime) -> Institution:
    fields = dict(entry.fields)
    country = fields["country"] or network.country
    fields["country"] = country
    fields["time_zone"] = fields["time_zone"] or network.time_zone
    fields["working_language"] = (
        fields["working_language"]
        or default_working_language(country)
        or network.working_language
        or "eng"
    )
    return Institution(id=new_id(now), created_at=now, **fields)
