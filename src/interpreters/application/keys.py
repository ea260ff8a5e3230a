"""API keys: made once, shown once, stored hashed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.institutions import show_institution
from interpreters.application.sandboxes import open_sandbox
from interpreters.database import Db, enter
from interpreters.domain.callers import SCOPES, Caller, Mode, Role, house, permit
from interpreters.domain.errors import FieldError, Forbidden, Invalid, NotFound, Refusal
from interpreters.domain.ids import new_id
from interpreters.domain.sandboxes import twin_of
from interpreters.domain.tokens import new_token, token_hash
from interpreters.sql import audit, institutions, keys
from interpreters.sql.keys import Key

__all__ = ["Key", "KeyOrder", "MadeKey", "TooManyKeys"]


LIVE: Final = 2  # keys of one name at a time: the old one and the new


class TooManyKeys(Refusal):
    """Two keys of this name work already."""

    code = "too-many-keys"
    title = "Two keys of this name work already; revoke one of them first"


class MadeKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key with its token: the only time it is seen."""

    key: Key
    token: str


class KeyOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What a new key may do; no scopes means all of its role."""

    scopes: Sequence[str] = ()
    expires_at: datetime | None = None
    mode: Mode = "live"
    name: str | None = None


async def create_key(
    db: Db,
    *,
    holder: Caller,
    expires_at: datetime | None,
    name: str | None = None,
    made_by: UUID | None = None,
    now: datetime,
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
        name=name,
        made_by=made_by,
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
    made = await create_key(db, holder=holder, expires_at=None, now=now)
    await _note(db, house(network_id), "created", made.key.id, now)
    return made


async def create_institution_key(
    db: Db, caller: Caller, *, institution_id: UUID, order: Callable[[], KeyOrder], now: datetime
) -> MadeKey:
    """Make a key for an institution's software.

    Raises:
        Forbidden: only coordinators may, and never for more scopes than their own.
        NotFound: there is no such institution.
        TooManyKeys: two keys of the name work already.
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
    await _refuse_third(db, holder, wanted.name, now)
    if wanted.mode == "test":
        made = await _test_key(db, caller, holder, wanted, now)
    else:
        made = await create_key(
            db,
            holder=holder,
            expires_at=wanted.expires_at,
            name=wanted.name,
            made_by=caller.owner_id,
            now=now,
        )
    await _note(db, caller, "created", made.key.id, now)
    return made


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
    network_id = caller.network_id
    if not await keys.revoke(
        db, network_id=network_id, institution_id=institution_id, key_id=key_id, now=now
    ):
        raise NotFound
    sandbox_id = twin_of(network_id)  # a test key works there, and is listed here
    await enter(db, sandbox_id)
    await keys.revoke(
        db, network_id=sandbox_id, institution_id=institution_id, key_id=key_id, now=now
    )
    await enter(db, network_id)
    await _note(db, caller, "revoked", key_id, now)


async def _note(db: Db, caller: Caller, action: str, key_id: UUID, now: datetime) -> None:
    await audit.write(
        db, caller=caller, action=action, subject_kind="key", subject_ids=[key_id], now=now
    )


async def _refuse_third(db: Db, holder: Caller, name: str | None, now: datetime) -> None:
    """A piece of software, known by its name, has two keys while it changes them."""
    assert holder.institution_id is not None  # it is an institution's
    if name is None:
        return
    network_id, institution_id = holder.network_id, holder.institution_id
    await institutions.lock(db, network_id=network_id, institution_id=institution_id)
    live = await keys.count_live(
        db, network_id=network_id, institution_id=institution_id, name=name, mode=holder.mode,
        now=now,
    )  # fmt: skip
    if live >= LIVE:
        raise TooManyKeys


async def _test_key(
    db: Db, caller: Caller, holder: Caller, wanted: KeyOrder, now: datetime
) -> MadeKey:
    """Make a key of the sandbox. It is kept there, and beside here, where it is listed."""
    assert holder.institution_id is not None  # it is an institution's
    network_id = caller.network_id
    sandbox_id = await open_sandbox(
        db, network_id=network_id, institution_id=holder.institution_id, now=now
    )
    made = await create_key(
        db,
        holder=msgspec.structs.replace(holder, network_id=sandbox_id),
        expires_at=wanted.expires_at,
        name=wanted.name,
        made_by=caller.owner_id,
        now=now,
    )
    await enter(db, network_id)
    await keys.insert(
        db,
        caller=holder,
        id=made.key.id,
        token_hash=token_hash(made.token),
        expires_at=wanted.expires_at,
        name=wanted.name,
        made_by=caller.owner_id,
        now=now,
    )
    return made


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
