"""What tariffs and cancellation policies have in common: a name and the days they hold."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta

from interpreters.domain.errors import FieldError
from interpreters.http.fields import In, Name
from interpreters.http.usage import Day

IsDefault: TypeAlias = Annotated[
    bool,
    Meta(
        description="Whether it is for every institution of the network that has none of its own."
    ),
]
FirstDay: TypeAlias = Annotated[Day, Meta(description="The first day it holds, at the place.")]
EndDay: TypeAlias = Annotated[Day, Meta(description="The first day it no longer holds.")]


class DatedIn(In, frozen=True, kw_only=True):
    """Rules with a name, from a day on."""

    name: Name
    default: IsDefault = False
    valid_from: FirstDay
    valid_until: EndDay | None = None

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """What is wrong between fields, where each of them is right."""
        try:
            sent = msgspec.convert(value, cls)
        except msgspec.ValidationError:
            return
        if sent.valid_until is not None and sent.valid_until <= sent.valid_from:
            detail = "It must end after it begins"
            yield FieldError(
                pointer=f"{pointer}/valid_until", code="ends-before-start", detail=detail
            )
        for one in sent.inner_errors():
            yield msgspec.structs.replace(one, pointer=pointer + one.pointer)

    def inner_errors(self) -> Sequence[FieldError]:
        """Return what is wrong between the rules themselves."""
        raise NotImplementedError
