"""API keys: made once, shown once, stored hashed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.institutions import show_institution
from interpreters.database import Db
from interpreters.domain.callers import SCOPES, Caller, Mode, Role, permit
from interpreters.domain.errors import FieldError, Forbidden, Invalid, NotFound
from interpreters.domain.ids import new_id
from interpreters.domain.tokens import new_token, token_hash
from interpreters.sql import keys
from interpreters.sql.keys import Key

__all__ = ["Key", "KeyOrder", "MadeKey"]


class MadeKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key with its token: the only time it is seen."""

    key: Key
    token: str


class KeyOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What a new key may do; no scopes means all of its role."""

    scopes: Sequence[str] = ()
    expires_at: datetime | None = None
    mode: Mode = "live"


async def create_key(
    db: Db, *, holder: Caller, expires_at: datetime | None, now: datetime
) -> MadeKey:
    """Make a key for the holder: for the command line and for `create_institution_key`.

    Raises:
        NotFound: the holder's institution or interpreter is not in the network.
    """
    token = new_token(holder.network_id, "ik_live" if holder.mode == "live" else "ik_test")
    key = await keys.insert(
        db,
        caller=holder,
        id=new_id(now),
        token_hash=token_hash(token),
        expires_at=expires_at,
        now=now,
    )
    return MadeKey(key=key, token=token)


async def create_owner_key(
    db: Db,
    *,
    network_id: UUID,
    role: Role,
    institution_id: UUID | None,
    interpreter_id: UUID | None,
    scopes: Sequence[str],
    now: datetime,
) -> MadeKey:
    """Make a key from the command line.

    Raises:
        NotFound: the institution or interpreter is not in the network.
        Invalid: a scope the role does not know.
    """
    holder = Caller(
        network_id=network_id,
        role=role,
        scopes=_scopes(role, scopes),
        institution_id=institution_id,
        interpreter_id=interpreter_id,
    )
    return await create_key(db, holder=holder, expires_at=None, now=now)


async def create_institution_key(
    db: Db, caller: Caller, *, institution_id: UUID, order: Callable[[], KeyOrder], now: datetime
) -> MadeKey:
    """Make a key for an institution's software.

    Raises:
        Forbidden: only coordinators may, and never for more scopes than their own.
        NotFound: there is no such institution.
    """
    permit(caller, "keys:write", "coordinator")
    await show_institution(db, caller, institution_id=institution_id)
    wanted = order()
    scopes = _scopes("institution", wanted.scopes)
    if not scopes <= caller.scopes:
        raise Forbidden("A key never gets more scopes than its maker has")
    holder = Caller(
        network_id=caller.network_id,
        role="institution",
        scopes=scopes,
        institution_id=institution_id,
        mode=wanted.mode,
    )
    return await create_key(db, holder=holder, expires_at=wanted.expires_at, now=now)


async def list_keys(
    db: Db, caller: Caller, *, institution_id: UUID, page: Callable[[], tuple[UUID | None, int]]
) -> list[Key]:
    """Return a page of an institution's keys, newest first, without their tokens.

    Raises:
        Forbidden: only coordinators may.
        NotFound: there is no such institution.
    """
    permit(caller, "keys:write", "coordinator")
    await show_institution(db, caller, institution_id=institution_id)
    before, limit = page()
    return await keys.of_institution(
        db,
        network_id=caller.network_id,
        institution_id=institution_id,
        before=before,
        limit=limit,
    )


async def revoke_key(
    db: Db, caller: Caller, *, institution_id: UUID, key_id: UUID, now: datetime
) -> None:
    """End a key at once; one that has ended stays so.

    Raises:
        Forbidden: only coordinators may.
        NotFound: the institution has no such key.
    """
    permit(caller, "keys:write", "coordinator")
    if not await keys.revoke(
        db, network_id=caller.network_id, institution_id=institution_id, key_id=key_id, now=now
    ):
        raise NotFound


def _scopes(role: Role, wanted: Sequence[str]) -> frozenset[str]:
    known = frozenset(SCOPES[role])
    errors = [
        FieldError(pointer=f"/scopes/{place}", code="unknown-scope", detail=f"Not one of {role}'s")
        for place, scope in enumerate(wanted)
        if scope not in known
    ]
    if errors:
        raise Invalid(errors)
    return frozenset(wanted) or known
