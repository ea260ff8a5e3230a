"""Signing in by a one-time code: asked for with an address, sent there, told back.

Whoever asks learns nothing of whether the address is anybody's: the same is written, and takes
the same time, for one that nobody has. A code belongs to its attempt, whose token only the asking
device holds; it lasts ten minutes and bears five tries.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias
from uuid import UUID

import msgspec

from interpreters.application import messages
from interpreters.application.calls import run
from interpreters.application.messages import Message
from interpreters.application.networks import list_networks
from interpreters.application.sign_ins import SignedIn, add_sign_in
from interpreters.database import Db, Pool
from interpreters.domain.errors import FieldError, Invalid, NotFound, NotSignedIn, Refusal
from interpreters.domain.ids import NETWORK, USER, new_id, read_id, show_id
from interpreters.domain.stages import MAY_SIGN_IN
from interpreters.domain.tokens import network_of, new_token, token_hash
from interpreters.domain.wording import say
from interpreters.sql import interpreters, networks, sign_in_attempts, users
from interpreters.sql.sign_in_attempts import Attempt
from interpreters.sql.users import User
from interpreters.vault import vault_of

DIGITS: Final = 6
LASTS: Final = timedelta(minutes=10)
TRIES: Final = 5
NEAR: Final = timedelta(minutes=15)  # five attempts for a person from one address
NEAR_MOST: Final = 5
FAR: Final = timedelta(hours=1)  # twenty from anywhere
FAR_MOST: Final = 20
NOBODY: Final = UUID(int=0)
Channel: TypeAlias = Literal["mail", "text"]  # that a code can come by


class TooManyAttempts(Refusal):
    """So many codes were asked for that no more are sent for a while; those sent still work."""

    code = "too-many-attempts"
    title = "Too many codes were asked for; use the last one, or wait a quarter of an hour"


class WrongCode(Refusal):
    """The code is not the one that was sent."""

    code = "wrong-code"
    title = "This is not the code that was sent"


class AttemptOver(Refusal):
    """The attempt does not exist, was used, is older than ten minutes, or had five tries."""

    code = "attempt-over"
    title = "This code is no longer valid; ask for a new one"


class WhichPerson(Refusal):
    """Several people read this mailbox: say which of them signs in."""

    code = "which-person"
    title = "Several people use this address; choose who you are"


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt: its token, and when it ends."""

    attempt: str
    expires_at: datetime


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for a code: an e-mail address or a telephone number (E.164), and from where.

    `network` is a slug or an id; it may be absent where there is just one. `language` is that of
    the page it was asked on.
    """

    network: str | None
    channel: Channel
    recipient: str
    address: str
    language: str


async def start_sign_in(pool: Pool, *, asked: Asked, now: datetime) -> Started:
    """Send a code to the address, if it is somebody's; answer the same if it is nobody's.

    Raises:
        Invalid: no network is named, and there are several.
        TooManyAttempts: more than 5 in 15 minutes from one address, or 20 in an hour from all.
    """
    network_id = find_network(await list_networks(pool), asked.network)
    if network_id is None:  # the same answer as for an address that nobody has
        return Started(attempt=new_token(new_id(now), "at"), expires_at=now + LASTS)
    return await run(pool, network_id, lambda db: _start(db, network_id, asked, now))


async def verify_code(
    pool: Pool, *, attempt: str, code: str, user_id: UUID | None, device: str | None, now: datetime
) -> SignedIn:
    """Sign in with the code of an attempt; `user_id` says who, where several share the address.

    Raises:
        WrongCode: it is another; one of the five tries is gone.
        AttemptOver: there is no such attempt, or it has ended.
        WhichPerson: several people share the address.
    """
    try:
        network_id = network_of(attempt, "at")
    except NotSignedIn as error:
        raise AttemptOver from error
    hashed = token_hash(attempt)
    # a transaction of its own: the try counts, however it ends
    tried = await run(
        pool,
        network_id,
        lambda db: sign_in_attempts.count_try(
            db, network_id=network_id, token_hash=hashed, tries=TRIES, now=now
        ),
    )
    if tried is None:
        raise AttemptOver

    async def sign_in(db: Db) -> SignedIn:
        expected = _code_hash(db, network_id, hashed, code)
        if not secrets.compare_digest(expected, tried.code_hash):
            raise WrongCode
        user = await _chosen(db, network_id, tried, user_id, now)
        if not await sign_in_attempts.use(db, network_id=network_id, attempt_id=tried.id, now=now):
            raise AttemptOver
        return await add_sign_in(
            db, network_id=network_id, user=user, how="code", device=device, now=now
        )

    return await run(pool, network_id, sign_in)


def find_network(known: dict[str, UUID], wanted: str | None) -> UUID | None:
    """Return the network named by slug or id, or the only one; None when there is no such one.

    Raises:
        Invalid: none is named, and there are several.
    """
    if wanted is None:
        if len(known) > 1:
            raise Invalid(
                [FieldError(pointer="/network", code="required", detail="Name the network")]
            )
        return next(iter(known.values()), None)
    try:
        named = read_id(NETWORK, wanted)
    except NotFound:
        return known.get(wanted.strip().casefold())
    return named if named in known.values() else None


async def _start(db: Db, network_id: UUID, asked: Asked, now: datetime) -> Started:
    near, far = await sign_in_attempts.count(
        db, network_id=network_id, recipient=asked.recipient, address=asked.address,
        near=now - NEAR, far=now - FAR,
    )  # fmt: skip
    if near >= NEAR_MOST or far >= FAR_MOST:
        raise TooManyAttempts(retry_after=int(NEAR.total_seconds()))
    token = new_token(network_id, "at")
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    attempt = Attempt(
        id=new_id(now),
        channel=asked.channel,
        recipient=asked.recipient,
        code_hash=_code_hash(db, network_id, token_hash(token), code),
        expires_at=now + LASTS,
    )
    await sign_in_attempts.insert(
        db, network_id=network_id, attempt=attempt, token_hash=token_hash(token),
        address=asked.address, now=now,
    )  # fmt: skip
    people = await _people(db, network_id, asked.channel, asked.recipient)
    letter = await _letter(db, network_id, asked, code, people, now)
    await messages.post(db, network_id=network_id, message=letter)
    return Started(attempt=token, expires_at=attempt.expires_at)


async def _letter(
    db: Db, network_id: UUID, asked: Asked, code: str, people: Sequence[User], now: datetime
) -> Message:
    """Write the message with the code; for nobody, one that is dropped at once."""
    network = await networks.get(db, network_id=network_id)
    language = next((one.language for one in people if one.language), None) or asked.language
    return Message(
        id=new_id(now),
        channel=asked.channel,
        purpose="sign-in",
        language=language,
        recipient=asked.recipient,
        subject=say(language, "Your code for {network}", network=network.name)
        if asked.channel == "mail"
        else None,
        body=say(
            language,
            "{code} is your code for {network}. It is valid for 10 minutes. "
            "Nobody will ever ask you for it.",
            code=code,
            network=network.name,
        ),
        state="waiting" if people else "dropped",
        expires_at=now + LASTS,
        created_at=now,
    )


def _code_hash(db: Db, network_id: UUID, attempt_hash: bytes, code: str) -> bytes:
    """Keyed: six digits alone would be found by trying them all."""
    return vault_of(db).mark(network_id, f"{attempt_hash.hex()} {code}")


async def _chosen(
    db: Db, network_id: UUID, tried: Attempt, user_id: UUID | None, now: datetime
) -> User:
    people = await _people(db, network_id, tried.channel, tried.recipient)
    chosen = [one for one in people if user_id in (None, one.id)]
    if not chosen:
        raise WrongCode
    if len(chosen) > 1:
        raise WhichPerson(options=[_option(one) for one in people])
    return await _joined(db, network_id, chosen[0], now)


def _option(one: User) -> dict[str, object]:
    """Tell a person from others of the address: who has no name, by what they come as."""
    return {
        "id": show_id(USER, one.id),
        "display_name": one.display_name or "",
        "roles": list(one.roles),
    }


async def _people(db: Db, network_id: UUID, channel: Channel, recipient: str) -> list[User]:
    """Return the active users with this address, and the interpreters with it in the roster.

    Those who never signed in yet as the users they will become: with their interpreter's id for a
    user's own.
    """
    if channel == "mail":
        known = await users.of_email(db, network_id=network_id, email=recipient)
        asked = await interpreters.of_email(db, network_id=network_id, email=recipient)
    else:
        known = await users.of_phone(db, network_id=network_id, phone=recipient)
        asked = await interpreters.of_phone(db, network_id=network_id, phone=recipient)
    found = [one for one in known if one.active]
    if not asked:  # as long for an address that no interpreter has, or nobody
        await users.of_interpreter(db, network_id=network_id, interpreter_id=NOBODY)
    for interpreter in asked:
        if interpreter.stage not in MAY_SIGN_IN:
            continue
        user = await users.of_interpreter(db, network_id=network_id, interpreter_id=interpreter.id)
        if user is None:
            found.append(
                User(
                    id=interpreter.id,
                    display_name=interpreter.display_name,
                    roles=("interpreter",),
                    interpreter_id=interpreter.id,
                    created_at=interpreter.created_at,
                )
            )
        elif _is_interpreter_alone(user) and user not in found:
            found.append(user)
    return found


def _is_interpreter_alone(user: User) -> bool:
    """Tell whether an address of the roster is enough: others change it, and the interpreter.

    Who has further roles signs in at the address that stands with the person.
    """
    return user.active and set(user.roles) == {"interpreter"}


async def _joined(db: Db, network_id: UUID, user: User, now: datetime) -> User:
    """Return the user as kept: an interpreter becomes one by signing in for the first time."""
    if user.id != user.interpreter_id:
        return user
    interpreter = await interpreters.lock(db, network_id=network_id, interpreter_id=user.id)
    if interpreter is None or interpreter.stage not in MAY_SIGN_IN:
        raise WrongCode  # suspended or erased since the code was sent
    made = msgspec.structs.replace(user, id=new_id(now), created_at=now)
    if await users.insert(db, network_id=network_id, user=made):
        return made
    found = await users.of_interpreter(db, network_id=network_id, interpreter_id=user.id)
    assert found is not None  # it was in the way of the insert
    return found
