"""People who sign in: invited, listed, changed, deactivated. One person may have several roles."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from interpreters.application.address_changes import tell_old_addresses
from interpreters.application.calendar_links import end_links_lost, end_links_of
from interpreters.application.invitations import Link, add_link, send_invitation
from interpreters.application.pushes import forget_browsers
from interpreters.application.user_owners import InterpreterHasUser, check_owners
from interpreters.database import Db
from interpreters.domain.callers import Caller, Role, permit
from interpreters.domain.errors import NotFound, Refusal, Stale
from interpreters.domain.ids import new_id
from interpreters.domain.people import refuse_more_than_own
from interpreters.sql import audit, invitations, sign_ins, users
from interpreters.sql.users import User

__all__ = [
    "InterpreterHasUser",
    "LastCoordinator",
    "User",
    "UserFilter",
    "UserInactive",
    "UserOrder",
    "change_user",
    "create_user",
    "create_user_with_link",
    "invite_user",
    "keep_a_coordinator",
    "list_users",
    "show_user",
]


class LastCoordinator(Refusal):
    """Somebody must be able to run the network."""

    code = "last-coordinator"
    title = "The network would be left without a coordinator"


class UserInactive(Refusal):
    """Somebody who is not active is not invited."""

    code = "user-inactive"
    title = "This person is not active"


class UserOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A new person. They are reached at `email`, else at `phone` (E.164), else as on the roster."""

    roles: Sequence[Role]
    email: str | None = None
    phone: str | None = None
    display_name: str | None = None
    language: str | None = None
    institution_id: UUID | None = None
    interpreter_id: UUID | None = None


class UserFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which people a list is about; None asks for nothing."""

    role: Role | None = None
    active: bool | None = None
    institution_id: UUID | None = None


async def create_user(
    db: Db, caller: Caller, *, order: Callable[[], UserOrder], base_url: str, now: datetime
) -> User:
    """Add a person and send them their invitation.

    Raises:
        Forbidden: only coordinators may, and never a role that may do more than they.
        Invalid: roles and owners do not fit, or are not in the network.
        InterpreterHasUser, InterpreterSuspended, NoAddress.
    """
    permit(caller, "users:write", "coordinator")
    user = await _added(db, caller, order(), now)
    await send_invitation(db, network_id=caller.network_id, user=user, base_url=base_url, now=now)
    return user


async def create_user_with_link(
    db: Db, caller: Caller, *, order: UserOrder, now: datetime
) -> tuple[User, Link]:
    """Add a person and return their link instead of sending it: for the command line.

    Who is there already is returned as they are, with a new link; their older ones end.

    Raises:
        The same as `create_user`, but for NoAddress.
    """
    permit(caller, "users:write", "coordinator")
    user = await _same(db, caller.network_id, order)
    if user is None:
        user = await _added(db, caller, order, now)
    else:
        refuse_more_than_own(caller, user.roles)
        user = await _invited(db, caller, user, now)
    return user, await add_link(db, network_id=caller.network_id, user_id=user.id, now=now)


async def show_user(db: Db, caller: Caller, *, user_id: UUID) -> User:
    """Return a person of the network.

    Raises:
        Forbidden: only coordinators may.
        NotFound: there is none such.
    """
    permit(caller, "users:read", "coordinator")
    return await _found(db, caller, user_id)


async def list_users(
    db: Db,
    caller: Caller,
    *,
    wanted: Callable[[], UserFilter],
    page: Callable[[], tuple[UUID | None, int]],
) -> list[User]:
    """Return a page of people, newest first.

    Raises:
        Forbidden: only coordinators may.
    """
    permit(caller, "users:read", "coordinator")
    asked = wanted()
    before, limit = page()
    return await users.page(
        db, network_id=caller.network_id, role=asked.role, active=asked.active,
        institution_id=asked.institution_id, before=before, limit=limit,
    )  # fmt: skip


async def invite_user(
    db: Db, caller: Caller, *, user_id: UUID, base_url: str, now: datetime
) -> User:
    """Send a person a new link; their older ones end.

    Raises:
        Forbidden: only coordinators may, and never those who may do more than they.
        NotFound: there is none such.
        UserInactive, NoAddress.
    """
    permit(caller, "users:write", "coordinator")
    user = await _found(db, caller, user_id)
    refuse_more_than_own(caller, user.roles)
    if not user.active:
        raise UserInactive
    await send_invitation(db, network_id=caller.network_id, user=user, base_url=base_url, now=now)
    return await _invited(db, caller, user, now)


async def change_user(
    db: Db,
    caller: Caller,
    *,
    user_id: UUID,
    if_match: int | None,
    change: Callable[[], Mapping[str, Any]],
    now: datetime,
) -> User:
    """Change the given fields; it holds from the next call of every process on.

    A role that goes takes its institution or interpreter with it, and the addresses of calendars
    that the person made. Whoever is deactivated is signed out everywhere. Who
    had another address is told there.

    Raises:
        Forbidden: only coordinators may, and never those who may do more than they.
        NotFound: there is none such.
        Stale: it was changed since the version in If-Match.
        Invalid: roles and owners do not fit, or are not in the network.
        LastCoordinator, InterpreterHasUser, InterpreterSuspended.
    """
    permit(caller, "users:write", "coordinator")
    found = await _found(db, caller, user_id)
    if if_match not in (None, found.version):
        raise Stale
    changed = _changed(found, dict(change()))
    refuse_more_than_own(caller, {*found.roles, *changed.roles})
    await check_owners(db, caller, changed)
    await keep_a_coordinator(db, caller, found, changed)
    await _write(db, caller, changed)
    if not changed.active:
        await end_user(db, network_id=caller.network_id, user_id=user_id, now=now)
    await end_links_lost(db, network_id=caller.network_id, was=found, now_is=changed, now=now)
    await tell_old_addresses(db, network_id=caller.network_id, was=found, now_is=changed, now=now)
    await _note(db, caller, "changed", user_id, now)
    return changed


async def end_user(db: Db, *, network_id: UUID, user_id: UUID, now: datetime) -> None:
    """Sign a person out everywhere, end their links and forget their browsers."""
    await forget_browsers(db, network_id=network_id, user_id=user_id)
    await end_links_of(db, network_id=network_id, user_id=user_id, now=now)
    await sign_ins.revoke(db, network_id=network_id, user_id=user_id, sign_in_id=None, now=now)
    await invitations.end(db, network_id=network_id, user_id=user_id, now=now)


async def _same(db: Db, network_id: UUID, order: UserOrder) -> User | None:
    """Return who is active at the address with all these roles, under the name if one is given.

    Several people may read one mailbox: another name, or another owner, is somebody else.
    """
    if order.email is None:
        return None
    found = await users.of_email(db, network_id=network_id, email=order.email)
    return next((one for one in found if _is_meant(one, order)), None)


def _is_meant(one: User, order: UserOrder) -> bool:
    return (
        one.active
        and set(order.roles) <= set(one.roles)
        and order.display_name in (None, one.display_name)
        and order.institution_id in (None, one.institution_id)
        and order.interpreter_id in (None, one.interpreter_id)
    )


async def _invited(db: Db, caller: Caller, user: User, now: datetime) -> User:
    invited = msgspec.structs.replace(user, invited_at=now, version=user.version + 1)
    await _write(db, caller, invited)
    await _note(db, caller, "invited", user.id, now)
    return invited


async def _added(db: Db, caller: Caller, order: UserOrder, now: datetime) -> User:
    refuse_more_than_own(caller, order.roles)
    user = User(id=new_id(now), invited_at=now, created_at=now, **msgspec.structs.asdict(order))
    await check_owners(db, caller, user)
    if not await users.insert(db, network_id=caller.network_id, user=user):
        raise InterpreterHasUser
    await _note(db, caller, "created", user.id, now)
    return user


def _changed(found: User, fields: dict[str, Any]) -> User:
    roles: Collection[Role] = fields.get("roles", found.roles)
    for role, owner in (("consultant", "institution_id"), ("interpreter", "interpreter_id")):
        if role not in roles:
            fields.setdefault(owner, None)
    return msgspec.structs.replace(found, **fields, version=found.version + 1)


async def keep_a_coordinator(db: Db, caller: Caller, was: User, user: User) -> None:
    """Refuse to take away the last one; two who do it at once wait for each other."""
    if _coordinates(was) and not _coordinates(user):
        active = await users.lock_active(db, network_id=caller.network_id, role="coordinator")
        if not active - {user.id}:
            raise LastCoordinator


def _coordinates(user: User) -> bool:
    return user.active and "coordinator" in user.roles


async def _found(db: Db, caller: Caller, user_id: UUID) -> User:
    found = await users.find(db, network_id=caller.network_id, user_id=user_id)
    if found is None:
        raise NotFound
    return found


async def _write(db: Db, caller: Caller, user: User) -> None:
    if not await users.update(db, network_id=caller.network_id, user=user):
        raise Stale


async def _note(db: Db, caller: Caller, action: str, user_id: UUID, now: datetime) -> None:
    await audit.write(
        db, caller=caller, action=action, subject_kind="user", subject_ids=[user_id], now=now
    )
