"""Erasing a person: what is theirs goes at once, what is counted or owed keeps an id of nobody.

A client keeps the nationality, an interpreter the languages and the qualification: reports are the
same before and after. Whatever is erased a second time stays as it is.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.calendar_links import end_links_of
from interpreters.application.interpreter_stages import suspend_interpreter
from interpreters.application.users import keep_a_coordinator
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import NotFound, Refusal
from interpreters.domain.ids import CLIENT, show_id
from interpreters.domain.people import refuse_more_than_own
from interpreters.sql import afterwards, audit, clients, erasures, requests, users
from interpreters.sql.clients import Client
from interpreters.sql.users import User

NAME: Final = "erased"


class HasBookings(Refusal):
    """Somebody waits for this interpreter."""

    code = "has-bookings"
    title = "There are bookings that are not over: cancel, reassign or close them first"


class OwnAccount(Refusal):
    """Whoever erases is still there afterwards."""

    code = "own-account"
    title = "Another coordinator has to erase your account"


async def erase_clients(db: Db, caller: Caller, *, found: Sequence[Client], now: datetime) -> None:
    """Erase clients: references, attributes, links, what they said and what was written for them.

    Their institution's requests that name one of them as a party name nobody then.
    """
    network_id = caller.network_id
    people = {one.id: one for one in found if one.erased_at is None}
    await _forget_references(db, network_id, list(people.values()))
    past = await erasures.empty_clients(db, network_id=network_id, client_ids=list(people), now=now)
    await afterwards.empty_requests(db, network_id=network_id, request_ids=past)
    for one in people.values():
        await clients.erase(
            db, network_id=network_id, client_id=one.id, reference=stand_in(one.id), now=now
        )
    await audit.write(
        db, caller=caller, action="erased", subject_kind="client", subject_ids=list(people),
        now=now,
    )  # fmt: skip


def stand_in(client_id: UUID) -> str:
    """Return what stands where a client's reference stood."""
    return f"erased-{show_id(CLIENT, client_id)[-12:].lower()}"


async def erase_interpreter(db: Db, caller: Caller, *, interpreter_id: UUID, now: datetime) -> None:
    """Erase an interpreter and the person they sign in as; open offers are withdrawn.

    Requests are held before people, as by whoever says yes at the same time: either the yes is
    first and this is refused, or the yes finds its offer withdrawn.

    Raises:
        Forbidden: only coordinators may.
        NotFound: there is none such.
        HasBookings: one of theirs is not over.
    """
    permit(caller, "roster:write", "coordinator")
    network_id = caller.network_id
    gone = await erasures.is_erased(db, network_id=network_id, interpreter_id=interpreter_id)
    if gone:
        return
    user = await users.of_interpreter(db, network_id=network_id, interpreter_id=interpreter_id)
    left = await suspend_interpreter(
        db, caller, interpreter_id=interpreter_id, reason=lambda: NAME, now=now
    )
    if left.bookings:
        raise HasBookings
    await erasures.empty_interpreter(
        db, network_id=network_id, interpreter_id=interpreter_id, name=NAME, now=now
    )
    await afterwards.empty_interpreter(db, network_id=network_id, interpreter_id=interpreter_id)
    if user is not None and set(user.roles) == {"interpreter"}:
        await _empty_user(db, network_id, user, now)
    await _note(db, caller, "interpreter", interpreter_id, now)


async def erase_user(db: Db, caller: Caller, *, user_id: UUID, now: datetime) -> None:
    """Erase a person who signs in; of one who interprets, all that is known of the interpreter.

    Raises:
        Forbidden: only coordinators may, and never those who may do more than they.
        NotFound: there is none such.
        OwnAccount: it is the caller.
        LastCoordinator: nobody would be left.
        HasBookings: they interpret, and a booking of theirs is not over.
    """
    permit(caller, "users:write", "coordinator")
    network_id = caller.network_id
    user = await users.find(db, network_id=network_id, user_id=user_id)
    if user is None:
        raise NotFound
    if user_id == caller.user_id:
        raise OwnAccount
    refuse_more_than_own(caller, user.roles)
    if user.active:
        await keep_a_coordinator(db, caller, user, msgspec.structs.replace(user, active=False))
    if user.interpreter_id is not None:
        await erase_interpreter(db, caller, interpreter_id=user.interpreter_id, now=now)
    if not _is_empty(user):
        await _empty_user(db, network_id, user, now)
        await _note(db, caller, "user", user_id, now)


async def _forget_references(db: Db, network_id: UUID, people: Sequence[Client]) -> None:
    """Put the stand-ins where requests hold the references: parties, and the institution's own."""
    named = {one.id: one.reference for one in people}
    wanted = set(await erasures.called_like(db, network_id=network_id, references=named))
    for institution_id in {one.institution_id for one in people}:
        theirs = {one.id: one.reference for one in people if one.institution_id == institution_id}
        wanted |= set(
            await erasures.naming_parties(
                db, network_id=network_id, institution_id=institution_id, references=theirs
            )
        )
    for request_id in sorted(wanted):
        await _rename(db, network_id, request_id, people)


async def _rename(db: Db, network_id: UUID, request_id: UUID, people: Iterable[Client]) -> None:
    request = await requests.lock(db, network_id=network_id, request_id=request_id)
    assert request is not None  # requests are not deleted
    becomes = {
        one.reference: stand_in(one.id)
        for one in people
        if one.institution_id == request.institution_id
    }
    details = dict(request.details)
    if details.get("parties"):
        details["parties"] = [
            {**one, "reference": becomes.get(one["reference"], one["reference"])}
            for one in details["parties"]
        ]
    own = request.external_reference
    changed = msgspec.structs.replace(
        request,
        details=details,
        external_reference=None if own is None else becomes.get(own, own),
        version=request.version + 1,
    )
    await requests.update(db, network_id=network_id, request=changed)
    if own in becomes:
        await erasures.rename_bookings(
            db, network_id=network_id, request_id=request_id, was=own, becomes=becomes[own]
        )


async def _empty_user(db: Db, network_id: UUID, user: User, now: datetime) -> None:
    await end_links_of(db, network_id=network_id, user_id=user.id, now=now)
    addresses = [one for one in (user.email, user.phone) if one is not None]
    await erasures.empty_user(db, network_id=network_id, user_id=user.id, addresses=addresses)


def _is_empty(user: User) -> bool:
    known = (user.display_name, user.email, user.phone, user.language, user.provider_subject)
    return not user.active and not any(known)


async def _note(db: Db, caller: Caller, kind: str, subject_id: UUID, now: datetime) -> None:
    await audit.write(
        db, caller=caller, action="erased", subject_kind=kind, subject_ids=[subject_id], now=now
    )
