"""Which of several media types a caller is answered in, by `Accept` (RFC 9110 section 12.5.1)."""

from collections.abc import Sequence
from typing import Final

from interpreters.domain.errors import Refusal

MOST: Final = 20  # media types of one header that are looked at


class NotAcceptable(Refusal):
    """Nothing that can be answered is what the caller takes."""

    code = "not-acceptable"
    title = "This is not answered in any of the media types of Accept"


def chosen(accept: str | None, offered: Sequence[str]) -> str:
    """Return the media type the caller likes best, the first of equals; the first without a wish.

    Raises:
        NotAcceptable: none of them is taken; `options` names them.
    """
    if not accept or not accept.strip():
        return offered[0]
    ranges = [_range(one) for one in accept.split(",")[:MOST]]
    liked = [(_quality(one, ranges), -place, one) for place, one in enumerate(offered)]
    quality, _, best = max(liked)
    if quality <= 0:
        raise NotAcceptable(options=list(offered))
    return best


def _range(text: str) -> tuple[str, float]:
    """Return a media range and how much it is liked; what cannot be read is not liked."""
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    for one in parameters:
        key, _, value = one.partition("=")
        if key.strip() == "q":
            return name, _number(value.strip())
    return name, 1.0


def _number(text: str) -> float:
    digits = text.replace(".", "", 1)
    if not digits.isascii() or not digits.isdigit() or len(text) > len("0.000"):
        return 0.0
    return min(float(text), 1.0)


def _quality(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Return how much a media type is liked: what names it most exactly says so."""
    kind = media.partition("/")[0]
    for wanted in (media, f"{kind}/*", "*/*"):
        said = [quality for name, quality in ranges if name == wanted]
        if said:
            return max(said)
    return 0.0
