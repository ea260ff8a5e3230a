"""One call from outside: who it is, its transaction, and its answer given once.

The order of refusals is fixed here: the token first (401), then what the use-case refuses
(role, object, body). A use-case is `async def work(db, caller)`; it runs inside one transaction
of the caller's network and is tried again after a deadlock.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeAlias, TypeVar
from uuid import UUID

import msgspec

from interpreters.database import Db, Pool, retried, transaction
from interpreters.domain.callers import SCOPES, Caller, role_of
from interpreters.domain.errors import NotSignedIn, Refusal
from interpreters.domain.ids import CLIENT, read_id
from interpreters.domain.languages import describe
from interpreters.domain.tokens import has_token, is_sign_in, network_of, token_hash
from interpreters.sql import clients, idempotency_keys, keys, sign_ins

T = TypeVar("T")
Work: TypeAlias = Callable[[Db, Caller], Awaitable[T]]

REMEMBERED: Final = timedelta(minutes=1)  # how exactly the last use of a key is known

# What is shown once is not stored: a replay has null there.
SECRET: Final = {"token", "secret"}
# What a stored answer never holds of a client, so that erasing the row erases the person.
PERSONAL: Final = {
    "reference", "languages", "nationality", "gender_preference", "status", "status_since", "group",
}  # fmt: skip


class IdempotencyKeyReused(Refusal):
    """The key was used for another call."""

    code = "idempotency-key-reused"
    title = "This Idempotency-Key was used with another body"


class IdempotencyInProgress(Refusal):
    """The first call with this key has not ended."""

    code = "idempotency-in-progress"
    title = "A call with this Idempotency-Key is still running"


class Once(msgspec.Struct, frozen=True, kw_only=True):
    """An Idempotency-Key and the hash of the call it belongs to (method, path, body)."""

    key: str
    request_hash: bytes


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent: a status, JSON, and whether it is the first answer told again."""

    status: int
    body: bytes
    replayed: bool = False


async def ask(
    pool: Pool, *, token: str, now: datetime, work: Work[T], role: str | None = None
) -> T:
    """Run `work` for the holder of the token; a person may say in which `role` they call.

    Raises:
        NotSignedIn: the token is unknown, revoked or expired.
        Forbidden: the person does not have the role.
    """

    async def attempt() -> T:
        async with transaction(pool, network_of(token)) as db:
            return await work(db, await _caller(db, token, role, now))

    return await retried(attempt)


async def answer_once(
    pool: Pool,
    *,
    token: str,
    now: datetime,
    once: Callable[[], Once | None],
    work: Work[T],
    shape: Callable[[T, Caller], tuple[int, Any]],
    role: str | None = None,
) -> Answer:
    """Run `work`, shape its result, and keep the answer under the Idempotency-Key.

    Key, effect and answer are one transaction; a refusal keeps nothing, so the same call may be
    tried again.

    Raises:
        NotSignedIn: the token is unknown, revoked or expired.
        IdempotencyKeyReused: the key belongs to another call.
        IdempotencyInProgress: the first call with the key is still running.
    """

    async def attempt() -> Answer:
        async with transaction(pool, network_of(token)) as db:
            caller = await _caller(db, token, role, now)
            claim = _in_role(caller, once())
            if claim is not None and (told := await _claim(db, caller, claim, now)) is not None:
                return told
            status, view = shape(await work(db, caller), caller)
            body = msgspec.json.encode(view)
            if claim is not None:
                await _store(db, caller, claim, status, body)
            return Answer(status=status, body=body)

    return await retried(attempt)


async def run(pool: Pool, network_id: UUID, work: Callable[[Db], Awaitable[T]]) -> T:
    """Run `work` in one transaction of the network: for jobs and the command line."""

    async def attempt() -> T:
        async with transaction(pool, network_id) as db:
            return await work(db)

    return await retried(attempt)


async def _caller(db: Db, token: str, role: str | None, now: datetime) -> Caller:
    if is_sign_in(token):
        return await _person(db, token, role, now)
    network_id = network_of(token)
    found = await keys.find(db, network_id=network_id, token_hash=token_hash(token), now=now)
    if found is None:
        raise NotSignedIn
    if found.last_used_at is None or found.last_used_at <= now - REMEMBERED:
        await keys.touch(db, network_id=network_id, key_id=found.id, now=now)
    return found.holder(network_id)


