"""What an institution asked for lately: it stands on top of the lists of its forms."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.bookings import BookingFilter, list_bookings
from interpreters.application.requests import Request, RequestFilter, list_requests
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller

RECENT: Final = 60


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Languages, the last used first, with how often; the place used last, and the number that
    interpreters last were to call; and the interpreters booked most, as (id, name).
    """

    languages: Mapping[str, int]
    site_id: str | None
    number: str | None
    interpreters: list[tuple[str, str]]


async def known_of(db: Db, caller: Caller, *, institution_id: UUID | None) -> Known:
    """Return what was asked for lately."""
    asked = await list_requests(
        db, caller, wanted=lambda: RequestFilter(institution_id=institution_id), before=None,
        limit=RECENT,
    )  # fmt: skip
    made = await list_bookings(
        db, caller, wanted=lambda: BookingFilter(institution_id=institution_id), before=None,
        limit=RECENT,
    )  # fmt: skip
    return Known(
        languages=Counter(one.request.languages[0] for one in asked),
        site_id=next(
            (ids.show_id(ids.SITE, one.request.site_id) for one in asked if one.request.site_id),
            None,
        ),
        number=next(filter(None, (_number(one.request) for one in asked)), None),
        interpreters=_most(
            (ids.show_id(ids.INTERPRETER, one.booking.interpreter_id), one.booking.interpreter_name)
            for one in made
        ),
    )


def _number(request: Request) -> str | None:
    connect = request.connect or {}
    return connect.get("number") if connect.get("by") == "interpreter" else None


def _most(found: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [one for one, _ in Counter(found).most_common()]
