"""Forms with a file (RFC 7578), for the doors that take one: read within bounds, no part twice."""

import hashlib
from collections.abc import Collection, Mapping
from typing import Any, Final

from litestar import Request
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from interpreters.domain.errors import FieldError, Invalid
from interpreters.http.media import UnsupportedMediaType
from interpreters.http.reading import Malformed

FORM: Final = "multipart/form-data"
SPARE: Final = 64 * 1024  # bytes a form takes besides its file
MOST_PARTS: Final = 20


def read_form(
    request: Request[Any, Any, Any], raw: bytes, *, names: Collection[str]
) -> dict[str, bytes]:
    """Return the form's parts by name.

    Raises:
        UnsupportedMediaType: the body is said to be something else.
        Malformed: it is no such form, or broke off.
        Invalid: a part has another name than one of `names`, or stands twice.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != FORM:
        raise UnsupportedMediaType("The body must be a form with a file, multipart/form-data")
    try:
        parts = _parts(raw, options.get("boundary", ""))
    except (MultipartError, ValueError) as error:
        raise Malformed("The body is not a well-formed form") from error
    errors = [
        FieldError(pointer=f"/{name[:100]}", code="unknown-field", detail="There is no such field")
        for name, _ in parts
        if name not in names
    ]
    made = dict(parts)
    known = [name for name, _ in parts if name in names]
    errors += [
        FieldError(pointer=f"/{name}", code="duplicate", detail="It stands there twice")
        for name in dict.fromkeys(known)
        if known.count(name) > 1
    ]
    if errors:
        raise Invalid(errors)
    return made


def same_form(parts: Mapping[str, bytes]) -> bytes:
    """Return what makes two forms the same: their parts. The line between them is chance."""
    lines = [
        f"{name}\n{len(part)}\n{hashlib.sha256(part).hexdigest()}" for name, part in parts.items()
    ]
    return "\n".join(sorted(lines)).encode()


def _parts(raw: bytes, boundary: str) -> list[tuple[str, bytes]]:
    """Return name and bytes of each part.

    Raises:
        MultipartError, ValueError: the form is broken, or has more parts than any door knows.
    """
    parts: list[tuple[str, bytearray]] = []
    parser = PushMultipartParser(
        boundary, content_length=len(raw), max_segment_count=MOST_PARTS, strict=True
    )
    with parser:
        for event in parser.parse(raw):
            if isinstance(event, MultipartSegment):
                parts.append((event.name or "", bytearray()))
            elif event is not None:
                parts[-1][1].extend(event)
    return [(name, bytes(part)) for name, part in parts]
