"""What a body may be: JSON, as it is.

A browser sends forms and plain text to any site, with its cookies and without asking; JSON it
sends only to its own. So what says to be a form or a text is refused, even an empty one. A body
that says nothing of itself is read as JSON: programs leave it out, browsers don't.
"""

import re
from typing import Final

import msgspec
from litestar.datastructures import Headers

from interpreters.domain.errors import Refusal

JSON_TYPE: Final = re.compile(r"application/(json|[\w.!#$&^-]+\+json)\s*(;.*)?", re.IGNORECASE)


class UnsupportedEncoding(Refusal):
    """The body is compressed: it could grow without bound."""

    code = "unsupported-encoding"
    title = "Bodies are read as they are, not compressed"


class UnsupportedMediaType(Refusal):
    """The body says to be something else than JSON."""

    code = "unsupported-media-type"
    title = "The body must be application/json"


def check_encoding(headers: Headers) -> None:
    """Refuse a compressed body.

    Raises:
        UnsupportedEncoding: it names an encoding.
    """
    named = headers.getall("content-encoding", [])
    if any(one.strip().lower() not in ("", "identity") for one in named):
        raise UnsupportedEncoding


def check_json(headers: Headers) -> None:
    """Refuse a body that says to be anything but JSON.

    Raises:
        UnsupportedMediaType: it does.
    """
    named = headers.getall("content-type", [])
    if any(JSON_TYPE.fullmatch(one.strip()) is None for one in named):
        raise UnsupportedMediaType


def canonical(raw: bytes) -> bytes:
    """Return the body so that white space and the order of keys do not matter."""
    try:
        return msgspec.json.encode(msgspec.json.decode(raw), order="deterministic")
    except (msgspec.DecodeError, RecursionError, ValueError):
        return raw  # it will be refused
