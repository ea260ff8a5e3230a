"""Keys that were made before a scope was there: which they are, and giving it to them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from interpreters.database import Db, enter
from interpreters.domain.callers import SCOPES, house
from interpreters.domain.errors import FieldError, Invalid, NotFound
from interpreters.domain.sandboxes import twin_of
from interpreters.sql import audit, keys
from interpreters.sql.keys import Key

__all__ = ["Key", "lacking", "live_keys", "renew_key"]


async def live_keys(db: Db, *, network_id: UUID, now: datetime) -> list[Key]:
    """Return every key of the network that works, the oldest first."""
    return await keys.live(db, network_id=network_id, now=now)


def lacking(key: Key) -> list[str]:
    """Return what its role may do and the key may not: narrowed on purpose, or of later."""
    return [one for one in SCOPES[key.role] if one not in key.scopes]


async def renew_key(
    db: Db, *, network_id: UUID, key_id: UUID, scopes: Sequence[str], now: datetime
) -> Key:
    """Let the key do more: these scopes, or all of its role. Its token stays as it is.

    For whoever has the machine. Raises:
        NotFound: there is none such that works.
        Invalid: a scope its role does not know.
    """
    found = {one.id: one for one in await live_keys(db, network_id=network_id, now=now)}.get(key_id)
    if found is None:
        raise NotFound
    wanted = {*found.scopes, *_known(found, scopes)}
    renewed = await _widen(db, network_id, found, wanted)
    await audit.write(
        db, caller=house(network_id), action="renewed", subject_kind="key", subject_ids=[key_id],
        now=now,
    )  # fmt: skip
    return renewed


def _known(key: Key, scopes: Sequence[str]) -> Sequence[str]:
    wrong = [one for one in scopes if one not in SCOPES[key.role]]
    if wrong:
        detail = f"{', '.join(wrong)}: not one of {key.role}'s"
        raise Invalid([FieldError(pointer="/scopes", code="unknown-scope", detail=detail)])
    return scopes or SCOPES[key.role]


async def _widen(db: Db, network_id: UUID, key: Key, scopes: Collection[str]) -> Key:
    """A test key works in the sandbox, and is listed here: it is changed in both."""
    if key.mode == "test":
        sandbox_id = twin_of(network_id)
        await enter(db, sandbox_id)
        await keys.set_scopes(db, network_id=sandbox_id, key_id=key.id, scopes=scopes)
        await enter(db, network_id)
    return await keys.set_scopes(db, network_id=network_id, key_id=key.id, scopes=scopes)
