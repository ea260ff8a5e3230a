"""What an import is about to do: new things, changed ones, and rows that are wrong after all."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from interpreters.domain.imports import Entry, ImportInProgress, RowError

T = TypeVar("T")


class Change(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A row and the thing it is about: `before` is None for a new one."""

    entry: Entry
    before: T | None
    after: T


class Plan(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """Every good row's change; those with nothing to write are only counted."""

    created: Sequence[Change[T]]
    changed: Sequence[Change[T]]
    unchanged: int
    errors: Sequence[RowError]


def each_once(
    entries: Sequence[Entry], key: Callable[[Entry], tuple[str, Hashable]]
) -> tuple[list[Entry], list[RowError]]:
    """Return the rows, and an error for each that is about the same thing as one before it.

    `key` gives the field that tells, and its value.
    """
    first: dict[tuple[str, Hashable], int] = {}
    kept: list[Entry] = []
    errors: list[RowError] = []
    for entry in entries:
        told = key(entry)
        if told in first:
            detail = f"Row {first[told]} has this already: keep one of the two"
            errors.append(entry.error(told[0], "duplicate-row", detail))
        else:
            first[told] = entry.row
            kept.append(entry)
    return kept, errors


def changes(entry: Entry, before: Any, *, apart: Sequence[str] = ()) -> dict[str, Any]:
    """Return the fields that the row gives and that are otherwise now."""
    return {
        name: entry.fields[name]
        for name in entry.given
        if name not in apart and _plain(getattr(before, name)) != _plain(entry.fields[name])
    }


def check_held(held: Mapping[UUID, int], changed: Sequence[Change[Any]]) -> None:
    """Refuse when somebody has changed one of the things since they were compared.

    Raises:
        ImportInProgress: so it is.
    """
    for one in changed:
        if one.before is None or held.get(one.before.id) != one.before.version:
            raise ImportInProgress("Somebody is changing one of these; try again in a moment")


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
