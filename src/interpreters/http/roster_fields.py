"""The parts of an interpreter's body that need more than one field to be right."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

from interpreters.application.interpreters import InterpreterLanguage
from interpreters.domain.errors import FieldError, Refusal
from interpreters.domain.languages import resolve
from interpreters.http.fields import In, LanguageText, Latitude, Longitude, Name

Level: TypeAlias = Literal["native", "fluent", "working"]
Engagement: TypeAlias = Literal["staff", "freelance", "volunteer"]
ClockTime: TypeAlias = Annotated[
    str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", max_length=5, description="HH:MM.")
]


class LanguageIn(In, frozen=True, kw_only=True):
    """A language an interpreter works in."""

    code: LanguageText
    level: Level = "fluent"
    dialects: Annotated[list[Name], Meta(max_length=20)] = msgspec.field(default_factory=list)

    def language(self) -> InterpreterLanguage:
        """Return it under its identity; a member booked as a wider language stays as a dialect."""
        found = resolve(self.code)
        named = [*self.dialects, *([found.dialect] if found.dialect else [])]
        return InterpreterLanguage(
            language=found.language.code, level=self.level, dialects=tuple(dict.fromkeys(named))
        )


class HomeIn(In, frozen=True, kw_only=True):
    """Where an interpreter starts from: a point, or only the name of a city."""

    latitude: Latitude | None = None
    longitude: Longitude | None = None
    city: Name | None = None

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """Latitude and longitude come both or not at all."""
        has = {name: value.get(name) is not None for name in ("latitude", "longitude")}
        if has["latitude"] != has["longitude"]:
            missing = "longitude" if has["latitude"] else "latitude"
            detail = "Latitude and longitude come together"
            yield FieldError(pointer=f"{pointer}/{missing}", code="required", detail=detail)


class QuietHoursIn(In, frozen=True, kw_only=True, rename={"from_": "from"}):
    """When notices wait, by the interpreter's own clock; may run over midnight."""

    from_: ClockTime
    to: ClockTime

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """Quiet hours have a length."""
        if value.get("from") is not None and value.get("from") == value.get("to"):
            detail = "They must end at another time than they start"
            yield FieldError(pointer=f"{pointer}/to", code="ends-before-start", detail=detail)


Languages: TypeAlias = Annotated[list[LanguageIn], Meta(min_length=1, max_length=50)]


def reachable(value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
    """One of `phone` and `email` is needed."""
    if value.get("phone") is None and value.get("email") is None:
        detail = "A telephone number or an e-mail address is needed"
        yield FieldError(pointer=f"{pointer}/phone", code="required", detail=detail)


def each_once(value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
    """No language stands twice, under whatever names."""
    listed = value.get("languages")
    seen: set[str] = set()
    for place, item in enumerate(listed if isinstance(listed, list) else ()):
        code = _code(item)
        if code is not None and code in seen:
            detail = "This language is listed already"
            at = f"{pointer}/languages/{place}/code"
            yield FieldError(pointer=at, code="duplicate", detail=detail)
        seen.add(code or "")


def converted(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the body's fields in the application's words."""
    if "languages" in fields:
        fields["languages"] = tuple(one.language() for one in fields["languages"])
    if "home" in fields:
        home = fields.pop("home") or HomeIn()
        fields |= msgspec.structs.asdict(home)
    if fields.get("quiet_hours") is not None:
        quiet = fields["quiet_hours"]
        fields["quiet_hours"] = {"from": quiet.from_, "to": quiet.to}
    for name in ("modes", "topics"):
        if name in fields:
            fields[name] = tuple(dict.fromkeys(fields[name]))
    return fields


def _code(item: Any) -> str | None:
    text = item.get("code") if isinstance(item, dict) else None
    if not isinstance(text, str):
        return None
    try:
        return resolve(text).language.code
    except Refusal:
        return None
