"""Webhooks as Standard Webhooks 1.0.0 has them: secrets, signatures, and when to try again.

https://www.standardwebhooks.com; `v1` is HMAC-SHA256 over `id.timestamp.body`.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
SHORTEST, LONGEST = 24, 64  # bytes of a secret, as the standard bounds them
ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")  # no dot: it parts what is signed
# The standard's own table: the wait before each attempt, the first one included.
WAITS: Final = tuple(
    timedelta(seconds=one)
    for one in (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
JITTER: Final = 0.2  # so much longer at most, so that receivers that were down are not stormed
LONGEST_WAIT: Final = timedelta(days=1)  # a longer Retry-After counts as this


class WrongHook(ValueError):
    """A secret or an id is not what can be signed with. It says nothing of the secret."""


class Hook(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one endpoint. `id` is the same on every repeat; `at` is that attempt's time.

    Receivers refuse messages whose `at` is more than five minutes from their clock, so it is never
    the time of the event. `secrets`: one, or while one is being replaced both, the newest first.
    """

    id: str
    url: str
    secrets: Sequence[str]
    body: bytes  # JSON
    at: datetime

    def __repr__(self) -> str:
        """Show neither whom it is for nor what it says."""
        return f"Hook(id={self.id!r})"


def new_secret() -> str:
    """Return a new secret to sign with: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(hook: Hook) -> dict[str, str]:
    """Return the three headers by which a receiver knows that the message is ours.

    Raises:
        WrongHook: there is no secret or one that is none, or the id cannot be signed.
    """
    if ID.fullmatch(hook.id) is None or not hook.secrets or hook.at.tzinfo is None:
        raise WrongHook("The message cannot be signed")
    timestamp = str(int(hook.at.timestamp()))
    signed = f"{hook.id}.{timestamp}.".encode() + hook.body
    signatures = (hmac.digest(_key(one), signed, hashlib.sha256) for one in hook.secrets)
    return {
        "webhook-id": hook.id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(s).decode()}" for s in signatures),
    }


def retry_at(
    *, failures: int, now: datetime, jitter: float, retry_after: int | None = None
) -> datetime | None:
    """Return when to try again after so many failures (from 1); None: give the message up.

    `jitter` is drawn evenly from [0, 1) by the caller. `retry_after`, in seconds, is what the
    receiver asked for; it only ever makes the wait longer.
    """
    assert failures >= 1
    if failures >= len(WAITS):
        return None
    wait = WAITS[failures] * (1 + JITTER * jitter)
    if retry_after is not None:
        asked = min(retry_after, LONGEST_WAIT // timedelta(seconds=1))
        wait = max(wait, timedelta(seconds=asked))
    return now + wait


def _key(secret: str) -> bytes:
    if not secret.startswith(PREFIX):
        raise WrongHook("A secret begins with whsec_")
    try:
        key = base64.b64decode(secret[len(PREFIX) :], validate=True)
    except (binascii.Error, ValueError):
        raise WrongHook("A secret is base64") from None
    if not SHORTEST <= len(key) <= LONGEST:
        raise WrongHook(f"A secret has {SHORTEST} to {LONGEST} bytes")
    return key
