"""Clients: the people helped, known by the institution's own reference. Every look is noted."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from interpreters.application.erasures import erase_clients
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import FieldError, Forbidden, Invalid, NotFound, Refusal
from interpreters.domain.ids import new_id
from interpreters.sql import audit, clients, institutions
from interpreters.sql.clients import Client

__all__ = ["Client", "ClientOrder", "ClientSearch", "ReferenceTaken"]


class ReferenceTaken(Refusal):
    """The institution knows another client by this reference."""

    code = "reference-taken"
    title = "The institution already has a client with this reference"


class ClientOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A new client. `institution_id` is needed from coordinators; others mean their own."""

    institution_id: UUID | None
    reference: str
    languages: tuple[str, ...] = ()
    nationality: str | None = None
    gender_preference: str | None = None
    status: str | None = None
    status_since: date | None = None
    group: str | None = None


class ClientSearch(msgspec.Struct, frozen=True, kw_only=True):
    """Which clients to list; None means any."""

    institution_id: UUID | None
    reference: str | None
    before: UUID | None
    limit: int


async def create_client(
    db: Db, caller: Caller, *, order: Callable[[], ClientOrder], now: datetime
) -> Client:
    """Add a client to an institution.

    Raises:
        Forbidden: the role may not, or the institution is not the caller's own.
        Invalid: a coordinator named no institution, or one that is not there.
        ReferenceTaken: the institution has the reference already.
    """
    permit(caller, "clients:write", "coordinator", "consultant", "institution")
    wanted = order()
    institution_id = await _institution(db, caller, wanted.institution_id)
    fields: dict[str, Any] = {**msgspec.structs.asdict(wanted), "institution_id": institution_id}
    client = Client(id=new_id(now), created_at=now, **fields)
    if not await clients.insert(db, network_id=caller.network_id, client=client):
        raise ReferenceTaken
    await _note(db, caller, "created", [client], now)
    return client


async def show_client(db: Db, caller: Caller, *, client_id: UUID, now: datetime) -> Client:
    """Return a client; the look is noted.

    Raises:
        NotFound: there is none such in what the caller may see.
    """
    permit(caller, "clients:read", "coordinator", "consultant", "institution")
    found = await _find(db, caller, client_id)
    await _note(db, caller, "read", [found], now)
    return found


async def list_clients(
    db: Db, caller: Caller, *, search: Callable[[], ClientSearch], now: datetime
) -> list[Client]:
    """Return a page of clients, newest first; the look at each is noted."""
    permit(caller, "clients:read", "coordinator", "consultant", "institution")
    wanted = search()
    own = caller.institution_id
    if own is not None and wanted.institution_id not in (None, own):
        return []
    found = await clients.page(
        db,
        network_id=caller.network_id,
        institution_id=own or wanted.institution_id,
        reference=wanted.reference,
        before=wanted.before,
        limit=wanted.limit,
    )
    await _note(db, caller, "read", found, now)
    return found


async def erase_client(db: Db, caller: Caller, *, client_id: UUID, now: datetime) -> None:
    """Erase the person: bookings and entries keep the id, counts keep the nationality.

    Raises:
        NotFound: there is none such in what the caller may see.
    """
    permit(caller, "clients:write", "coordinator", "consultant", "institution")
    found = await _find(db, caller, client_id)
    await erase_clients(db, caller, found=[found], now=now)


async def _find(db: Db, caller: Caller, client_id: UUID) -> Client:
    found = await clients.find(db, network_id=caller.network_id, client_id=client_id)
    if found is None or caller.institution_id not in (None, found.institution_id):
        raise NotFound
    return found


async def _institution(db: Db, caller: Caller, wanted: UUID | None) -> UUID:
    if caller.institution_id is not None:
        if wanted not in (None, caller.institution_id):
            raise Forbidden("Clients are added to your own institution")
        return caller.institution_id
    if wanted is None:
        raise _wrong("required", "This is required of coordinators")
    if await institutions.find(db, network_id=caller.network_id, institution_id=wanted) is None:
        raise _wrong("unknown-institution", "There is no such institution")
    return wanted


def _wrong(code: str, detail: str) -> Invalid:
    return Invalid([FieldError(pointer="/institution_id", code=code, detail=detail)])


async def _note(db: Db, caller: Caller, action: str, found: list[Client], now: datetime) -> None:
    await audit.write(
        db,
        caller=caller,
        action=action,
        subject_kind="client",
        subject_ids=[one.id for one in found],
        now=now,
    )
