"""A ladder as it comes in: how a search asks, of a network or of one institution."""

from collections.abc import Iterator
from typing import Any

import msgspec

from interpreters.domain.errors import FieldError
from interpreters.domain.ladders import Ladder
from interpreters.domain.matching import Weights


class LadderIn(Ladder, frozen=True, kw_only=True):
    """How a search asks; what is left out is as usual. `version` is counted here."""

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """A step for every lead time."""
        yield from whole(Ladder, value, pointer)


def whole(
    kind: type[Weights | Ladder], value: dict[str, Any], pointer: str
) -> Iterator[FieldError]:
    """Yield what is wrong with all of it, where each part is right."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        if isinstance(error.__cause__, ValueError):
            yield FieldError(pointer=pointer, code="invalid", detail=str(error))
