"""How long another server asks us to wait."""

import re
from email.utils import parsedate_to_datetime
from typing import Final

import aiohttp

LONGEST_PAUSE: Final = 24 * 3600  # seconds; a longer Retry-After counts as this


def pause_of(response: aiohttp.ClientResponse) -> int | None:
    """Return the seconds of Retry-After (RFC 9110 §10.2.3); a date counts from the answer's own."""
    said = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", said, re.ASCII):
        return min(int(said), LONGEST_PAUSE)
    try:
        pause = parsedate_to_datetime(said) - parsedate_to_datetime(response.headers["Date"])
    except (ValueError, TypeError, KeyError, OverflowError):
        return None
    return max(0, min(int(pause.total_seconds()), LONGEST_PAUSE))
