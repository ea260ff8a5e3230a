"""Who is meant by a row of a roster: whom the network has, told by reference, mail or telephone."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Final, TypeAlias
from uuid import UUID

import msgspec

from interpreters.application.import_plans import each_once
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.imports import Entry, RowError
from interpreters.sql import interpreter_references, interpreters
from interpreters.sql.interpreters import Interpreter

PIECE: Final = 1000  # rows looked for at once
Matched: TypeAlias = list[tuple[Entry, Interpreter | None]]


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Those of the network whom the rows may be about, by what tells them apart."""

    by_reference: Mapping[str, Interpreter]
    by_email: Mapping[str, Sequence[Interpreter]]
    by_phone: Mapping[str, Sequence[Interpreter]]
    references: Mapping[UUID, str]


async def match(
    db: Db, caller: Caller, *, entries: Sequence[Entry]
) -> tuple[Matched, list[RowError], Mapping[UUID, str]]:
    """Return each row with whom it is about (None: nobody yet), errors, and all references.

    A row is about whoever has its reference; else, who has its e-mail address; else, who has its
    telephone number, unless name and e-mail address both say that it is somebody else. Nobody
    with another reference is meant, and nobody twice.
    """
    rows, errors = each_once(entries, _key)
    rows, unclear = _told_apart(rows)
    known = await _known(db, caller, rows)
    matched: Matched = []
    for entry in rows:
        found = _meant(known, entry)
        if len(found) > 1:
            errors.append(_ambiguous(entry, len(found)))
        else:
            matched.append((entry, found[0] if found else None))
    matched, twice = _one_row_each(matched)
    return matched, [*errors, *unclear, *twice], known.references


def _key(entry: Entry) -> tuple[str, Hashable]:
    if entry.reference is not None:
        return "external_reference", entry.reference
    if entry.fields["email"] is not None:
        return "email", entry.fields["email"].casefold()
    return "phone", entry.fields["phone"]


def _told_apart(entries: Sequence[Entry]) -> tuple[list[Entry], list[RowError]]:
    """Return the rows without those that share a mailbox and have no reference of their own."""
    shared: dict[str, int] = {}
    for entry in entries:
        if entry.reference is not None and entry.fields["email"] is not None:
            shared.setdefault(entry.fields["email"].casefold(), entry.row)
    kept: list[Entry] = []
    errors: list[RowError] = []
    for entry in entries:
        email = None if entry.reference is not None else entry.fields["email"]
        if email is not None and email.casefold() in shared:
            row = shared[email.casefold()]
            detail = f"Row {row} has this too: write the external_reference of this one as well"
            errors.append(entry.error("email", "duplicate-row", detail))
        else:
            kept.append(entry)
    return kept, errors


async def _known(db: Db, caller: Caller, entries: Sequence[Entry]) -> Known:
    network_id = caller.network_id
    reached: dict[UUID, Interpreter] = {}
    for start in range(0, len(entries), PIECE):
        piece = [one.fields for one in entries[start : start + PIECE]]
        found = await interpreters.of_marks(
            db,
            network_id=network_id,
            emails=[one["email"] for one in piece if one["email"] is not None],
            phones=[one["phone"] for one in piece if one["phone"] is not None],
        )
        reached |= {one.id: one for one in found}
    named = await interpreter_references.interpreters_of(
        db, network_id=network_id, references=[one.reference for one in entries if one.reference]
    )
    referred = await interpreters.get_many(db, network_id=network_id, ids=list(named.values()))
    by_email: dict[str, list[Interpreter]] = {}
    by_phone: dict[str, list[Interpreter]] = {}
    for one in reached.values():
        by_email.setdefault((one.email or "").casefold(), []).append(one)
        by_phone.setdefault(one.phone or "", []).append(one)
    ids = reached.keys() | referred.keys()
    return Known(
        by_reference={reference: referred[one] for reference, one in named.items()},
        by_email=by_email,
        by_phone=by_phone,
        references=await interpreter_references.references_of(
            db, network_id=network_id, ids=list(ids)
        ),
    )


def _meant(known: Known, entry: Entry) -> Sequence[Interpreter]:
    """Return whom a row may be about: nobody for a new one, several when nobody can tell."""
    if entry.reference is not None and entry.reference in known.by_reference:
        return [known.by_reference[entry.reference]]
    email, phone, name = (entry.fields[one] for one in ("email", "phone", "display_name"))
    reached = () if email is None else _not_others(known, entry, known.by_email, email.casefold())
    if not reached and phone is not None:
        found = _not_others(known, entry, known.by_phone, phone)
        reached = [one for one in found if _is_name(one, name) or None in (one.email, email)]
    same = [one for one in reached if _is_name(one, name)]
    return same if len(reached) > 1 and len(same) == 1 else reached


def _not_others(
    known: Known, entry: Entry, by: Mapping[str, Sequence[Interpreter]], key: str
) -> list[Interpreter]:
    """Return who is found so and has no other reference than the row."""
    return [
        one
        for one in by.get(key, ())
        if entry.reference is None or known.references.get(one.id) in (None, entry.reference)
    ]


def _is_name(one: Interpreter, name: str) -> bool:
    return one.display_name.casefold() == name.casefold()


def _one_row_each(
    matched: Matched,
) -> tuple[Matched, list[RowError]]:
    """Return the rows, each about another interpreter, and errors for the others."""
    first: dict[UUID, int] = {}
    kept: Matched = []
    errors: list[RowError] = []
    for entry, one in matched:
        if one is not None and first.setdefault(one.id, entry.row) != entry.row:
            detail = f"Row {first[one.id]} is the same interpreter: keep one of the two"
            errors.append(entry.error(_key(entry)[0], "duplicate-row", detail))
        else:
            kept.append((entry, one))
    return kept, errors


def _ambiguous(entry: Entry, count: int) -> RowError:
    field = "email" if entry.fields["email"] is not None else "phone"
    detail = f"{count} interpreters have this; write the external_reference of the one meant"
    return entry.error(field, "ambiguous-row", detail)
