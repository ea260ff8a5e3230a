"""Ids: prefix and 26 Crockford base32 characters outside, a UUIDv7 inside."""

import secrets
from datetime import datetime
from threading import Lock
from typing import Final
from uuid import UUID

from interpreters.domain.errors import NotFound

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
VALUE: Final = {letter: value for value, letter in enumerate(ALPHABET)}
LENGTH: Final = 26
RANDOM_BITS: Final = 74  # of a UUIDv7
STEP_BITS: Final = 32  # between two ids of one millisecond

NETWORK: Final = "net"
USER: Final = "usr"
INSTITUTION: Final = "ins"
SITE: Final = "sit"
ROOM: Final = "rom"
CLIENT: Final = "cli"
INTERPRETER: Final = "int"
CREDENTIAL: Final = "crd"
ABSENCE: Final = "abs"
REQUEST: Final = "req"
SERIES: Final = "ser"
OFFER: Final = "off"
BOOKING: Final = "bkg"
USAGE_ENTRY: Final = "use"
TARIFF: Final = "tar"
POLICY: Final = "pol"
FUNDING: Final = "fnd"
DISPUTE: Final = "dsp"
KEY: Final = "key"
EVENT: Final = "evt"
OPERATION: Final = "op"
SIGN_IN: Final = "sgn"
PASSKEY: Final = "pky"
IDENTITY_PROVIDER: Final = "idp"
CLIENT_LINK: Final = "lnk"
CLIENT_VOICE: Final = "voi"
AUDIT_ENTRY: Final = "aud"
WEBHOOK_ENDPOINT: Final = "whe"
WEBHOOK_DELIVERY: Final = "dlv"
EXPENSE: Final = "exp"
FREED_SLOT: Final = "frs"
CALENDAR_LINK: Final = "cal"
PUSH_SUBSCRIPTION: Final = "psh"
STATEMENT: Final = "stm"
PLAN: Final = "pln"
PLAN_PLACE: Final = "plp"


def new_id(now: datetime) -> UUID:
    """Return a UUIDv7 of the instant `now` (RFC 9562 section 5.7), greater than this process's
    last one of the same millisecond, so that lists by id keep the order in which things came
    (section 6.2, method 2: the last random part and a random step).
    """
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    with _LAST.lock:
        if milliseconds == _LAST.milliseconds:
            _LAST.random += 1 + secrets.randbits(STEP_BITS)
        else:
            _LAST.milliseconds, _LAST.random = milliseconds, secrets.randbits(RANDOM_BITS - 1)
        random = _LAST.random
    head = (milliseconds << 80) | (0x7 << 76) | ((random >> 62) << 64)
    return UUID(int=head | (0x2 << 62) | (random & ((1 << 62) - 1)))


class _Last:
    """What the last id was made of.

    Its random part begins in the lower half of 74 bits: 2^41 steps of 32 bits fit behind it.
    """

    def __init__(self) -> None:
        self.lock = Lock()
        self.milliseconds = -1
        self.random = 0


_LAST: Final = _Last()


def show_id(prefix: str, value: UUID) -> str:
    """Return the public form, `req_06CKQ…`."""
    number = value.int
    letters = [ALPHABET[(number >> (5 * place)) & 31] for place in range(LENGTH)]
    return f"{prefix}_{''.join(reversed(letters))}"


def show_some(prefix: str, value: UUID | None) -> str | None:
    """Return the public form, or None where there is nothing."""
    return None if value is None else show_id(prefix, value)


def id_pattern(prefix: str) -> str:
    """Return the regular expression of the public ids of a kind."""
    return f"^{prefix}_[0-7][0-9A-HJKMNP-TV-Z]{{25}}$"


def read_id(prefix: str, text: str) -> UUID:
    """Return the UUID inside a public id.

    Raises:
        NotFound: the text is not an id of this kind, so there is no such thing.
    """
    head, _, tail = text.partition("_")
    if head != prefix or len(tail) != LENGTH or any(letter not in VALUE for letter in tail):
        raise NotFound
    number = 0
    for letter in tail:
        number = (number << 5) | VALUE[letter]
    if number >> 128:
        raise NotFound
    return UUID(int=number)


def show_optional(prefix: str, value: UUID | None) -> str | None:
    """Return the public form of an id that may be missing."""
    return None if value is None else show_id(prefix, value)


def read_optional(prefix: str, text: str | None) -> UUID | None:
    """Return the UUID inside a public id that may be missing.

    Raises:
        NotFound: the text is not an id of this kind.
    """
    return None if text is None else read_id(prefix, text)
