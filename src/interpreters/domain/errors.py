"""Refusals: every "no" the marketplace says, in its own words, with a stable code.

A refusal knows no HTTP status; `http/problems.py` holds the one table that does. They live
beside the rule that raises them; here stand the roots and those that several rooms share.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec


class FieldError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing wrong with one field. `pointer` is a JSON pointer such as `/modes/0`.

    Of an imported table `row` and `column` are told as well, and the cell's `value`, shortened.
    """

    pointer: str
    code: str
    detail: str
    options: Sequence[Any] | None = None
    suggestions: Sequence[Any] | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None


class Refusal(Exception):
    """The call was understood, and the rules say no."""

    code: ClassVar[str]  # what clients match on; never changes
    title: ClassVar[str]  # never varies; what varies is the message

    def __init__(self, detail: str = "", **extra: Any) -> None:
        super().__init__(detail or self.title)
        self.extra = extra  # further members of the problem, such as `options`


class NotFound(Refusal):
    """The thing does not exist, or is not the caller's to see."""

    code = "not-found"
    title = "There is no such thing here"


class Forbidden(Refusal):
    """A role that may never do this."""

    code = "forbidden"
    title = "Your role may not do this"


class NotSignedIn(Refusal):
    """No token, or one that is not valid."""

    code = "unauthorized"
    title = "A valid token is needed"


class Invalid(Refusal):
    """The body or the query has errors; `errors` names every one of them."""

    code = "validation"
    title = "Some fields are not right"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{one.pointer}: {one.detail}" for one in errors))
        self.errors = tuple(errors)


class Stale(Refusal):
    """If-Match does not name the present version."""

    code = "precondition-failed"
    title = "The thing was changed since you read it"


class WrongState(Refusal):
    """The verb does not fit the state of the thing."""

    code = "wrong-state"
    title = "This cannot be done in its present state"
