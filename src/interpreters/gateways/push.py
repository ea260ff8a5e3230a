"""Web push over HTTP (RFC 8030): one message to one browser, through its maker's push service."""

import secrets
from datetime import datetime
from typing import Final, Literal, TypeAlias

import aiohttp
from cryptography.hazmat.primitives.asymmetric import ec

from interpreters.domain.push import SALT, TOPIC, PushKey, Subscription, encrypted
from interpreters.gateways.lines import WAIT, Line, trouble_named
from interpreters.gateways.pauses import pause_of
from interpreters.gateways.trouble import Gone, TryLater, Undeliverable
from interpreters.gateways.webhooks import hear_out

__all__ = ["Gone", "PushGateway", "TryLater", "Undeliverable"]

Urgency: TypeAlias = Literal["very-low", "low", "normal", "high"]  # RFC 8030 §5.3

LONGEST_KEPT: Final = 28 * 24 * 3600  # seconds; services keep nothing longer
TOO_MANY: Final = 429


class PushGateway(Line):
    """Sends pushes as one sender: `subject` is `mailto:…` or `https://…`, `key` is its key pair."""

    def __init__(
        self, subject: str, key: PushKey, *, allow_private: bool, wait: float = WAIT
    ) -> None:
        super().__init__(allow_private=allow_private, wait=wait)
        self._subject = subject
        self._key = key

    async def send(
        self,
        subscription: Subscription,
        payload: bytes,
        *,
        ttl_seconds: int,
        urgency: Urgency,
        topic: str | None,
        now: datetime,
    ) -> None:
        """Return once the push service has the message.

        It is kept for the browser for `ttl_seconds` and replaces one with the same `topic` (up to
        32 of A-Z a-z 0-9 - _) that has not been fetched.

        Raises:
            Gone: 404 or 410: the browser has unsubscribed.
            Undeliverable: another 4xx, with its status as code: too large, or our key is not the
                one that was subscribed to. `wrong-topic` before any call.
            TryLater: 429, 5xx and what `trouble_named` tells.
            WrongSubscription, ValueError: as `encrypted`.
        """
        if topic is not None and TOPIC.fullmatch(topic) is None:
            raise Undeliverable("wrong-topic")
        authorization = self._key.authorization(
            endpoint=subscription.endpoint, subject=self._subject, now=now
        )
        headers = _headers(authorization, ttl_seconds, urgency, topic)
        body = encrypted(
            payload,
            subscription,
            salt=secrets.token_bytes(SALT),
            key=ec.generate_private_key(ec.SECP256R1()),
        )
        with trouble_named():
            async with self._opened().post(
                subscription.endpoint, data=body, headers=headers, allow_redirects=False
            ) as response:
                await hear_out(response)
                _judge(response)


def _headers(
    authorization: str, ttl_seconds: int, urgency: Urgency, topic: str | None
) -> dict[str, str]:
    return {
        "Authorization": authorization,
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(max(0, min(ttl_seconds, LONGEST_KEPT))),
        "Urgency": urgency,
    } | ({"Topic": topic} if topic else {})


def _judge(response: aiohttp.ClientResponse) -> None:
    status, code = response.status, str(response.status)
    if 200 <= status < 300:  # noqa: PLR2004 - RFC 9110 §15.3
        return
    if status in {404, 410}:
        raise Gone(code)
    if status == TOO_MANY or not 400 <= status < 500:  # noqa: PLR2004 - RFC 9110 §15.5
        raise TryLater(code, retry_after=pause_of(response))
    raise Undeliverable(code)
