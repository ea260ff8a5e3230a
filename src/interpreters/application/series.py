"""A series: one order, and a request for each date of its rule."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from interpreters.application.opening_hours import is_closed
from interpreters.application.request_orders import RequestOrder
from interpreters.application.wanting import Wanted
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Invalid
from interpreters.domain.ids import new_id
from interpreters.domain.parties import changed_details
from interpreters.domain.series import Date, dates, read_series, shifted
from interpreters.domain.windows import Window
from interpreters.sql import requests, series
from interpreters.sql.requests import Request

CLOSED: Final = "closed"  # dates on which the site is closed are left out
TIMES: Final = ("earliest", "latest")  # of an order's details


async def open_series(
    db: Db, caller: Caller, *, order: RequestOrder, wanted: Wanted, now: datetime
) -> list[Wanted]:
    """Return what is wanted on each date; without a rule that is the one thing asked for.

    Raises:
        Invalid: see `dates_of`.
    """
    if order.recurrence is None:
        return [wanted]
    found = dates_of(caller, order=order, wanted=wanted)
    series_id = new_id(now)
    await series.insert(
        db,
        network_id=caller.network_id,
        series_id=series_id,
        institution_id=wanted.institution.id,
        rule=read_series(order.recurrence).text,
        now=now,
    )
    ids = sorted(new_id(now) for _ in found)  # the order of locks is that of the dates
    return [
        _on(wanted, one, id=key, series_id=series_id, series_position=place)
        for place, (key, one) in enumerate(zip(ids, found, strict=True), start=1)
    ]


def dates_of(caller: Caller, *, order: RequestOrder, wanted: Wanted) -> list[Date]:
    """Return the dates of an order with a rule, without those that it leaves out.

    Raises:
        Invalid: at `/recurrence`: no rule for a series, or dates on which the site is closed,
            each of them named.
    """
    assert order.recurrence is not None  # the caller looked
    request = wanted.request
    found = dates(
        read_series(order.recurrence), first=request.session.starts_at, time_zone=request.time_zone
    )
    closed = [one for one in found if _is_closed(wanted, one)]
    if order.recurrence_skips == CLOSED:
        kept = [one for one in found if one not in closed]
        if not kept:
            raise Invalid([_error("no-date", "The site is closed on every date")])
        return kept
    if closed and not caller.is_coordinator:
        raise Invalid([_error("site-closed", _closed_on(one)) for one in closed])
    return found


def first_of(wanted: Wanted, found: Sequence[Date]) -> Wanted:
    """Return what is wanted on the first of the dates."""
    return _on(wanted, found[0])


async def hold_series(db: Db, *, network_id: UUID, series_id: UUID) -> list[Request]:
    """Hold every request of the series, in the order of their ids; return them in that of dates.

    Like any request they are held before their people: `docs/dispatch.md`, the order of locks.
    """
    ids = await series.hold(db, network_id=network_id, series_id=series_id)
    held = await requests.get_many(db, network_id=network_id, ids=ids)
    return sorted(held.values(), key=lambda one: (one.series_position or 0, one.id))


def _on(wanted: Wanted, one: Date, **identity: Any) -> Wanted:
    request = wanted.request
    length = request.session.ends_at - request.session.starts_at
    details = changed_details(request.details, {}, was=request.session.starts_at, to=one.starts_at)
    dated = msgspec.structs.replace(
        request,
        session=Window(starts_at=one.starts_at, ends_at=one.starts_at + length),
        wall_starts_at=one.wall,
        details=_moved(details, by=one.wall - request.wall_starts_at, time_zone=request.time_zone),
        **identity,
    )
    return msgspec.structs.replace(wanted, request=dated)


def _moved(value: Any, *, by: timedelta, time_zone: str) -> Any:
    """Return the details with the times in them (a flexible start) moved by the clock."""
    if isinstance(value, list):
        return [_moved(one, by=by, time_zone=time_zone) for one in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: _moved_instant(each, by, time_zone)
        if name in TIMES and isinstance(each, str)
        else _moved(each, by=by, time_zone=time_zone)
        for name, each in value.items()
    }


def _moved_instant(text: str, by: timedelta, time_zone: str) -> str:
    instant = msgspec.convert(text, datetime)
    moved: str = msgspec.to_builtins(shifted(instant, by=by, time_zone=time_zone))
    return moved


def _is_closed(wanted: Wanted, one: Date) -> bool:
    return is_closed(
        institution=wanted.institution,
        site=wanted.site,
        modes=wanted.request.modes,
        starts_at=one.starts_at,
        duration_minutes=wanted.request.duration_minutes,
    )


def _closed_on(one: Date) -> str:
    return f"The site is closed on {one.wall:%Y-%m-%d} at {one.wall:%H:%M}, or in part"


def _error(code: str, detail: str) -> FieldError:
    return FieldError(pointer="/recurrence", code=code, detail=detail)
