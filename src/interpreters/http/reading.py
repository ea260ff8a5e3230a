"""Reading bodies and queries: every error of every field, not only the first.

msgspec stops at the first error; people filling a form want them all. So JSON is decoded to plain
values, walked beside the struct's annotations, and converted as a whole once nothing is wrong.
"""

import types
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from interpreters.domain.errors import FieldError, Invalid, Refusal

T = TypeVar("T")
Check = Callable[[Any, datetime], None]
_NOTHING: Final = (type(None), msgspec.UnsetType)


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
    hints = _hints(kind)
    plain = {
        name: text.split(",") if name in hints and _is_list(hints[name]) else text
        for name, text in values.items()
    }
    return _read(kind, plain, now=now, strict=False)


def _read(kind: type[T], value: Any, *, now: datetime, strict: bool) -> T:
    errors: list[FieldError] = []
    _walk(kind, value, "", errors, now, strict)
    if errors:
        raise Invalid(errors)
    return msgspec.convert(value, kind, strict=strict)


def _walk(
    kind: Any, value: Any, pointer: str, errors: list[FieldError], now: datetime, strict: bool  # noqa: FBT001 - positional recursion
) -> None:  # fmt: skip
    origin = get_origin(kind)
    if origin is Annotated:
        before = len(errors)
        _walk(get_args(kind)[0], value, pointer, errors, now, strict)
        if len(errors) == before and _convert(kind, value, pointer, errors, strict):
            _run_checks(kind, value, pointer, errors, now, strict)
    elif origin in (Union, types.UnionType):
        options = [one for one in get_args(kind) if one not in _NOTHING]
        if value is None and type(None) in get_args(kind):
            return
        if len(options) == 1:
            _walk(options[0], value, pointer, errors, now, strict)
        else:
            _walk_union(options, kind, value, pointer, errors, now, strict)
    elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        _walk_struct(kind, value, pointer, errors, now, strict)
    elif origin in (list, tuple) and isinstance(value, list):
        for place, item in enumerate(value):
            _walk(get_args(kind)[0], item, f"{pointer}/{place}", errors, now, strict)
    else:
        _convert(kind, value, pointer, errors, strict)


def _walk_union(options: list[Any], kind: Any, value: Any, pointer: str,
                errors: list[FieldError], now: datetime, strict: bool) -> None:  # fmt: skip  # noqa: FBT001 - recursion
    """A struct, where the value is an object; else the other kinds."""
    for option in options:
        base = get_args(option)[0] if get_origin(option) is Annotated else option
        is_struct = isinstance(base, type) and issubclass(base, msgspec.Struct)
        if is_struct == isinstance(value, dict):
            _walk(option, value, pointer, errors, now, strict)
            return
    _convert(kind, value, pointer, errors, strict)


def _walk_struct(kind: type[msgspec.Struct], value: Any, pointer: str,
                 errors: list[FieldError], now: datetime, strict: bool) -> None:  # fmt: skip  # noqa: FBT001 - recursion
    if not isinstance(value, dict):
        errors.append(FieldError(pointer=pointer, code="wrong-type", detail="Expected an object"))
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    hints = _hints(kind)
    for name in value:
        if name not in fields:
            errors.append(_field_error(f"{pointer}/{_escape(name)}", "unknown-field", "Unknown"))
    for name, field in fields.items():
        if name in value:
            _walk(hints[field.name], value[name], f"{pointer}/{name}", errors, now, strict)
        elif field.required:
            errors.append(_field_error(f"{pointer}/{name}", "required", "This is required"))
    _check_together(kind, value, pointer, errors)


def _check_together(
    kind: type[msgspec.Struct], value: dict[str, Any], pointer: str, errors: list[FieldError]
) -> None:
    """Run the struct's own check of fields that depend on each other, if it has one.

    `check_together(value, pointer)` sees the object as it was sent, right or wrong, and yields
    errors; a field that already has one keeps that.
    """
    check = getattr(kind, "check_together", None)
    if check is not None:
        reported = {one.pointer for one in errors}
        errors += [one for one in check(value, pointer) if one.pointer not in reported]


def _convert(kind: Any, value: Any, pointer: str, errors: list[FieldError], strict: bool) -> bool:  # noqa: FBT001 - recursion
    try:
        msgspec.convert(value, kind, strict=strict)
    except (msgspec.ValidationError, OverflowError, ValueError) as error:
        text = str(error) or "Not valid"
        errors.append(_field_error(pointer, _code(text), text.split(" - at `")[0]))
        return False
    return True


def _run_checks(kind: Any, value: Any, pointer: str,
                errors: list[FieldError], now: datetime, strict: bool) -> None:  # fmt: skip  # noqa: FBT001 - recursion
    for meta in get_args(kind)[1:]:
        check = (getattr(meta, "extra", None) or {}).get("check")
        if check is None:
            continue
        try:
            check(msgspec.convert(value, get_args(kind)[0], strict=strict), now)
        except FieldProblem as problem:
            errors.append(_field_error(pointer, problem.code, str(problem)))
        except Refusal as refusal:
            errors.append(refused_field(pointer, refusal))


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


def _field_error(pointer: str, code: str, detail: str) -> FieldError:
    return FieldError(pointer=pointer, code=code, detail=detail)


def _escape(name: str) -> str:
    return name[:100].replace("~", "~0").replace("/", "~1").replace("\x00", "\\u0000")


def _is_list(kind: Any) -> bool:
    if get_origin(kind) in (Union, types.UnionType, Annotated):
        return any(_is_list(one) for one in get_args(kind))
    return get_origin(kind) in (list, tuple)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)
