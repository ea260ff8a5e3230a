"""A request changed by those who asked; what changes the search starts it anew."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from interpreters.application import relays
from interpreters.application.confirming import reopen_seats
from interpreters.application.dispatch import Step, save_step, take_step
from interpreters.application.fallbacks import as_asked, with_consent
from interpreters.application.funding_fits import known_funding
from interpreters.application.notices import offer_notice, request_notice
from interpreters.application.opening_hours import refuse_closed
from interpreters.application.parties import regrouped
from interpreters.application.request_orders import wall_time
from interpreters.application.shown_requests import ASKERS, ShownRequest, own_request, shown
from interpreters.application.wanting import wanted_of
from interpreters.database import Db
from interpreters.domain.briefings import BRIEFING
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import FieldError, Invalid, Stale, WrongState
from interpreters.domain.parties import PARTIES, changed_details
from interpreters.domain.requests import is_emergency, refuse_wrong_state
from interpreters.domain.windows import Window
from interpreters.sql import institutions, offers, request_seats, requests, sites
from interpreters.sql.outbox import Notice
from interpreters.sql.requests import Request

# What changes whom the search finds: it starts the search anew, and never under a booking.
SEARCHED: Final = (
    "session", "modes", "topic", "requirements", "fallbacks", "emergency", "details",
)  # fmt: skip


async def change_request(
    db: Db,
    caller: Caller,
    *,
    request_id: UUID,
    if_match: int | None,
    change: Callable[[], Mapping[str, Any]],
    now: datetime,
) -> ShownRequest:
    """Change the given fields; what changes the search starts it anew.

    Raises:
        NotFound: there is none such in what the caller may see.
        Stale: it was changed since the version in If-Match.
        WrongState: it is over, or somebody is booked and the change is significant.
        RoomIsTaken: people who must not be met have the room then.
        Invalid: `unknown-funding`, or what the fields together may not be.
    """
    permit(caller, "requests:write", *ASKERS)
    await own_request(db, caller, request_id=request_id)
    request = await requests.lock(db, network_id=caller.network_id, request_id=request_id)
    assert request is not None  # it was just read, and requests are not deleted
    if if_match not in (None, request.version):
        raise Stale
    saved = await change_held(db, caller, request=request, fields=change(), now=now)
    return (await shown(db, caller.network_id, [saved]))[0]


async def change_held(
    db: Db, caller: Caller, *, request: Request, fields: Mapping[str, Any], now: datetime
) -> Request:
    """Change a request that is held.

    Raises:
        Invalid, WrongState: see `change_request`.
    """
    refuse_wrong_state(state=request.state, verb="change")
    changed = _changed(request, dict(fields))
    _refuse_modes(changed)
    await _refuse_closed(db, caller, request, changed)
    if changed.funding_id not in (None, request.funding_id):
        await known_funding(db, caller.network_id, changed.funding_id)
    if changed.room_id != request.room_id:
        await _refuse_with_somebody(db, caller.network_id, request)
    changed = await regrouped(
        db, network_id=caller.network_id, was=request, changed=changed, now=now
    )
    notices = [request_notice(changed, "request.changed")]
    if all(getattr(changed, name) == getattr(request, name) for name in SEARCHED):
        step = Step(request=changed, notices=notices)
        return await save_step(db, network_id=caller.network_id, step=step, now=now)
    await _refuse_with_somebody(db, caller.network_id, request)
    changed = with_consent(as_asked(changed), caller, now=now)
    notices += await relays.end(
        db, network_id=caller.network_id, request=request, now=now, offers_are="withdrawn"
    )
    return await _search_anew(db, caller.network_id, changed, notices, now)


def _changed(request: Request, fields: dict[str, Any]) -> Request:
    """A request for now that is given a time is for that time.

    A series says too what the clock should show (`wall_starts_at`), also when it leaves that out.
    """
    starts_at = fields.pop("starts_at", None)
    start = starts_at or request.session.starts_at
    wall = fields.pop("wall_starts_at", None) or wall_time(start, request.time_zone)
    minutes = fields.get("duration_minutes", request.duration_minutes)
    given: dict[str, Any] = {
        name: fields.pop(name) for name in (PARTIES, BRIEFING) if name in fields
    }
    return msgspec.structs.replace(
        request,
        **fields,
        session=Window(starts_at=start, ends_at=start + timedelta(minutes=minutes)),
        details=changed_details(request.details, given, was=request.session.starts_at, to=start),
        starts_now=request.starts_now and starts_at is None,
        wall_starts_at=wall,
        emergency=is_emergency(
            priority=fields.get("priority", request.priority),
            topic=fields.get("topic", request.topic),
        )
        if {"priority", "topic"} & fields.keys()
        else request.emergency,
    )


def _refuse_modes(changed: Request) -> None:
    if "in_person" not in changed.modes:
        return
    if changed.site_id is None:
        raise Invalid([_modes_error("needs-site", "In person needs a site")])
    if changed.starts_now:
        raise Invalid([_modes_error("now-is-remote", "Only phone and video can start now")])


async def _refuse_closed(db: Db, caller: Caller, was: Request, changed: Request) -> None:
    """Only what moves the session, or leaves it in person alone, is looked at."""
    if changed.site_id is None or (changed.session, changed.modes) == (was.session, was.modes):
        return
    institution = await institutions.find(
        db, network_id=caller.network_id, institution_id=changed.institution_id
    )
    assert institution is not None  # the foreign key holds it
    refuse_closed(
        caller,
        institution=institution,
        site=await sites.find(db, network_id=caller.network_id, site_id=changed.site_id),
        modes=changed.modes,
        starts_at=changed.session.starts_at,
        duration_minutes=changed.duration_minutes,
    )


def _modes_error(code: str, detail: str) -> FieldError:
    return FieldError(pointer="/modes", code=code, detail=detail)


async def _refuse_with_somebody(db: Db, network_id: UUID, request: Request) -> None:
    """Nobody's booking changes under them, also not that of one who waits for the team."""
    found = await request_seats.states(db, network_id=network_id, request_ids=[request.id])
    if {"held", "filled", "closed"} & set(found[request.id].values()):
        raise WrongState("Somebody is booked: cancel and ask anew, so that they are told")


async def _search_anew(
    db: Db, network_id: UUID, request: Request, notices: list[Notice], now: datetime
) -> Request:
    ended = await offers.close(db, network_id=network_id, request_id=request.id, state="withdrawn")
    notices += [offer_notice(one, "offer.withdrawn") for one in ended]
    await reopen_seats(db, network_id=network_id, request=request)
    fresh = msgspec.structs.replace(
        request, state="searching", ladder_started_at=now, wave=0, unfilled_reason=None,
        excluded=None,
    )  # fmt: skip
    if request.state == "unfilled":
        notices.append(request_notice(fresh, "request.searching"))
    wanted = await wanted_of(db, network_id=network_id, request=fresh)
    step = await take_step(db, wanted=wanted, now=now)
    step.notices = [*notices, *step.notices]
    return await save_step(db, network_id=network_id, step=step, now=now)
