"""How a door answers: JSON, its ETag, its Location; and pages of lists."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Response

JSON: Final = "application/json"
ACCEPTED: Final = 202  # the answer is an operation


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list: its items and the cursor of the next one."""

    items: Sequence[Any]
    cursor: str | None = None


class Versioned(msgspec.Struct, frozen=True, kw_only=True):
    """What ETag and Location are made of, in an answer that is already JSON."""

    version: int | None = None
    id: str | None = None


def public_answer(view: Any, status: int = 200) -> Response[bytes]:
    """Return what a door without a token answers."""
    return sent(msgspec.json.encode(view), status)


def single(view: Any, *, read: bool) -> Response[bytes]:
    """Return one thing; when it is read it has an ETag, of what it says where it has no version."""
    body = msgspec.json.encode(view)
    headers = etag(getattr(view, "version", None))
    if read and not headers:
        headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"'}
    return sent(body, 200, headers)


def told(body: bytes, status: int, *, replayed: bool) -> Response[bytes]:
    """Return the answer to a POST, which is JSON already."""
    told = msgspec.json.decode(body, type=Versioned)
    headers = etag(told.version)
    if status == ACCEPTED:
        headers["Location"] = f"/v1/operations/{told.id}"
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return sent(body, status, headers)


def sent(body: bytes, status: int, headers: dict[str, str] | None = None) -> Response[bytes]:
    """Return JSON as it is sent."""
    return Response(body, status_code=status, media_type=JSON, headers=headers or {})


def etag(version: object) -> dict[str, str]:
    """Return the header that names a version, if there is one."""
    return {"ETag": f'"{version}"'} if isinstance(version, int) else {}
