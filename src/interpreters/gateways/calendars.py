"""Other people's calendars over HTTP: read from an address that a user gave, when they changed."""

import re
from typing import Final, TypeAlias

import aiohttp
import msgspec

from interpreters.domain.calendar_parts import UnreadableCalendar
from interpreters.domain.calendars import calendar_address
from interpreters.gateways.addresses import UnusableAnswer, read_bounded
from interpreters.gateways.lines import Line, trouble_named
from interpreters.gateways.pauses import pause_of
from interpreters.gateways.trouble import Gone, TryLater

__all__ = ["CalendarGateway", "Gone", "Read", "Reading", "TryLater", "Unchanged"]

LARGEST: Final = 2 * 1024 * 1024  # octets
ETAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,200}"')  # RFC 9110 §8.8.3
OK, NOT_MODIFIED, TOO_MANY = 200, 304, 429


class Unchanged(msgspec.Struct, frozen=True):
    """It is still what was read with that ETag."""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What was read, and the ETag to read it with next time, where the server has them."""

    etag: str | None
    data: bytes

    def __repr__(self) -> str:
        """Show nothing of it."""
        return f"Read({len(self.data)} bytes)"


Reading: TypeAlias = Unchanged | Read


class CalendarGateway(Line):
    """Reads calendars; whoever makes it closes it."""

    async def read_calendar(self, url: str, etag: str | None) -> Reading:
        """Return the file at `https:` or `webcal:`, unless it still has that ETag.

        Raises:
            Gone: 404 or 410: there is no such calendar any more.
            UnreadableCalendar: any other 4xx or a redirect with its status as code ("403"),
                `too-large`, `compressed` although that was not asked for.
            TryLater: 429, 5xx and what `trouble_named` tells.
        """
        headers = {"Accept": "text/calendar, */*;q=0.1"}
        if etag is not None and ETAG.fullmatch(etag):
            headers["If-None-Match"] = etag
        with trouble_named():
            async with self._opened().get(
                calendar_address(url), headers=headers, allow_redirects=False
            ) as response:
                if response.status == NOT_MODIFIED and "If-None-Match" in headers:
                    return Unchanged()
                _judge(response)
                return Read(etag=_etag(response), data=await _body(response))


def _judge(response: aiohttp.ClientResponse) -> None:
    status, code = response.status, str(response.status)
    if status == OK:
        return
    response.close()
    if status in {404, 410}:
        raise Gone(code)
    if status == TOO_MANY or status >= 500:  # noqa: PLR2004 - RFC 9110 §15.6
        raise TryLater(code, retry_after=pause_of(response))
    raise UnreadableCalendar(code)


def _etag(response: aiohttp.ClientResponse) -> str | None:
    said = response.headers.get("ETag", "")
    return said if ETAG.fullmatch(said) else None


async def _body(response: aiohttp.ClientResponse) -> bytes:
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        response.close()
        raise UnreadableCalendar("compressed")
    try:
        return await read_bounded(response, LARGEST)
    except UnusableAnswer:
        raise UnreadableCalendar("too-large") from None
