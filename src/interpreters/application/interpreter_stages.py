"""From applying or being invited to being asked: each verb is a coordinator's word."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.dispatch import go_on, save_step
from interpreters.application.interpreters import Profile, show_interpreter
from interpreters.application.invitations import send_invitation
from interpreters.application.notices import offer_notice
from interpreters.application.supply import refresh_supply
from interpreters.application.users import UserInactive, end_user
from interpreters.application.wanting import wanted_of
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import NotFound
from interpreters.domain.ids import new_id
from interpreters.domain.stages import StageVerb, next_stage
from interpreters.sql import audit, bookings, interpreters, keys, offers, requests, users
from interpreters.sql.bookings import Booking
from interpreters.sql.bookings import Filter as BookingFilter
from interpreters.sql.interpreters import Interpreter
from interpreters.sql.users import User

__all__ = [
    "Booking",
    "Suspended",
    "activate_interpreter",
    "invite_interpreter",
    "suspend_interpreter",
    "vet_interpreter",
]


class Suspended(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is not asked any more, and what they had agreed to before."""

    profile: Profile
    bookings: Sequence[Booking]


async def invite_interpreter(
    db: Db, caller: Caller, *, interpreter_id: UUID, base_url: str, now: datetime
) -> Profile:
    """Send an interpreter a link to sign in with; their older ones end.

    Raises:
        Forbidden: only coordinators may.
        NotFound: there is none such.
        InterpreterSuspended: they are activated first.
        UserInactive: the person was deactivated.
    """
    found = await _held(db, caller, interpreter_id)
    stage = next_stage(stage=found.stage, verb="invite")
    user = await _user_of(db, caller.network_id, found, now)
    if not user.active:
        raise UserInactive
    await send_invitation(db, network_id=caller.network_id, user=user, base_url=base_url, now=now)
    await _note(db, caller, "invited", found.id, now)
    if stage != found.stage:
        await _save(db, caller, msgspec.structs.replace(found, stage=stage))
    return await show_interpreter(db, caller, interpreter_id=found.id)


async def vet_interpreter(
    db: Db,
    caller: Caller,
    *,
    interpreter_id: UUID,
    note: Callable[[], str | None],
    now: datetime,
) -> Profile:
    """Say that somebody has looked at who they are and what they can.

    Raises:
        Forbidden: only coordinators may.
        NotFound: there is none such.
        InterpreterSuspended: they are activated first.
    """
    found = await _held(db, caller, interpreter_id)
    said = note()
    return await _moved(db, caller, found, "vet", {"stage_reason": said}, now)


async def activate_interpreter(
    db: Db, caller: Caller, *, interpreter_id: UUID, now: datetime
) -> Profile:
    """Have them asked from now on, and let them sign in again after a suspension.

    Raises:
        Forbidden: only coordinators may.
        NotFound: there is none such.
        NotVetted: nobody has looked at who they are.
    """
    found = await _held(db, caller, interpreter_id)
    user = await users.of_interpreter(
        db, network_id=caller.network_id, interpreter_id=interpreter_id
    )
    if found.stage == "suspended" and user is not None and not user.active:
        again = msgspec.structs.replace(user, active=True, version=user.version + 1)
        await users.update(db, network_id=caller.network_id, user=again)
    changes = {"active": True, "stage_reason": None}
    return await _moved(db, caller, found, "activate", changes, now)


async def suspend_interpreter(
    db: Db, caller: Caller, *, interpreter_id: UUID, reason: Callable[[], str], now: datetime
) -> Suspended:
    """Ask them no more: open offers are withdrawn, sign-ins and keys end at once.

    What is confirmed stays, and is told: it needs a coordinator's look.

    Raises:
        Forbidden: only coordinators may.
        NotFound: there is none such.
    """
    await _known(db, caller, interpreter_id)
    said = reason()
    # Requests before people, as whoever says yes takes them.
    await _hold_offered(db, caller.network_id, interpreter_id)
    found = await _held(db, caller, interpreter_id)
    profile = await _moved(db, caller, found, "suspend", {"stage_reason": said}, now)
    if found.stage != "suspended":
        await _shut_out(db, caller.network_id, interpreter_id, now)
        await _withdraw_offers(db, caller.network_id, interpreter_id, now)
    return Suspended(
        profile=profile, bookings=await _standing(db, caller.network_id, interpreter_id)
    )


async def _moved(
    db: Db,
    caller: Caller,
    found: Interpreter,
    verb: StageVerb,
    changes: Mapping[str, object],
    now: datetime,
) -> Profile:
    """Write the stage after the verb with the other changes, if it is another one."""
    stage = next_stage(stage=found.stage, verb=verb)
    if stage != found.stage:
        await _save(db, caller, msgspec.structs.replace(found, stage=stage, **changes))
        await _note(db, caller, stage, found.id, now)
    return await show_interpreter(db, caller, interpreter_id=found.id)