async def _person(db: Db, token: str, role: str | None, now: datetime) -> Caller:
    network_id = network_of(token)
    found = await sign_ins.find(db, network_id=network_id, token_hash=token_hash(token), now=now)
    if found is None or not found.roles:
        raise NotSignedIn
    if found.last_used_at is None or found.last_used_at <= now - REMEMBERED:
        await sign_ins.touch(db, network_id=network_id, sign_in_id=found.id, now=now)
    acting = role_of(found.roles, role)
    return Caller(
        network_id=network_id,
        role=acting,
        roles=found.roles,
        scopes=frozenset(SCOPES[acting]),
        user_id=found.user_id,
        sign_in_id=found.id,
        institution_id=found.institution_id if acting == "consultant" else None,
        interpreter_id=found.interpreter_id if acting == "interpreter" else None,
    )


def _in_role(caller: Caller, once: Once | None) -> Once | None:
    """A person's answer is told again in the same role only: in another they may see less."""
    if once is None or caller.user_id is None:
        return once
    acting = f"{caller.role} {caller.institution_id} {caller.interpreter_id}".encode()
    mixed = hashlib.sha256(once.request_hash + acting).digest()
    return msgspec.structs.replace(once, request_hash=mixed)


async def _claim(db: Db, caller: Caller, once: Once, now: datetime) -> Answer | None:
    assert caller.owner_id is not None  # tokens have one
    mark = caller.owner_id.bytes + once.key.encode()
    number = int.from_bytes(hashlib.sha256(mark).digest()[:8], "big", signed=True)
    if not await idempotency_keys.try_lock(db, number=number):
        raise IdempotencyInProgress
    stored = await idempotency_keys.claim(
        db,
        network_id=caller.network_id,
        key_id=caller.owner_id,
        key=once.key,
        request_hash=once.request_hash,
        now=now,
    )
    if stored is None:
        return None
    if stored.request_hash != once.request_hash:
        raise IdempotencyKeyReused
    assert stored.status is not None and stored.answer is not None  # noqa: PT018 - one fact: committed whole
    body = await _with_people(db, caller, stored.answer)
    return Answer(status=stored.status, body=body, replayed=True)


async def _store(db: Db, caller: Caller, once: Once, status: int, body: bytes) -> None:
    assert caller.owner_id is not None  # tokens have one
    view = msgspec.json.decode(body)
    for person in _people(view):
        person.update(dict.fromkeys(PERSONAL & person.keys()))
    if isinstance(view, dict):
        view.update(dict.fromkeys(SECRET & view.keys()))
        view.update({name: None for name, value in view.items() if has_token(value)})
    await idempotency_keys.store(
        db,
        network_id=caller.network_id,
        key_id=caller.owner_id,
        key=once.key,
        status=status,
        answer=msgspec.json.encode(view),
    )


async def _with_people(db: Db, caller: Caller, answer: bytes) -> bytes:
    """Put back what is known of the clients now: stored answers hold only their ids."""
    view = msgspec.json.decode(answer)
    people = list(_people(view))
    if not people:
        return answer
    ids = [read_id(CLIENT, person["id"]) for person in people]
    known = await clients.of_ids(db, network_id=caller.network_id, ids=ids)
    for person, client_id in zip(people, ids, strict=True):
        if (client := known.get(client_id)) is not None:
            present = msgspec.to_builtins(client, builtin_types=(datetime, date))
            present["languages"] = [describe(code).as_answer() for code in client.languages]
            person.update({name: present[name] for name in PERSONAL & person.keys()})
    return msgspec.json.encode(view)


def _people(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every client in an answer: an object with a client's id and a reference."""
    if isinstance(node, dict):
        if "reference" in node and str(node.get("id", "")).startswith(f"{CLIENT}_"):
            yield node
        for child in node.values():
            yield from _people(child)
    elif isinstance(node, list):
        for child in node:
            yield from _people(child)
