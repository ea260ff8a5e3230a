"""How somebody wants to be told things: by which ways, for each kind of news."""

from collections.abc import Iterator
from typing import Annotated, Any, Final, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from interpreters.domain.errors import FieldError
from interpreters.domain.notices_to_people import Way
from interpreters.http.fields import In, given, page_language_tag

Ways: TypeAlias = Annotated[list[Way], Meta(max_length=3)]
NEVER_SILENT: Final = ("offers", "changes")


class Notify(In, frozen=True, kw_only=True):
    """For each kind the ways, the dearest first: the first that can be used carries it.

    `offers`: what waits for an answer, and how it ended. `changes`: what else happens to bookings
    and requests. `reminders`: of sessions that are near; an empty list means none. A kind that is
    left out goes the usual way, with a push beside it where a browser takes them.
    """

    offers: Ways | UnsetType = UNSET
    changes: Ways | UnsetType = UNSET
    reminders: Ways | UnsetType = UNSET

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """Nobody is left in the dark, and no way stands twice."""
        for kind, ways in value.items():
            if not isinstance(ways, list):
                continue
            if not ways and kind in NEVER_SILENT:
                detail = "Name one way at least: these can not be switched off"
                yield FieldError(pointer=f"{pointer}/{kind}", code="required", detail=detail)
            for place, way in enumerate(ways):
                if way in ways[:place]:
                    at = f"{pointer}/{kind}/{place}"
                    yield FieldError(pointer=at, code="duplicate", detail="It stands there twice")

    def plain(self) -> dict[str, Any]:
        """Return the kinds that were sent, in the application's words."""
        return given(**msgspec.structs.asdict(self))


def told_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a body's fields with `language` and `notify` in the application's words."""
    if fields.get("language") is not None:
        fields["language"] = page_language_tag(fields["language"])
    if fields.get("notify") is not None:
        fields["notify"] = fields["notify"].plain()
    return fields


def notify_of(choice: Any) -> Notify | None:
    """Shape a choice as it is answered."""
    return None if choice is None else msgspec.convert(choice, Notify)
