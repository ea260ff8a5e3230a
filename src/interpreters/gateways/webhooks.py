"""Webhooks over HTTP: one POST to an address that a user gave, and what came of it."""

import asyncio
import contextlib
from typing import Final

import aiohttp

from interpreters.domain.webhooks import Hook, signed_headers
from interpreters.gateways.addresses import UnusableAnswer, read_bounded
from interpreters.gateways.lines import Line, trouble_named
from interpreters.gateways.pauses import pause_of
from interpreters.gateways.trouble import Gone, TryLater

__all__ = ["Gone", "Hook", "TryLater", "WebhookGateway"]

LARGEST_ANSWER: Final = 4 * 1024  # octets; a longer answer costs the connection, nothing else
PATIENCE: Final = 1.0  # seconds for the answer's body, which changes nothing any more


class WebhookGateway(Line):
    """Posts messages; whoever makes it closes it."""

    async def send(self, hook: Hook) -> int:
        """Return the status with which the receiver took the message: any of the 2xx.

        Raises:
            Gone: it answered 410 and wants no more.
            TryLater: everything else; its code is the status ("302", "503") or one of
                `trouble_named`.
            WrongHook: it cannot be signed.
        """
        headers = {**signed_headers(hook), "Content-Type": "application/json"}
        with trouble_named():
            async with self._opened().post(
                hook.url, data=hook.body, headers=headers, allow_redirects=False
            ) as response:
                await hear_out(response)
                return _judge(response)


async def hear_out(response: aiohttp.ClientResponse) -> None:
    """Read a short answer, so that the connection can carry the next message."""
    with contextlib.suppress(UnusableAnswer, aiohttp.ClientError, OSError):
        async with asyncio.timeout(PATIENCE):
            await read_bounded(response, LARGEST_ANSWER)


def _judge(response: aiohttp.ClientResponse) -> int:
    if 200 <= response.status < 300:  # noqa: PLR2004 - RFC 9110 §15.3
        return response.status
    if response.status == 410:  # noqa: PLR2004 - RFC 9110 §15.5.11
        raise Gone("410")
    raise TryLater(str(response.status), retry_after=pause_of(response))
