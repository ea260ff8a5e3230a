"""A form that changes something: done once, then led on; or shown again with what is in the way."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from litestar import Response

from interpreters.domain.callers import Caller
from interpreters.domain.errors import Invalid, Stale
from interpreters.web.entrance import see_other
from interpreters.web.fields import Fields
from interpreters.web.workplace import Visit, Work

Shown: TypeAlias = Awaitable[Response[Any]]


def nothing(_: object, __: Caller) -> None:
    """Shape a result of which nothing is needed."""


def seen_version(fields: Fields) -> int | None:
    """Return the version that the form was filled from; None where it says none."""
    said = fields.number("version")
    return said if isinstance(said, int) else None


async def saved(
    visit: Visit,
    fields: Fields,
    work: Work[Any],
    *,
    to: Callable[[Any], str],
    wrong: Callable[[Invalid], Shown],
    stale: Callable[[], Shown] | None = None,
    shape: Callable[[Any, Caller], Any] = nothing,
) -> Response[Any]:
    """Do what a form says, once, and lead on to where `to` says of what came of it.

    `wrong` shows the form again as it was filled, `stale` as things stand now: somebody else has
    changed them since. Other refusals are the caller's.
    """
    try:
        made = await visit.once(fields, work, shape)
    except Invalid as refusal:
        return await wrong(refusal)
    except Stale:
        if stale is None:
            raise
        return await stale()
    return see_other(to(made))
