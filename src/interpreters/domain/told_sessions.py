"""A session as people are told it in mails and texts: languages, mode, when, and where."""

from datetime import datetime
from functools import partial
from typing import Final

import msgspec

from interpreters.domain.briefings import attended
from interpreters.domain.languages import name_in
from interpreters.domain.text_segments import segments
from interpreters.domain.told_times import (
    tell_date,
    tell_short_day,
    tell_time,
    tell_times,
    tell_zone,
)
from interpreters.domain.windows import Window, zone
from interpreters.domain.wording import comma, say

MODES: Final = {"in_person": "In person", "phone": "By phone", "video": "By video"}
MOST_SEGMENTS: Final = 2
LONGEST_PLACE: Final = 12  # characters, of a text that would be too long


class ToldSession(msgspec.Struct, frozen=True, kw_only=True):
    """What may be told of a session: no client, no topic. `place` is an area before the yes.

    The interpreter is there from the briefing on, `briefing_minutes` before it.
    """

    from_language: str
    to_language: str
    mode: str
    session: Window
    time_zone: str
    place: str | None
    briefing_minutes: int = 0


def tell_languages(language: str, one: ToldSession) -> str:
    """Return "Dari - Latvian" with a dash, in the reader's language."""
    names = (language_name(language, one.from_language), language_name(language, one.to_language))
    return " \N{EN DASH} ".join(names)


def tell_session(language: str, one: ToldSession) -> str:
    """Return all of it in one line; the clock is that of the city it names."""
    city = tell_zone(language, one.time_zone)
    parts = [
        tell_languages(language, one),
        say(language, MODES[one.mode]),
        tell_date(language, one.session.starts_at, one.time_zone),
        f"{tell_times(language, one.session, one.time_zone)} ({city})",
        tell_briefing(language, one),
        one.place,
    ]
    return comma(language).join(filter(None, parts))


def tell_briefing(language: str, one: ToldSession) -> str | None:
    """Return from when the interpreter is told what it is about; None without a briefing."""
    if not one.briefing_minutes:
        return None
    there = attended(session=one.session, briefing_minutes=one.briefing_minutes)
    return say(language, "Briefing from {time}", time=tell_time(there.starts_at, one.time_zone))


def tell_offer(
    language: str, one: ToldSession, *, answer_by: datetime, link: str, short: bool
) -> str:
    """Return what an offer says: all of it, or as much as two text messages hold."""
    until = tell_moment(language, answer_by, one.time_zone)
    sentence = partial(say, language, "{what}. Answer by {until}: {link}", link=link)
    whole = sentence(what=tell_session(language, one), until=until)
    if not short:
        return whole
    plain = whole.replace("\N{EN DASH}", "-")  # the dash alone would double the price
    if segments(plain) <= MOST_SEGMENTS:
        return plain
    name, start, end = _figures(language, one, answer_by)
    place = "" if one.place is None else f" {one.place[:LONGEST_PLACE]}"
    shorter = [
        sentence(what=f"{name} {start}{place}", until=end),
        sentence(what=f"{name} {start}", until=end),  # the city stands behind the link
        f"{name} {start} {say(language, 'Answer by')} {end} {link}",
        f"{name} {start} < {end} {link}",
    ]
    return next((text for text in shorter if segments(text) <= MOST_SEGMENTS), shorter[-1])


def tell_briefly(language: str, head: str, one: ToldSession) -> str:
    """Return a text message about something that is known already."""
    start = tell_moment(language, one.session.starts_at, one.time_zone)
    return f"{head}\n{language_name(language, one.from_language)} {start}"


def tell_shortly(language: str, one: ToldSession, *, with_place: bool) -> str:
    """Return what may stand on a locked screen: the language, when, and an area before the yes."""
    start = tell_moment(language, one.session.starts_at, one.time_zone)
    place = one.place if with_place else None
    told = [language_name(language, one.from_language), start, place]
    return comma(language).join(filter(None, told))


def tell_moment(language: str, instant: datetime, time_zone: str) -> str:
    """Return a short date and the time of day at the place, such as "Dec 1 10:30"."""
    day = tell_short_day(language, instant.astimezone(zone(time_zone)).date())
    return f"{day} {tell_time(instant, time_zone)}"


def language_name(language: str, code: str) -> str:
    """Return the name of a spoken language in the reader's page language, else in English."""
    return name_in(code, language)


def _figures(language: str, one: ToldSession, answer_by: datetime) -> tuple[str, str, str]:
    """Return the language, and both times in figures: letters of most scripts cost twice."""
    times = [each.astimezone(zone(one.time_zone)) for each in (one.session.starts_at, answer_by)]
    start, end = (f"{local.day}.{local.month} {local:%H:%M}" for local in times)
    return language_name(language, one.from_language), start, end
