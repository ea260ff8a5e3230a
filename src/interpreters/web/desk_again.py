"""What the form that asks for an interpreter is filled with, from an earlier request too."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from interpreters.domain.languages import UnknownLanguage
from interpreters.domain.windows import at_place
from interpreters.http.booking_views import BookingView
from interpreters.http.request_views import RequestView
from interpreters.web.desk_form import CONNECT, DEMANDS, MOST_PARTIES
from interpreters.web.desk_whose import Whose
from interpreters.web.fields import Fields
from interpreters.web.formats import Formats

SAME: Final = (
    "duration_minutes", "site_id", "room_id", "topic", "interpreters_needed", "priority",
    "cost_centre", "funding_id", "instructions", "referred_by", "briefing_minutes",
    "attendees_expected", "channel",
)  # fmt: skip
TICKS: Final = ("other_mode", "neighbour_language", "relay")
YES: Final = "yes"
USUAL: Final = {"when": "later", "duration_minutes": "60", "interpreters_needed": "1"}


def empty(whose: Whose, last_site: str | None) -> Fields:
    """Return the form as it is at first: at the place used last, or the only one."""
    only = whose.places[0][0] if len(whose.places) == 1 else ""
    at = last_site if whose.site(last_site) is not None else only
    put = [("mode", "in_person" if whose.sites else "phone"), ("site_id", at or "")]
    return Fields([*USUAL.items(), *put])


def one_more(view: RequestView, tell: Formats) -> Fields:
    """Return the form filled like an earlier request, without its day."""
    return Fields([("when", "later"), *_pairs(view, tell)])


def instead_of(view: RequestView, booking: BookingView, tell: Formats) -> Fields:
    """Return the form of a session in the time of one that was called off, instead of its fee."""
    start = at_place(instant=booking.starts_at, time_zone=booking.time_zone)
    put = [("mode", booking.mode), ("date", f"{start:%Y-%m-%d}"), ("replaces", booking.id)]
    return one_more(view, tell).but("mode", "first_mode", *TICKS, put=put)


def as_it_is(view: RequestView, tell: Formats) -> Fields:
    """Return the form of a change: all that a request says now."""
    start = at_place(instant=view.starts_at, time_zone=view.time_zone)
    dated = [("date", f"{start:%Y-%m-%d}"), ("external_reference", view.external_reference or "")]
    return one_more(view, tell).but(put=dated)


def with_choice(said: Fields, choice: str, *, time_zone: str, tell: Formats) -> Fields:
    """Return the form with one of the alternatives put in that were offered."""
    kind, _, value = choice.partition(":")
    if kind == "mode" and value:
        return said.but("mode", "first_mode", put=[("mode", value)])
    if kind == "time":
        return _moved(said, value, time_zone)
    if kind == "variety" and value:
        return with_language(said, value, tell)
    return said.but(put=[(kind, YES)]) if kind in TICKS else said


def with_language(said: Fields, code: str, tell: Formats) -> Fields:
    """Return the form with a language chosen from those offered."""
    try:
        put = [("language", tell.language_called(code)), ("language_code", code)]
    except UnknownLanguage:
        put = [("language", code)]
    return said.but("language", "language_code", "variety", put=put)


def _moved(said: Fields, instant: str, time_zone: str) -> Fields:
    try:
        start = at_place(instant=datetime.fromisoformat(instant), time_zone=time_zone)
    except ValueError:
        return said
    put = [("date", f"{start:%Y-%m-%d}"), ("time", f"{start:%H:%M}"), ("when", "later")]
    return said.but("date", "time", "when", put=put)


def _pairs(view: RequestView, tell: Formats) -> Iterator[tuple[str, str]]:
    start = at_place(instant=view.starts_at, time_zone=view.time_zone)
    yield "institution", view.institution_id
    yield "language", tell.language_called(view.language.code)
    yield "language_code", view.language.code
    yield "working_language", view.working_language.code
    yield "time", f"{start:%H:%M}"
    for name in SAME:
        value = getattr(view, name)
        if value is not None:
            yield name, str(value)
    yield from (("mode", mode) for mode in view.modes)
    yield "first_mode", view.modes[0]
    yield from _people(view)
    yield from _demands(view.requirements)
    yield from ((name, YES) for name in TICKS if view.fallbacks.get(name))
    yield "shift_minutes", str(view.fallbacks.get("shift_minutes") or "")
    yield "partial_ok", YES if view.partial_ok else ""
    yield "on_behalf_of", str((view.on_behalf_of or {}).get("note") or "")
    for name in CONNECT:
        yield f"connect_{name}", str((view.connect or {}).get(name) or "")


def _people(view: RequestView) -> Iterator[tuple[str, str]]:
    known = [one.reference for one in view.clients]
    yield "client", known[0] if known else ""
    yield "other_clients", "\n".join(known[1:])
    for number, party in enumerate((view.parties or [])[:MOST_PARTIES], start=1):
        yield f"party_{number}", party.reference
        comes = at_place(instant=party.arrives_at, time_zone=view.time_zone)
        yield f"party_{number}_time", f"{comes:%H:%M}"


def _demands(stored: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in DEMANDS:
        demand = stored.get(name)
        if demand is not None:
            yield name, str(demand.get("value") or demand.get("minimum"))
            yield f"{name}_strict", YES if demand.get("strict") else ""
    yield "credentials", ", ".join(stored.get("credentials") or [])
    for name in ("preferred", "excluded"):
        yield from ((name, one) for one in stored.get(f"{name}_interpreter_ids") or [])
