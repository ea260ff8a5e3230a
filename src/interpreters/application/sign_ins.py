"""The devices a person is signed in on: added, listed, ended one by one or all at once."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.passkeys import remove_passkeys
from interpreters.database import Db
from interpreters.domain.callers import Caller, Role
from interpreters.domain.errors import Forbidden, NotFound, NotSignedIn
from interpreters.domain.ids import new_id
from interpreters.domain.tokens import new_token, token_hash
from interpreters.sql import audit, sign_ins, users
from interpreters.sql.sign_ins import How, SignIn
from interpreters.sql.users import User

__all__ = ["How", "SignIn", "SignedIn", "add_sign_in", "end_sign_in", "list_sign_ins", "sign_out"]

STAFF: Final = timedelta(days=30)
PROVIDER: Final = timedelta(days=1)  # so that who left a group there is soon out here
PHONE: Final = timedelta(days=180)  # an interpreter's own, who signs in for months of offers


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A person on a new device, and its token: the only time it is seen."""

    user: User
    token: str
    expires_at: datetime
    roles: Sequence[Role]


async def add_sign_in(
    db: Db, *, network_id: UUID, user: User, how: How, device: str | None, now: datetime
) -> SignedIn:
    """Sign the user in on a device, after they have proved who they are.

    Raises:
        NotSignedIn: the user is not active, or has no role.
    """
    if not user.active or not user.roles:
        raise NotSignedIn
    if user.joined_at is None:
        joined = msgspec.structs.replace(user, joined_at=now, version=user.version + 1)
        if await users.update(db, network_id=network_id, user=joined):
            user = joined
    token = new_token(network_id, "st")
    lasts = PROVIDER if how == "provider" else _lasts(user)
    sign_in = SignIn(
        id=new_id(now), user_id=user.id, how=how, device=device, expires_at=now + lasts,
        last_used_at=None, created_at=now,
    )  # fmt: skip
    await sign_ins.insert(db, network_id=network_id, sign_in=sign_in, token_hash=token_hash(token))
    await _note(db, network_id, user, sign_in.id, now)
    return SignedIn(user=user, token=token, expires_at=sign_in.expires_at, roles=user.roles)


def _lasts(user: User) -> timedelta:
    return PHONE if set(user.roles) == {"interpreter"} else STAFF


async def list_sign_ins(
    db: Db, caller: Caller, *, page: Callable[[], tuple[UUID | None, int]], now: datetime
) -> list[SignIn]:
    """Return the caller's own devices, newest first.

    Raises:
        Forbidden: the caller is software with a key.
    """
    user_id = _person(caller)
    before, limit = page()
    return await sign_ins.of_user(
        db, network_id=caller.network_id, user_id=user_id, now=now, before=before, limit=limit
    )


async def end_sign_in(db: Db, caller: Caller, *, sign_in_id: UUID, now: datetime) -> None:
    """Sign one of the caller's own devices out.

    Raises:
        Forbidden: the caller is software with a key.
        NotFound: the caller has no such device.
    """
    user_id = _person(caller)
    if not await sign_ins.revoke(
        db, network_id=caller.network_id, user_id=user_id, sign_in_id=sign_in_id, now=now
    ):
        raise NotFound


async def sign_out(
    db: Db,
    caller: Caller,
    *,
    everywhere: Callable[[], bool],
    passkeys: Callable[[], bool],
    now: datetime,
) -> int:
    """Sign the caller out, here or on every device; return on how many. Their passkeys may go too.

    Raises:
        Forbidden: the caller is software with a key: keys are revoked.
    """
    user_id = _person(caller)
    if passkeys():
        await remove_passkeys(db, caller, now=now)
    return await sign_ins.revoke(
        db,
        network_id=caller.network_id,
        user_id=user_id,
        sign_in_id=None if everywhere() else caller.sign_in_id,
        now=now,
    )


async def _note(db: Db, network_id: UUID, user: User, sign_in_id: UUID, now: datetime) -> None:
    person = Caller(network_id=network_id, role=user.roles[0], scopes=frozenset(), user_id=user.id)
    await audit.write(
        db, caller=person, action="signed-in", subject_kind="sign-in", subject_ids=[sign_in_id],
        now=now,
    )  # fmt: skip


def _person(caller: Caller) -> UUID:
    if caller.user_id is None:
        raise Forbidden("Only people sign in and out; a key is revoked")
    return caller.user_id
