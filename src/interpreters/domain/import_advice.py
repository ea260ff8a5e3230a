"""What is wrong with a cell, said so that the person who filled it knows what to write instead."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from interpreters.domain.errors import FieldError
from interpreters.domain.import_columns import Column, folded
from interpreters.domain.imports import shown

UNCLEAR: Final = frozenset({"wrong-type", "invalid", "required"})


def advised(error: FieldError, value: Any, column: Column) -> str:
    """Return what is wrong with a field, of which this is the value, and what to write instead."""
    said = shown(str(value))
    if error.code == "unknown-language":
        return f"{said!r} is no language; {_named(error.suggestions) or column.advice}"
    if error.code == "needs-variety":
        return f"{said!r} covers several languages; {_named(error.options) or column.advice}"
    if error.code == "invalid-phone":
        return f"{said!r} is no telephone number; {column.advice}"
    if error.code in UNCLEAR and isinstance(value, str):
        near = difflib.get_close_matches(folded(value), column.choices, n=1)
        advice = f"did you mean {near[0]}? Otherwise {column.advice}" if near else column.advice
        return f"{said!r} cannot be read; {advice}"
    return f"{error.detail.rstrip('.')}; {column.advice}"


def _named(languages: Sequence[Mapping[str, str]] | None) -> str:
    """Return `write 'Farsi' (pes) or 'Dari' (prs)`; empty without any."""
    names = [f"{one['name']!r} ({one['code']})" for one in languages or ()]
    if len(names) < 2:  # noqa: PLR2004 - one needs no "or"
        return f"write {names[0]}" if names else ""
    return f"write {', '.join(names[:-1])} or {names[-1]}"


def at(body: Any, pointer: str) -> Any:
    """Return what stands in a body at a pointer, or None."""
    for step in _steps(pointer):
        if isinstance(body, Mapping) and step in body:
            body = body[step]
        elif isinstance(body, list) and step.isdecimal() and int(step) < len(body):
            body = body[int(step)]
        else:
            return None
    return body


def _steps(pointer: str) -> Iterator[str]:
    for step in pointer.split("/")[1:]:
        yield step.replace("~1", "/").replace("~0", "~")
