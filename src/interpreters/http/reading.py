"""Reading bodies and queries: every error of every field, not only the first.

msgspec stops at the first error; people filling a form want them all. So JSON is decoded to plain
values, walked beside the struct's annotations, and converted as a whole once nothing is wrong.
"""

import re
import types
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec

from interpreters.domain.errors import FieldError, Invalid, Refusal

T = TypeVar("T")
Check = Callable[[Any, datetime], None]
_NOTHING: Final = (type(None), msgspec.UnsetType)
_ANY: Final = "^[^\\u0000]*$"  # the pattern of every other text
_ID: Final = re.compile(r"\^[a-z]{3}_")


class Malformed(Refusal):
    """The body is not JSON."""

    code = "malformed"
    title = "The body is not well-formed JSON"


class FieldProblem(Exception):
    """Raised by a field's check; becomes one entry of `errors`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def read_body(kind: type[T], raw: bytes, *, now: datetime) -> T:
    """Return the JSON body as `kind`; an empty body reads as `{}`.

    Raises:
        Malformed: not JSON: bad UTF-8, NaN, too deep, cut off, a number without end.
        Invalid: with every field error.
    """
    try:
        value = msgspec.json.decode(raw) if raw.strip() else {}
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise Malformed(str(error) if isinstance(error, msgspec.DecodeError) else "") from None
    return _read(kind, value, now=now, strict=True)


def read_query(kind: type[T], values: Mapping[str, str], *, now: datetime) -> T:
    """Return the query parameters as `kind`; lists are comma-separated.

    Raises:
        Invalid: with every field error.
    """
    struct: Any = kind
    hints = _hints(struct)
    plain = {
        name: text.split(",") if name in hints and _is_list(hints[name]) else text
        for name, text in values.items()
    }
    return _read(kind, plain, now=now, strict=False)


def _read(kind: type[T], value: Any, *, now: datetime, strict: bool) -> T:
    reading = _Reading(now, strict=strict)
    reading.walk(kind, value, "")
    if reading.errors:
        raise Invalid(reading.errors)
    return msgspec.convert(value, kind, strict=strict)


class _Reading:
    """One walk of a value beside the kinds it should have, gathering errors."""

    def __init__(self, now: datetime, *, strict: bool) -> None:
        self.now = now
        self.strict = strict
        self.errors: list[FieldError] = []

    def walk(self, kind: Any, value: Any, pointer: str) -> None:
        origin = get_origin(kind)
        if origin is Annotated:
            self._annotated(kind, value, pointer)
        elif origin in (Union, types.UnionType):
            self._union(kind, value, pointer)
        elif _is_struct(kind):
            self._struct(kind, value, pointer)
        elif origin in (list, tuple) and isinstance(value, list):
            for place, item in enumerate(value):
                self.walk(get_args(kind)[0], item, f"{pointer}/{place}")
        else:
            self._fits(kind, value, pointer)

    def _annotated(self, kind: Any, value: Any, pointer: str) -> None:
        """The kind beneath; only where that is right its bounds; only then its own checks."""
        before = len(self.errors)
        self.walk(get_args(kind)[0], value, pointer)
        if len(self.errors) == before and self._fits(kind, value, pointer):
            self._run_checks(kind, value, pointer)

    def _union(self, kind: Any, value: Any, pointer: str) -> None:
        """A struct, where the value is an object; else the other kinds."""
        if value is None and type(None) in get_args(kind):
            return
        options = [one for one in get_args(kind) if one not in _NOTHING]
        fitting = [one for one in options if _is_struct(_bare(one)) == isinstance(value, dict)]
        if len(options) == 1 or fitting:
            self.walk((fitting or options)[0], value, pointer)
        else:
            self._fits(kind, value, pointer)

    def _struct(self, kind: Any, value: Any, pointer: str) -> None:
        if not isinstance(value, dict):
            self._wrong(pointer, "wrong-type", "Expected an object")
            return
        fields = _fields(kind)
        hints = _hints(kind)
        for name in (one for one in value if one not in fields):
            self._wrong(f"{pointer}/{_escape(name)}", "unknown-field", "There is no such field")
        for name, field in fields.items():
            if name in value:
                self.walk(hints[field.name], value[name], f"{pointer}/{name}")
            elif field.required:
                self._wrong(f"{pointer}/{name}", "required", "This is required")
        self._check_together(kind, value, pointer)

    def _check_together(self, kind: Any, value: dict[str, Any], pointer: str) -> None:
        """Run the struct's own check of fields that depend on each other, if it has one.

        `check_together(value, pointer)` sees the object as it was sent, right or wrong, and
        yields errors; a field that already has one keeps that.
        """
        check = getattr(kind, "check_together", None)
        if check is not None:
            reported = {one.pointer for one in self.errors}
            self.errors += [one for one in check(value, pointer) if one.pointer not in reported]

    def _fits(self, kind: Any, value: Any, pointer: str) -> bool:
        try:
            msgspec.convert(value, kind, strict=self.strict)
        except (msgspec.ValidationError, OverflowError, ValueError) as error:
            text = str(error) or "Not valid"
            self._wrong(pointer, _code(text), _detail(kind, text.split(" - at `")[0]))
            return False
        return True

    def _run_checks(self, kind: Any, value: Any, pointer: str) -> None:
        for meta in get_args(kind)[1:]:
            check = (getattr(meta, "extra", None) or {}).get("check")
            if check is None:
                continue
            try:
                check(msgspec.convert(value, get_args(kind)[0], strict=self.strict), self.now)
            except FieldProblem as problem:
                self._wrong(pointer, problem.code, str(problem))
            except Refusal as refusal:
                self.errors.append(refused_field(pointer, refusal))

    def _wrong(self, pointer: str, code: str, detail: str) -> None:
        self.errors.append(FieldError(pointer=pointer, code=code, detail=detail))


def refused_field(pointer: str, refusal: Refusal) -> FieldError:
    """Return a refusal as the error of one field."""
    return FieldError(
        pointer=pointer,
        code=refusal.code,
        detail=str(refusal),
        options=refusal.extra.get("options"),
        suggestions=refusal.extra.get("suggestions"),
    )


def _code(text: str) -> str:
    if "timezone component" in text:
        return "naive-time"
    if ", got `" in text:
        return "wrong-type"
    if "`int`" in text or "`float`" in text or "length" in text or "out of range" in text:
        return "out-of-range"
    return "invalid"


def _detail(kind: Any, text: str) -> str:
    """Return what helps: the choices there are, and what is to be written instead of a pattern."""
    if text.startswith("Invalid enum value"):
        return f"One of {', '.join(_choices(kind))}"
    if "matching regex" not in text:
        return text
    patterned = [one for one in get_args(kind)[1:] if getattr(one, "pattern", None)]
    said = [one for one in patterned if one.pattern != _ANY]
    if not said:
        return "The character NUL may not stand here"
    if _ID.match(said[0].pattern):
        return f"An id: {said[0].pattern[1:4]}_ and 26 digits and capital letters"
    return (said[0].description or "Not written as it should be").rstrip(".")


def _choices(kind: Any) -> list[str]:
    """Return the words of a Literal, however it is wrapped."""
    if get_origin(kind) is Literal:
        return [str(one) for one in get_args(kind)]
    return [word for one in get_args(kind) for word in _choices(one)]


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _escape(name: str) -> str:
    return name[:100].replace("~", "~0").replace("/", "~1").replace("\x00", "\\u0000")


def _is_list(kind: Any) -> bool:
    if get_origin(kind) in (Union, types.UnionType, Annotated):
        return any(_is_list(one) for one in get_args(kind))
    return get_origin(kind) in (list, tuple)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


@cache
def _fields(kind: Any) -> dict[str, Any]:
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}
