"""One date of a series changed or called off, with those that follow, or with all: or none.

The whole series is held first, its requests by their ids, then their people: so two who change it
at once wait in one line, and a yes to an offer of it waits or is waited for.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec

from interpreters.application.cancelling import Why, cancel_held, cancel_request
from interpreters.application.request_changes import change_held, change_request
from interpreters.application.request_orders import wall_time
from interpreters.application.series import hold_series
from interpreters.application.shown_requests import ASKERS, ShownRequest, find_request, shown
from interpreters.database import Db
from interpreters.domain.bookings import LIVE
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import FieldError, Invalid, Stale, WrongState
from interpreters.domain.ids import REQUEST, show_id
from interpreters.domain.parties import PARTIES, shifted_parties
from interpreters.domain.requests import RequestVerb, can, refuse_wrong_state
from interpreters.domain.series import at_wall
from interpreters.sql import bookings, interpreters
from interpreters.sql.requests import Request

Scope: TypeAlias = Literal["this", "following", "all"]


class Other(msgspec.Struct, frozen=True, kw_only=True):
    """Another date that was meant; what is over or called off is left as it is."""

    request: Request
    changed: bool


class Together(msgspec.Struct, frozen=True, kw_only=True):
    """The request that was named; `others` of its series, None where only it was meant."""

    shown: ShownRequest
    others: Sequence[Other] | None = None


async def change_requests(
    db: Db,
    caller: Caller,
    *,
    request_id: UUID,
    if_match: int | None,
    scope: Callable[[], Scope],
    change: Callable[[], Mapping[str, Any]],
    now: datetime,
) -> Together:
    """Change the given fields of a request, or of more of its series.

    A new start moves each date by the same difference of the clock at the place.

    Raises:
        NotFound: there is none such in what the caller may see.
        Stale: the request was changed since the version in If-Match.
        Invalid: it is in no series; or fields, and which dates they do not fit.
        WrongState: the request is over, or somebody is booked on the dates named.
    """
    found = await _found(db, caller, request_id)
    if if_match not in (None, found.version):
        raise Stale
    meant = scope()
    if meant == "this":
        one = await change_request(
            db, caller, request_id=request_id, if_match=if_match, change=change, now=now
        )
        return Together(shown=one)
    named, others = await _held(db, found, meant, caller.network_id)
    if if_match not in (None, named.version):
        raise Stale
    going = [one for one in others if _is_ahead(one, "change", now)]
    changed = await _change_each(db, caller, named, going, change(), now)
    return await _together(db, caller.network_id, named, others, changed)


async def cancel_requests(
    db: Db,
    caller: Caller,
    *,
    request_id: UUID,
    if_match: int | None = None,
    scope: Callable[[], Scope],
    why: Callable[[], Why],
    now: datetime,
) -> Together:
    """Call a request off, or more of its series: what has not begun.

    Raises:
        NotFound: there is none such in what the caller may see.
        Stale: the request was changed since the version in If-Match.
        Invalid: it is in no series.
        WrongState: nothing is left to call off, or a session of the request is going on.
    """
    found = await _found(db, caller, request_id)
    meant = scope()
    if meant == "this":
        one = await cancel_request(
            db, caller, request_id=request_id, if_match=if_match, why=why, now=now
        )
        return Together(shown=one)
    given = why()
    named, others = await _held(db, found, meant, caller.network_id)
    if if_match not in (None, named.version):
        raise Stale
    busy = await _hold_people(db, caller.network_id, [named, *others])
    going = [one for one in others if one.id not in busy and _is_ahead(one, "cancel", now)]
    if can(state=named.state, verb="cancel"):
        going = [named, *going]
    elif not going and named.cancelled_at is None:
        refuse_wrong_state(state=named.state, verb="cancel")
    gone = {
        one.id: await cancel_held(db, caller, request=one, given=given, now=now) for one in going
    }
    return await _together(db, caller.network_id, named, others, gone)


async def _found(db: Db, caller: Caller, request_id: UUID) -> Request:
    permit(caller, "requests:write", *ASKERS)
    return await find_request(db, caller, request_id=request_id)


async def _held(
    db: Db, found: Request, scope: Scope, network_id: UUID
) -> tuple[Request, list[Request]]:
    """Hold the series; return the request as it is now, and the others that are meant."""
    if found.series_id is None:
        detail = "The request is in no series: only `this`"
        raise Invalid([FieldError(pointer="/scope", code="not-in-a-series", detail=detail)])
    held = await hold_series(db, network_id=network_id, series_id=found.series_id)
    named = next(one for one in held if one.id == found.id)
    first = 0 if scope == "all" else named.series_position or 0
    others = [one for one in held if one is not named and (one.series_position or 0) >= first]
    return named, others


async def _change_each(
    db: Db,
    caller: Caller,
    named: Request,
    going: Sequence[Request],
    fields: Mapping[str, Any],
    now: datetime,
) -> dict[UUID, Request]:
    """Change all of them; what is refused for some is said of each, and nothing is kept."""
    by = _difference(named, fields.get("starts_at"))
    refuse_wrong_state(state=named.state, verb="change")
    changed: dict[UUID, Request] = {}
    booked: list[Request] = []
    wrong: list[FieldError] = []
    later = by > timedelta(0)  # then the last date makes room for the one before it
    for one in sorted([named, *going], key=lambda each: each.session.starts_at, reverse=later):
        try:
            own = dict(fields) if one is named else _moved_fields(one, named, fields, by, now)
            own["wall_starts_at"] = one.wall_starts_at + by
            changed[one.id] = await change_held(db, caller, request=one, fields=own, now=now)
        except WrongState:
            booked.append(one)
        except Invalid as invalid:
            if one is named:  # as it would be refused alone
                raise
            wrong += [_dated(error, one) for error in invalid.errors]
    _refuse(booked, wrong)
    return changed


async def _hold_people(db: Db, network_id: UUID, meant: Sequence[Request]) -> set[UUID]:
    """Hold everybody who is booked, by their ids; return the requests with a session going on."""
    ids = [one.id for one in meant]
    made = await bookings.of_requests(db, network_id=network_id, request_ids=ids)
    for person in sorted({one.interpreter_id for one in made if one.state in LIVE}):
        await interpreters.lock(db, network_id=network_id, interpreter_id=person)
    return {one.request_id for one in made if one.state == "in_progress"}


def _is_ahead(one: Request, verb: RequestVerb, now: datetime) -> bool:
    return can(state=one.state, verb=verb) and one.session.starts_at > now


def _difference(named: Request, starts_at: datetime | None) -> timedelta:
    """Return by how much the clock at the place is to show more.

    Nothing when it starts as before, also in an hour that the clock of its place leaves out.
    """
    if starts_at is None or starts_at == named.session.starts_at:
        return timedelta(0)
    return wall_time(starts_at, named.time_zone) - named.wall_starts_at


def _moved_fields(
    one: Request, named: Request, fields: Mapping[str, Any], by: timedelta, now: datetime
) -> dict[str, Any]:
    """Return the change for another date than the one that was named."""
    own = {name: value for name, value in fields.items() if name != "starts_at"}
    if by:
        own["starts_at"] = at_wall(one.wall_starts_at + by, time_zone=one.time_zone)
        if own["starts_at"] <= now:
            detail = "This would be in the past"
            raise Invalid([FieldError(pointer="/starts_at", code="in-the-past", detail=detail)])
    if fields.get(PARTIES):  # said of the date that was named
        was = fields.get("starts_at", named.session.starts_at)
        to = own.get("starts_at", one.session.starts_at)
        own[PARTIES] = shifted_parties(fields[PARTIES], was=was, to=to)
    return own


def _refuse(booked: Sequence[Request], wrong: Sequence[FieldError]) -> None:
    if wrong:
        raise Invalid(wrong)
    if booked:
        ids = [show_id(REQUEST, one.id) for one in booked]
        days = ", ".join(
            f"{key} ({one.wall_starts_at:%Y-%m-%d})" for key, one in zip(ids, booked, strict=True)
        )
        raise WrongState(
            f"Somebody is booked; nothing was changed. Cancel and ask anew, or leave out: {days}",
            options=ids,
        )


def _dated(error: FieldError, one: Request) -> FieldError:
    detail = f"{one.wall_starts_at:%Y-%m-%d}: {error.detail}"
    return msgspec.structs.replace(error, detail=detail)


async def _together(
    db: Db,
    network_id: UUID,
    named: Request,
    others: Sequence[Request],
    changed: Mapping[UUID, Request],
) -> Together:
    (first,) = await shown(db, network_id, [changed.get(named.id, named)])
    return Together(
        shown=first,
        others=[
            Other(request=changed.get(one.id, one), changed=one.id in changed) for one in others
        ],
    )
