"""What is asked when somebody did not come, or left: the rest of the session, by phone or video.

Nobody can be somewhere at once, so a session that has begun is searched again from now to its end,
in the remote modes that were asked for or are allowed (`other_mode`); there is no briefing any
more. Of somebody who is missed before the start the remote modes are asked together with the
others.
"""

from datetime import datetime

import msgspec

from interpreters.application.fallbacks import USED, asked_of
from interpreters.application.request_orders import wall_time
from interpreters.domain.briefings import BRIEFING
from interpreters.domain.fallbacks import allowed, is_leg, other_modes
from interpreters.domain.windows import Window
from interpreters.sql.bookings import Booking
from interpreters.sql.requests import Request

IN_PERSON = "in_person"


def for_the_rest(request: Request, *, gone: Booking, now: datetime) -> Request:
    """Return the request as it is searched again; as it is where nothing else could help.

    Teams and relays stay as they are: the others are there, at their time, in their mode.
    """
    team = request.interpreters_needed > 1
    if team or is_leg(seat=gone.seat, interpreters_needed=request.interpreters_needed):
        return request
    modes = _remote_modes(request)
    if not modes:
        return request
    if now < request.session.starts_at:
        missed = gone.state == "interpreter_no_show"
        both = [*request.modes, *(one for one in modes if one not in request.modes)]
        return _noted(request, modes=both) if missed else request
    ends_at = max(request.session.ends_at, gone.session.ends_at)
    if now >= ends_at:
        return request
    rest = Window(starts_at=now, ends_at=ends_at)
    moved = msgspec.structs.replace(
        request,
        session=rest,
        starts_now=True,
        wall_starts_at=wall_time(now, request.time_zone),
        duration_minutes=rest.minutes,
        details={name: one for name, one in request.details.items() if name != BRIEFING},
    )
    return _noted(moved, modes=modes)


def _remote_modes(request: Request) -> list[str]:
    asked = [one for one in request.modes if one != IN_PERSON]
    if not allowed(request.fallbacks).other_mode:
        return asked
    return asked + [one for one in other_modes(asked_of(request)) if one != IN_PERSON]


def _noted(request: Request, *, modes: list[str]) -> Request:
    """Write down that other modes are asked than were; whoever asked reads it there."""
    if list(request.modes) == modes:
        return request
    words = " or ".join(one.replace("_", " ") for one in modes)
    one = {"code": "other_mode", "detail": f"asked for {words}: the session was to begin"}
    used = [*request.details.get(USED, ()), one]
    return msgspec.structs.replace(request, modes=modes, details={**request.details, USED: used})