async def _save(db: Db, caller: Caller, changed: Interpreter) -> None:
    saved = msgspec.structs.replace(changed, version=changed.version + 1)
    written = await interpreters.update(db, network_id=caller.network_id, interpreter=saved)
    assert written  # the row is held
    await refresh_supply(db, network_id=caller.network_id, interpreter=saved)


async def _known(db: Db, caller: Caller, interpreter_id: UUID) -> None:
    permit(caller, "roster:write", "coordinator")
    if not await interpreters.find(db, network_id=caller.network_id, interpreter_id=interpreter_id):
        raise NotFound


async def _held(db: Db, caller: Caller, interpreter_id: UUID) -> Interpreter:
    permit(caller, "roster:write", "coordinator")
    found = await interpreters.lock(db, network_id=caller.network_id, interpreter_id=interpreter_id)
    if found is None:
        raise NotFound
    return found


async def _user_of(db: Db, network_id: UUID, found: Interpreter, now: datetime) -> User:
    """Return the user an interpreter signs in as, made if there is none yet."""
    known = await users.of_interpreter(db, network_id=network_id, interpreter_id=found.id)
    if known is not None:
        return known
    made = User(
        id=new_id(now), display_name=found.display_name, roles=("interpreter",),
        interpreter_id=found.id, invited_at=now, created_at=now,
    )  # fmt: skip
    inserted = await users.insert(db, network_id=network_id, user=made)
    assert inserted  # the interpreter's row is held, and there was none
    return made


async def _shut_out(db: Db, network_id: UUID, interpreter_id: UUID, now: datetime) -> None:
    """End sign-ins and keys. Who has other roles, too, keeps these and signs in anew for them."""
    await keys.revoke_of_interpreter(
        db, network_id=network_id, interpreter_id=interpreter_id, now=now
    )
    user = await users.of_interpreter(db, network_id=network_id, interpreter_id=interpreter_id)
    if user is None:
        return
    await end_user(db, network_id=network_id, user_id=user.id, now=now)
    others = tuple(role for role in user.roles if role != "interpreter")
    after = (
        msgspec.structs.replace(user, roles=others, interpreter_id=None)
        if others
        else msgspec.structs.replace(user, active=False)
    )
    after = msgspec.structs.replace(after, version=user.version + 1)
    await users.update(db, network_id=network_id, user=after)


async def _hold_offered(db: Db, network_id: UUID, interpreter_id: UUID) -> None:
    """Hold the requests the interpreter is asked about, in the order of their ids."""
    for request_id in sorted(await _offered(db, network_id, interpreter_id)):
        await requests.lock(db, network_id=network_id, request_id=request_id)


async def _withdraw_offers(db: Db, network_id: UUID, interpreter_id: UUID, now: datetime) -> None:
    for request_id in sorted(await _offered(db, network_id, interpreter_id)):
        request = await requests.lock(db, network_id=network_id, request_id=request_id)
        assert request is not None  # the foreign key holds it
        ended = await offers.withdraw(
            db, network_id=network_id, request_id=request_id, interpreter_id=interpreter_id
        )
        if not ended:
            continue
        notices = [offer_notice(one, "offer.withdrawn") for one in ended]
        wanted = await wanted_of(db, network_id=network_id, request=request)
        step = await go_on(db, wanted=wanted, notices=notices, now=now)
        await save_step(db, network_id=network_id, step=step, now=now)


async def _offered(db: Db, network_id: UUID, interpreter_id: UUID) -> set[UUID]:
    """Return the requests the interpreter is being asked about."""
    found = await offers.open_of(db, network_id=network_id, interpreter_id=interpreter_id)
    return {one.request_id for one in found}


async def _standing(db: Db, network_id: UUID, interpreter_id: UUID) -> list[Booking]:
    """Return what the interpreter is still expected to do, the earliest first."""
    found: list[Booking] = []
    for state in ("held", "confirmed", "in_progress"):
        wanted = BookingFilter(interpreter_id=interpreter_id, state=state)
        found += await bookings.page(
            db, network_id=network_id, wanted=wanted, before=None, limit=1000
        )
    return sorted(found, key=lambda one: one.session.starts_at)


async def _note(db: Db, caller: Caller, action: str, interpreter_id: UUID, now: datetime) -> None:
    await audit.write(
        db, caller=caller, action=action, subject_kind="interpreter",
        subject_ids=[interpreter_id], now=now,
    )  # fmt: skip
