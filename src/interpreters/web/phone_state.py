"""`/app/state`: everything an interpreter's phone shows, in one call, told in their language."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final

import msgspec
from babel.dates import get_day_names
from litestar import Request, Response, get

from interpreters.application.absences import Absence
from interpreters.application.calls import ask
from interpreters.application.me import Me, show_me
from interpreters.application.phones import Phone, look
from interpreters.database import BUSY, GONE, Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotSignedIn
from interpreters.domain.ids import ABSENCE, INTERPRETER, USER, show_id, show_some
from interpreters.domain.told_sessions import language_name, tell_moment
from interpreters.domain.windows import zone
from interpreters.domain.wording import direction, locale_of
from interpreters.http.availability import AvailabilityView
from interpreters.http.problems import on_lost_database
from interpreters.http.roster_views import InterpreterView
from interpreters.web.assets import packed
from interpreters.web.entrance import token_in
from interpreters.web.phone_telling import Reader, pay_of, told_jobs, told_offers
from interpreters.web.phone_texts import LEVELS
from interpreters.web.rendering import language_of

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PRIVATE: Final = {"Cache-Control": "no-store"}
AnyRequest = Request[Any, Any, Any]
Json = dict[str, Any]
# The app reads problems as JSON, so the framework's own answers to other refusals may stand.
LOST: Final[dict[int | type[Exception], Any]] = dict.fromkeys((*GONE, *BUSY), on_lost_database)


@get("/app/state", include_in_schema=False, exception_handlers=LOST)
async def state(request: AnyRequest) -> Response[bytes]:
    """What the phone shows; to nobody in particular, that nobody is signed in.

    That is no refusal: the app asks before it knows, and browsers would complain.
    """
    now: datetime = request.app.state.clock()
    try:
        token = token_in(request)
        told = await _told(request, token, now)
    except NotSignedIn:
        told = {"who": None}
    except Forbidden:
        told = {"who": None, "other": True}
    return packed(request, msgspec.json.encode(told), "application/json", PRIVATE)


async def own_language(request: AnyRequest) -> str | None:
    """Return the language of whoever is signed in; None of nobody."""
    try:
        token = token_in(request)
        me = await ask(
            request.app.state.pool, token=token, now=request.app.state.clock(), work=show_me
        )
    except (NotSignedIn, *GONE, *BUSY):
        return None
    return None if me.user is None else me.user.language


async def _told(request: AnyRequest, token: str, now: datetime) -> Json:
    async def work(db: Db, caller: Caller) -> tuple[Phone, Caller]:
        return await look(db, caller, now=now), caller

    role = "interpreter" if token.startswith("st_") else None
    found, caller = await ask(request.app.state.pool, token=token, now=now, work=work, role=role)
    language = language_of(request, _language_of(found.me))
    return told_state(found, caller, language=language, now=now)


def told_state(found: Phone, caller: Caller, *, language: str, now: datetime) -> Json:
    """Return all of it as plain values."""
    time_zone = found.profile.interpreter.time_zone
    reader = Reader(caller, language, time_zone, now)
    offers = list(found.offers)
    return {
        "who": show_some(USER, caller.user_id) or show_some(INTERPRETER, caller.interpreter_id),
        "now": now,
        "now_text": tell_moment(language, now, time_zone),
        "lang": language,
        "dir": direction(language),
        "network": found.me.network.name,
        "offers": told_offers(reader, offers),
        "jobs": told_jobs(reader, list(found.jobs), rooms=found.rooms, pay=pay_of(offers)),
        "hours": _hours(reader, found),
        "me": _me(reader, found),
    }


def _hours(reader: Reader, found: Phone) -> Json:
    view = AvailabilityView.of(found.availability, reader.caller)
    names: Mapping[int, str] = get_day_names(
        "wide", context="stand-alone", locale=locale_of(reader.language)
    )
    until = view.available_until
    return {
        "weekly": view.weekly,
        "outside_hours": view.outside_hours,
        "version": view.version,
        "time_zone": view.time_zone,
        "days": [[day, names[number]] for number, day in enumerate(DAYS)],
        "until": until,
        "until_text": None if until is None else reader.moment(until),
        "absences": [
            _away(reader, one)
            for one in sorted(found.absences, key=lambda each: each.starts_at)
            if one.ends_at > reader.now
        ],
    }


def _away(reader: Reader, one: Absence) -> Json:
    """Return a time away; of whole days the first and the last one, by the interpreter's clock."""
    first, end = (at.astimezone(zone(reader.time_zone)) for at in (one.starts_at, one.ends_at))
    tell = reader.tell
    if first.time() == end.time() == time.min:
        days = [tell.short_day(first.date()), tell.short_day(end.date() - timedelta(days=1))]
    else:
        days = [tell.moment(one.starts_at), tell.moment(one.ends_at)]
    return {
        "id": show_id(ABSENCE, one.id),
        "days": list(dict.fromkeys(days)),
        "own": one.source == "own",
    }


def _me(reader: Reader, found: Phone) -> Json:
    view = InterpreterView.of(found.profile, reader.caller)
    person = found.me.user
    return {
        "id": view.id,
        "name": view.display_name,
        "languages": [
            {
                "name": language_name(reader.language, one.code),
                "level": reader.say(LEVELS[one.level]),
                "dialects": one.dialects,
            }
            for one in view.languages
        ],
        "phone": view.phone,
        "email": view.email,
        "city": found.profile.interpreter.city,
        "radius": view.travel_radius_km,
        "urgent": view.urgent_opt_in,
        "quiet": view.quiet_hours,
        "notify": view.notify,
        "is_person": person is not None,
        "language": _language_of(found.me),
    }


def _language_of(me: Me) -> str | None:
    return None if me.user is None else me.user.language


ROUTES = (state,)
