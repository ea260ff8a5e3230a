"""Lists: newest first, cursors, pages of at most 200."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta

from interpreters.domain.errors import FieldError, Invalid
from interpreters.http.doors import Page
from interpreters.http.fields import In, Instant, Limit, page_size

T = TypeVar("T")


class List(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A page: `next` is the address of the following one, null at the end."""

    items: list[T]
    next: str | None


class ListQuery(In, frozen=True, kw_only=True):
    """What every list takes."""

    cursor: Annotated[str, Meta(max_length=200, description="From `next`.")] | None = None
    limit: Limit = 50

    @property
    def before(self) -> UUID | None:
        """The id the page starts after.

        Raises:
            Invalid: the cursor is not one of ours.
        """
        return None if self.cursor is None else UUID(bytes=read_cursor(self.cursor, 16))

    @property
    def size(self) -> int:
        """How many items the page holds."""
        return page_size(self.limit)

    @property
    def slice(self) -> tuple[UUID | None, int]:
        """The id the page starts after, and how many to look for: one more tells of a next page.

        Raises:
            Invalid: the cursor is not one of ours.
        """
        return self.before, self.size + 1


def page_of(found: Sequence[Any], asked: ListQuery, shape: Callable[[Any], Any]) -> Page:
    """Return the page; `found` holds one more than fits when there is a next page."""
    items = found[: asked.size]
    more = len(found) > asked.size
    return Page(
        items=[shape(one) for one in items],
        cursor=write_cursor(_id(items[-1]).bytes) if more else None,
    )


def _id(one: Any) -> UUID:
    """The id of a thing, or of what it shows (`ShownOffer.offer`)."""
    for name in ("offer", "request", "booking"):
        if name in getattr(one, "__struct_fields__", ())[:1]:
            return getattr(one, name).id  # type: ignore[no-any-return]  # a struct of ours
    return one.id  # type: ignore[no-any-return]  # a struct of ours


def write_cursor(value: bytes) -> str:
    """Return an opaque cursor."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def read_cursor(text: str, length: int) -> bytes:
    """Return the bytes inside a cursor.

    Raises:
        Invalid: it is not one of ours.
    """
    try:
        value = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if len(value) != length:
        raise Invalid(
            [FieldError(pointer="/cursor", code="invalid", detail="Use `next` as it was given")]
        )
    return value


class SyncQuery(ListQuery, frozen=True, kw_only=True):
    """A list that can also be followed: `updated_since` gives everything changed since, oldest
    change first, and `next` goes on from there, so that nothing is ever skipped.
    """

    updated_since: Instant | None = None

    @property
    def is_sync(self) -> bool:
        """Whether the list is asked for by what changed."""
        return self.updated_since is not None

    @property
    def after_place(self) -> int | None:
        """The place the page starts after.

        Raises:
            Invalid: the cursor is not one of ours.
        """
        if self.cursor is None:
            return None
        place = int.from_bytes(read_cursor(self.cursor, 8), "big", signed=True)
        return max(place, 0)


def synced_page(items: Sequence[Any], following: int | None) -> Page:
    """Return a page of what changed; `following` is the place to go on from."""
    cursor = None if following is None else write_cursor(following.to_bytes(8, "big"))
    return Page(items=items, cursor=cursor)
