"""The form that asks for an interpreter: from its fields to the body that the API takes.

Days and times are those of the clock at the place; the offset is worked out here.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final

import msgspec

from interpreters.domain.series import at_wall
from interpreters.web.desk_whose import Whose
from interpreters.web.fields import Fields, listed

MODES: Final = ("in_person", "phone", "video")
NOW: Final = "now"
# How often, as the form says it, to the rule's frequency (RFC 5545).
REPEATS: Final[Mapping[str, str]] = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY"}
MOST_PARTIES: Final = 4
DEMANDS: Final = ("gender", "qualification", "dialect")
CONNECT: Final = ("by", "number", "extension", "url", "pin")
NOBODY: Final = "-"  # a preview may be asked for before it is known for whom


def order_of(said: Fields, whose: Whose, *, time_zone: str) -> dict[str, Any]:
    """Return what was filled in, as the JSON of `POST /v1/requests`; `time_zone` the network's."""
    place = whose.zone_of(said.some("site_id"), time_zone)
    return {
        "institution_id": whose.shown_id,
        "language": language_of(said),
        "working_language": said.some("working_language"),
        "modes": modes_of(said),
        **_start(said, place),
        "duration_minutes": said.number("duration_minutes"),
        "site_id": said.some("site_id"),
        "room_id": said.some("room_id"),
        "clients": clients_of(said),
        "topic": said.get("topic", "other") or "other",
        "requirements": _requirements(said),
        "fallbacks": _fallbacks(said),
        "interpreters_needed": said.number("interpreters_needed"),
        "partial_ok": said.ticked("partial_ok"),
        "recurrence": recurrence_of(said),
        "recurrence_skips": "closed" if said.get("repeat") and said.ticked("skip_closed") else None,
        "connect": connect_of(said),
        "parties": _parties(said, place),
        "on_behalf_of": _noted(said.some("on_behalf_of")),
        **{name: said.some(name) for name in (
            "priority", "external_reference", "cost_centre", "funding_id", "instructions",
            "referred_by", "channel", "replaces",
        )},
        **{name: said.number(name) for name in ("briefing_minutes", "attendees_expected")},
    }  # fmt: skip


def previewed(order: Mapping[str, Any]) -> dict[str, Any]:
    """Return an order that need not say for whom it is."""
    return {**order, "clients": order["clients"] or [{"reference": NOBODY}]}


def language_of(said: Fields) -> str | None:
    """Return the variety that was pressed, the language chosen from the list, or what was typed."""
    return said.some("variety") or said.some("language_code") or said.some("language")


def modes_of(said: Fields) -> list[str]:
    """Return the ways that were ticked; the one to be tried first comes first."""
    ticked = said.all("mode")
    first = said.get("first_mode")
    return sorted(ticked, key=lambda one: one != first) if first in ticked else ticked


def clients_of(said: Fields) -> list[dict[str, Any]]:
    """Return whom it is for: the code beside the first, then one a line."""
    others = [line.strip() for line in (said.coded("other_clients") or "").split("\n")]
    others = [line for line in others if line]
    first = said.coded("client")
    if first is None:
        return [{"reference": one} for one in others]
    named: dict[str, Any] = {"reference": first}
    if said.some("nationality"):
        named["nationality"] = said.get("nationality").upper()
    return [named, *({"reference": one} for one in others if one != first)]


def recurrence_of(said: Fields) -> str | None:
    """Return the rule of a series; without an end it is left to the reader to refuse it."""
    frequency = REPEATS.get(said.get("repeat"))
    if frequency is None:
        return None
    parts = [f"FREQ={frequency}"]
    if (every := said.some("repeat_every")) not in (None, "1"):
        parts.append(f"INTERVAL={every}")
    if times := said.some("repeat_times"):
        parts.append(f"COUNT={times}")
    if until := said.some("repeat_until"):
        parts.append(f"UNTIL={until.replace('-', '')}")
    return ";".join(parts)


def connect_of(said: Fields) -> dict[str, Any] | None:
    """Return who calls whom; nothing where the form does not say."""
    found = {name: said.some(f"connect_{name}") for name in CONNECT}
    return {name: one for name, one in found.items() if one} if found["by"] else None


def instant_of(day: str, clock: str, time_zone: str) -> str | None:
    """Return an instant from a day and a clock at the place; what cannot be read as it is.

    None where one of both is missing.
    """
    if not day or not clock:
        return None
    try:
        wall = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock))
        told: str = msgspec.to_builtins(at_wall(wall.replace(tzinfo=None), time_zone=time_zone))
    except (ValueError, OverflowError):
        return f"{day}T{clock}"
    return told


def _start(said: Fields, time_zone: str) -> dict[str, Any]:
    if said.get("when") == NOW:
        return {"starts": NOW}
    return {"starts_at": instant_of(said.get("date"), said.get("time"), time_zone)}


def _requirements(said: Fields) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in DEMANDS:
        value = said.some(name)
        if value is not None:
            called = "minimum" if name == "qualification" else "value"
            found[name] = {called: value, "strict": said.ticked(f"{name}_strict")}
    named = listed(said.get("credentials"))
    if named:
        found["credentials"] = named
    for name in ("preferred", "excluded"):
        if people := said.all(name):
            found[f"{name}_interpreter_ids"] = people
    return found


def _fallbacks(said: Fields) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: said.ticked(name) for name in ("other_mode", "neighbour_language", "relay")
    }
    minutes = said.number("shift_minutes")
    return found if minutes is None else {**found, "shift_minutes": minutes}


def _parties(said: Fields, time_zone: str) -> Sequence[dict[str, Any]] | None:
    """Return those who must not meet; they come on the day of the session."""
    found = []
    for number in range(1, MOST_PARTIES + 1):
        reference = said.coded(f"party_{number}")
        if reference is not None:
            clock = said.get(f"party_{number}_time")
            arrives_at = instant_of(said.get("date"), clock, time_zone)
            found.append({"reference": reference, "arrives_at": arrives_at})
    return found or None


def _noted(note: str | None) -> dict[str, Any] | None:
    return None if note is None else {"note": note}
