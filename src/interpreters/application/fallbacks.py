"""A request as a fallback asks for it; and what of that is written down with the request."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from interpreters.application.wanting import Wanted
from interpreters.domain import fallbacks
from interpreters.domain.briefings import briefing_of
from interpreters.domain.callers import Caller
from interpreters.domain.fallbacks import Asked, Place
from interpreters.domain.ids import KEY, USER, show_id
from interpreters.domain.language_neighbours import Neighbour
from interpreters.domain.windows import Window, at_place
from interpreters.sql.offers import Offer
from interpreters.sql.requests import Request

# Names in a request's details: of what was asked instead, the start that was wished before the
# request was moved, and who said that the client agreed to a language near their own.
USED: Final = "fallbacks_used"
WISHED: Final = "wished_starts_at"
CONSENT: Final = "language_consent"
SOMEBODY: Final = ("held", "filled", "closed")


def steps_from_here(request: Request) -> list[str]:
    """Return the steps that the search may still take after the one it is at."""
    found = steps_of(request)
    return fallbacks.following(found, request.fallback) if found else []


def steps_of(request: Request) -> list[str]:
    """Return all steps that the request allows."""
    if not any(request.fallbacks.values()):
        return []
    return fallbacks.steps(asked_of(request), fallbacks.allowed(request.fallbacks))


def asked_of(request: Request) -> Asked:
    """Return what was asked for, as far as steps depend on it."""
    return Asked(
        languages=request.languages,
        working_language=request.working_language,
        modes=request.modes,
        topic=request.topic,
        interpreters_needed=request.interpreters_needed,
        starts_now=request.starts_now,
        has_site=request.site_id is not None,
        was_moved=WISHED in request.details,
    )


def varied(
    wanted: Wanted, *, step: str | None, now: datetime, seats: Sequence[str] = ()
) -> Wanted | None:
    """Return the request as the step asks for it; None when that cannot be any more.

    `seats` are the states of its seats: where somebody said yes, the time stays. Not for relays.
    """
    if step is None:
        return wanted
    request, code = wanted.request, fallbacks.code_of(step)
    others = modes_besides(wanted)
    if code == "other_mode":
        near = "in_person" in request.modes
        return _with(wanted, near=near, modes=others)
    if code == "remote":
        return _with(wanted, modes=[mode for mode in others if mode != "in_person"])
    if code == "other_time":
        return None if set(SOMEBODY) & set(seats) else _at_another_time(wanted, step, now)
    near_languages = fallbacks.stand_ins(asked_of(request))
    if not near_languages:
        return None
    return _with(
        wanted, modes=modes_of(wanted), languages=[one.language.code for one in near_languages]
    )


def modes_of(wanted: Wanted) -> list[str]:
    """Return the modes that were asked for, and after them those allowed besides."""
    may = fallbacks.allowed(wanted.request.fallbacks)
    return [*wanted.request.modes, *(modes_besides(wanted) if may.other_mode else ())]


def modes_besides(wanted: Wanted) -> list[str]:
    """Return the modes not asked for that could be: nobody comes to a place that is closed."""
    place = _place(wanted)
    closed = place is not None and not place.is_open(wanted.request.session)
    others = fallbacks.other_modes(asked_of(wanted.request))
    return [mode for mode in others if mode != "in_person" or not closed]


def _place(wanted: Wanted) -> Place | None:
    site = wanted.site
    if site is None:
        return None
    return Place(
        hours=site.opening_hours, time_zone=site.time_zone, country=wanted.institution.country
    )


def asked_about(request: Request, made: Sequence[Offer]) -> set[UUID]:
    """Return whom not to ask about the request as it is: whoever was asked about this before.

    That is: about this time and one of these modes. Who said no to another time or mode may be
    asked, once nothing else is open that they have not answered. What was withdrawn does not
    count, nor does silence in an earlier ladder: before the first wave of one nobody was asked in
    it, whatever the clock says.
    """
    began = request.ladder_started_at if request.wave > 0 else None
    return {
        one.interpreter_id
        for one in made
        if one.state == "open"
        or (
            one.state != "withdrawn"
            and one.mode in request.modes
            and one.session in (None, request.session)
            and (one.state == "declined" or (began is not None and one.created_at >= began))
        )
    }


def noted(request: Request, *, step: str | None, detail: str) -> Request:
    """Return the request with the step it is at, and with what it asks for instead written down."""
    if step is None or step == request.fallback:
        return request
    one = {"code": fallbacks.code_of(step), "detail": detail}
    used = [*(each for each in request.details.get(USED, ()) if each != one), one]
    details = {**request.details, USED: used}
    return msgspec.structs.replace(request, fallback=step, details=details)


def detail_of(step: str | None, *, wanted: Wanted, asking: Wanted) -> str:
    """Return what the step asks for instead of what was wanted, in a sentence; not for relays."""
    request = asking.request
    code = "" if step is None else fallbacks.code_of(step)
    if code in ("other_mode", "remote"):
        where = ", also from other regions" if code == "remote" else ""
        return f"asked for {' or '.join(_words(mode) for mode in request.modes)}{where}"
    if code == "other_time":
        there = at_place(instant=request.session.starts_at, time_zone=request.time_zone)
        return f"asked whether {there:%Y-%m-%d %H:%M} would do"
    near = fallbacks.stand_ins(asked_of(wanted.request)) if code else ()
    return "asked for " + ", ".join(_near(one) for one in near)


def at_offered_time(request: Request, offer: Offer) -> Request:
    """Return the request at the time that the offer is about: a yes moves it there."""
    if offer.session in (None, request.session):
        return request
    details = {
        **request.details,
        WISHED: request.details.get(WISHED, request.session.starts_at.isoformat()),
    }
    return msgspec.structs.replace(
        request,
        **_at(request, offer.session),
        details=details,
    )


def as_asked(request: Request) -> Request:
    """Return the request before any fallback: for a search that begins anew."""
    kept = {key: value for key, value in request.details.items() if key not in (USED, WISHED)}
    return msgspec.structs.replace(request, fallback=None, details=kept)


def with_consent(request: Request, caller: Caller, *, now: datetime) -> Request:
    """Return the request with who said that the client agreed to a near language, and when."""
    if not request.fallbacks.get("neighbour_language") or CONSENT in request.details:
        return request
    by = None
    if caller.user_id is not None:
        by = show_id(USER, caller.user_id)
    elif caller.key_id is not None:
        by = show_id(KEY, caller.key_id)
    consent = {"stated_by": by, "at": now.isoformat().replace("+00:00", "Z")}
    return msgspec.structs.replace(request, details={**request.details, CONSENT: consent})


def used_by(request: Request) -> list[Mapping[str, Any]]:
    """Return what was asked instead of what was wished, in order: code and detail."""
    return list(request.details.get(USED, ()))


def _at_another_time(wanted: Wanted, step: str, now: datetime) -> Wanted | None:
    request = wanted.request
    session = fallbacks.shifted(
        wished=wished_session(request),
        minutes=fallbacks.minutes_of(step),
        now=now,
        place=_place(wanted),
        there=list(request.modes) == ["in_person"],
        briefing_minutes=briefing_of(request.details),
    )
    if session is None or session == request.session:
        return None
    moved = msgspec.structs.replace(request, **_at(request, session))
    return msgspec.structs.replace(wanted, request=moved)


def wished_session(request: Request) -> Window:
    """Return the time that was wished at first, whatever the request was moved to."""
    if WISHED not in request.details:
        return request.session
    starts_at = datetime.fromisoformat(request.details[WISHED])
    length = request.session.ends_at - request.session.starts_at
    return Window(starts_at=starts_at, ends_at=starts_at + length)


def _at(request: Request, session: Window | None) -> dict[str, Any]:
    assert session is not None  # whoever calls has looked
    wall = at_place(instant=session.starts_at, time_zone=request.time_zone)
    return {
        "session": session,
        "starts_now": False,
        "wall_starts_at": wall.replace(tzinfo=None),
    }


def _with(wanted: Wanted, *, near: bool = False, **changes: Any) -> Wanted | None:
    if not changes["modes"]:
        return None
    return msgspec.structs.replace(
        wanted,
        request=msgspec.structs.replace(wanted.request, **changes),
        wished_modes=wanted.wished_modes or wanted.request.modes,
        near=near,
    )


def _near(one: Neighbour) -> str:
    return f"{one.language.name} (understood {one.understood} of 100)"


def _words(mode: str) -> str:
    return mode.replace("_", " ")
