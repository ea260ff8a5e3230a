"""What is held about a person, for whoever asks what that is (GDPR, Art. 15): one document.

It holds every row that refers to the person, unsealed, and nothing of others: of a request for
several clients no free text, of a booking only one's own words.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

import msgspec

from interpreters.application.interpreters import own_interpreter
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import Forbidden, NotFound
from interpreters.domain.exports import SOURCES, Person, Source
from interpreters.domain.tokens import without_tokens
from interpreters.sql import audit, clients, exports, user_exports, users
from interpreters.vault import Vault, vault_of

__all__ = ["Export", "export_client", "export_interpreter", "export_own_user", "export_user"]

WRITTEN: Final = ("instructions", "connect", "details", "cancel_reason", "cancel_reason_code")
OF_OTHERS: Final = ("preferred_interpreter_ids", "excluded_interpreter_ids")
SEALED_JSON: Final = ("connect", "requirements", "details", "reasons")
Row: TypeAlias = dict[str, Any]


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What is held about a person: rows by what they are, ids as UUIDs, times in UTC."""

    person: Person
    person_id: UUID
    made_at: datetime
    held: Mapping[str, Sequence[Mapping[str, Any]]]


async def export_client(db: Db, caller: Caller, *, client_id: UUID, now: datetime) -> Export:
    """Return what is held about a client; what they said through their link, to coordinators only.

    They may have spoken about the consultant.

    Raises:
        Forbidden: only coordinators and the institution's consultants may.
        NotFound: there is none such in what the caller may see.
    """
    permit(caller, "clients:read", "coordinator", "consultant")
    found = await clients.find(db, network_id=caller.network_id, client_id=client_id)
    if found is None or caller.institution_id not in (None, found.institution_id):
        raise NotFound
    made = await _export(db, caller, "client", client_id, now)
    held = dict(made.held)
    if not caller.is_coordinator:
        held["said"] = ()
    ids = [UUID(one["id"]) for one in held["requests"]]
    shared = await exports.shared(db, network_id=caller.network_id, request_ids=ids)
    held["requests"] = [
        _alone(dict(one), found.reference, shared=UUID(one["id"]) in shared)
        for one in held["requests"]
    ]
    held["came_as_party"] = [
        {**one, "details": _own_party(one["details"] or {}, found.reference)}
        for one in held["came_as_party"]
    ]
    return msgspec.structs.replace(made, held=held)


async def export_interpreter(
    db: Db, caller: Caller, *, interpreter_id: UUID, now: datetime
) -> Export:
    """Return what is held about an interpreter.

    Raises:
        Forbidden: only coordinators and the interpreter may.
        NotFound: there is none such, or it is somebody else.
    """
    await own_interpreter(db, caller, interpreter_id=interpreter_id)
    made = await _export(db, caller, "interpreter", interpreter_id, now)
    held = dict(made.held)
    held["bookings"] = [_own_words(dict(one)) for one in held["bookings"]]
    return msgspec.structs.replace(made, held=held)


async def export_user(db: Db, caller: Caller, *, user_id: UUID, now: datetime) -> Export:
    """Return what is held about somebody who signs in.

    Raises:
        Forbidden: only coordinators may; people their own, by `export_own_user`.
        NotFound: there is none such.
    """
    permit(caller, "users:read", "coordinator")
    if await users.find(db, network_id=caller.network_id, user_id=user_id) is None:
        raise NotFound
    return await _export(db, caller, "user", user_id, now)


async def export_own_user(db: Db, caller: Caller, *, now: datetime) -> Export:
    """Return what is held about the caller as somebody who signs in.

    Raises:
        Forbidden: the caller is software with a key.
    """
    if caller.user_id is None:
        raise Forbidden("Only people have data of their own; a key has none")
    return await _export(db, caller, "user", caller.user_id, now)


async def _export(db: Db, caller: Caller, person: Person, person_id: UUID, now: datetime) -> Export:
    network_id = caller.network_id
    if person == "user":
        stored = await user_exports.held_about_user(db, network_id=network_id, user_id=person_id)
    else:
        stored = await exports.held_about(
            db, network_id=network_id, person=person, person_id=person_id
        )
    held = _shown(vault_of(db), network_id, person, stored)
    await audit.write(
        db, caller=caller, action="exported", subject_kind=person, subject_ids=[person_id], now=now
    )
    return Export(person=person, person_id=person_id, made_at=now, held=held)


def _shown(
    vault: Vault, network_id: UUID, person: Person, stored: Mapping[str, Sequence[Row]]
) -> dict[str, list[Row]]:
    return {
        source.name: [
            {name: _opened(vault, network_id, source, name, row[name]) for name in source.shows}
            for row in stored[source.name]
        ]
        for source in SOURCES[person]
    }


def _opened(vault: Vault, network_id: UUID, source: Source, name: str, value: Any) -> Any:
    """Open what is sealed: no other column, where anybody may write what looks so.

    A mail's links that are still good are its reader's alone.
    """
    if not isinstance(value, str) or not source.seals(name):
        return value
    text = without_tokens(vault.unseal(network_id, value))
    return msgspec.json.decode(text) if name in SEALED_JSON and text != value else text


def _alone(request: Row, reference: str, *, shared: bool) -> Row:
    """Leave out the other parties and interpreters; of a shared request all that was written."""
    if shared:
        request.update(dict.fromkeys(WRITTEN))
    details = request.get("details") or {}
    if "parties" in details:
        request["details"] = {**details, **_own_party(details, reference)}
    wishes = request.get("requirements") or {}
    request["requirements"] = {
        name: value for name, value in wishes.items() if name not in OF_OTHERS
    }
    return request


def _own_party(details: Mapping[str, Any], reference: str) -> Row:
    """Return of what was said about people who must not meet what is about this one."""
    return {"parties": [one for one in details["parties"] if one["reference"] == reference]}


def _own_words(booking: Row) -> Row:
    """Why a booking was given back is the interpreter's own word; other reasons are not."""
    if booking["state"] != "given_back":
        booking["close_reason"] = None
    return booking
