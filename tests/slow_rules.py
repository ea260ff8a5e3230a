"""Who fits a request, and how well: an independent, slow reading of the rules, for tests."""

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import combinations
from statistics import median
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from centre import HOME, PLACE

ORDER: Final = (
    "language", "working_language", "inactive", "mode", "gender", "qualification", "credential",
    "blocked", "distance", "conflict", "busy", "unavailable",
)  # fmt: skip
FAR = {"latitude": 55.87, "longitude": 26.53, "city": "Daugavpils"}
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOMES: Final[tuple[Any, ...]] = (
    None, HOME, FAR, {"latitude": 56.65, "longitude": 23.72, "city": "Jelgava"},
    {"latitude": 57.31, "longitude": 25.27, "city": "Cesis"},
)  # fmt: skip
LANGUAGES: Final = ("prs", "pes", "lav", "eng", "lsl", "rus")
ALL: Final = ("in_person", "phone", "video")
STARTS: Final = (
    "2026-12-01T10:00:00+02:00", "2026-12-06T22:30:00+02:00", "2026-10-25T02:30:00+03:00",
    "2027-03-28T01:30:00+02:00",
)  # fmt: skip


class Someone(msgspec.Struct, kw_only=True):
    """An interpreter as the test knows them."""

    id: str
    fields: dict[str, Any]
    weekly: list[dict[str, str]]
    outside: str
    papers: list[dict[str, str]]
    absence: tuple[datetime, datetime] | None
    bookings: list[tuple[datetime, datetime, Any]]


def km(one: Any, other: Any) -> float:
    """The spherical law of cosines: another formula than the one it checks."""
    a, b = math.radians(one["latitude"]), math.radians(other["latitude"])
    turn = math.radians(other["longitude"] - one["longitude"])
    cosine = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(turn)
    return 6371.0088 * math.acos(max(-1.0, min(1.0, cosine)))


def trip(one: Any, other: Any) -> timedelta:
    if one is None or other is None:
        return timedelta(0)
    # This formula is inexact by metres where the distance is none.
    return timedelta(minutes=math.ceil(round(km(one, other) * 1.3, 2) / 5) * 5)


def can_be_there(home: Any, sessions: Sequence[tuple[datetime, datetime, Any]]) -> bool:
    """No two sessions with their travel overlap."""
    ordered = sorted(sessions, key=lambda one: (one[0], one[1]))
    blocked = []
    for place, (start, end, where) in enumerate(ordered):
        first, last = start, end
        if where is not None:
            before = [one for one in ordered[:place] if one[2] is not None]
            after = [one for one in ordered[place + 1 :] if one[2] is not None]
            near = before and start - before[-1][1] < timedelta(hours=4)
            first -= trip(before[-1][2] if near else home, where)
            if not (after and after[0][0] - end < timedelta(hours=4)):
                last += trip(where, home)
        blocked.append((first, last))
    return all(a[1] <= b[0] or b[1] <= a[0] for a, b in combinations(blocked, 2))


def in_hours(one: Someone, start: datetime, end: datetime) -> bool:
    zone = ZoneInfo(one.fields["time_zone"])
    minutes = int((end - start) / timedelta(minutes=1))
    return not one.weekly or all(
        any(
            row["day"] == DAYS[wall.weekday()] and row["from"] <= f"{wall:%H:%M}" < row["to"]
            for row in one.weekly
        )
        for wall in ((start + timedelta(minutes=n)).astimezone(zone) for n in range(minutes))
    )


def pairs(one: Someone, asked: dict[str, Any]) -> list[str]:
    spoken = {each["code"] for each in one.fields["languages"]}
    return [each for each in asked["languages"] if each in spoken and "lav" in spoken]


def modes_of(one: Someone, language: str) -> set[str]:
    return {each for each in one.fields["modes"] if each != "phone" or language != "lsl"}


def reached(one: Someone, asked: dict[str, Any], modes: set[str]) -> list[str]:
    far = one.fields["home"] is not None and (
        km(one.fields["home"], PLACE) > one.fields["travel_radius_km"]
    )
    return [each for each in asked["modes"] if each in modes and (each != "in_person" or not far)]


def mode_of(one: Someone, asked: dict[str, Any], modes: Sequence[str]) -> str | None:
    for mode in modes:
        place = PLACE if mode == "in_person" else None
        session = (asked["start"], asked["end"], place)
        if can_be_there(one.fields["home"], [*one.bookings, session]):
            return mode
    return None


def has_paper(one: Someone, asked: dict[str, Any]) -> bool:
    day = (asked["end"] - timedelta(seconds=1)).astimezone(ZoneInfo("Europe/Riga")).date()
    return all(
        any(
            paper["kind"] == kind and day <= date.fromisoformat(paper["expires_on"])
            for paper in one.papers
        )
        for kind in asked["credentials"]
    )


def rule(one: Someone, asked: dict[str, Any]) -> str | None:
    """Return the first rule that takes the person out; None for a candidate."""
    spoken = {each["code"] for each in one.fields["languages"]}
    wanted = set(asked["modes"])
    modes: set[str] = set().union(*(modes_of(one, each) for each in pairs(one, asked)))
    start, end = asked["start"], asked["end"]
    fit = reached(one, asked, modes)
    ranks = ["language_speaker", "trained", "certified"]
    away = one.absence is not None and one.absence[0] < end and start < one.absence[1]
    checks = {
        "language": not spoken & set(asked["languages"]),
        "working_language": not pairs(one, asked),
        "inactive": not one.fields["active"],
        "mode": not modes & wanted,
        "gender": asked["gender"] is not None and one.fields["gender"] != asked["gender"],
        "qualification": ranks.index(one.fields["qualification"]) < ranks.index(asked["minimum"]),
        "credential": not has_paper(one, asked),
        "blocked": one.id in asked["blocked"],
        "distance": not fit,
        "conflict": False,
        "busy": any(each[0] < end and start < each[1] for each in one.bookings),
        "unavailable": away or (one.outside == "never" and not in_hours(one, start, end)),
    }
    found = next((code for code in ORDER if checks[code]), None)
    # Whoever is free but would come too late from another booking is busy; looked at last.
    return found or (None if mode_of(one, asked, fit) else "busy")


def rare(one: Someone, asked: dict[str, Any], people: Sequence[Someone]) -> float:
    """How few of the roster have a language of theirs that is not asked for, with Latvian."""
    active = [
        {each["code"] for each in other.fields["languages"]}
        for other in people
        if other.fields["active"]
    ]
    spoken = {each["code"] for each in one.fields["languages"]}
    others = spoken - {"lav", *asked["languages"]}
    return max(
        (1 / sum({each, "lav"} <= theirs for theirs in active) for each in others), default=0.0
    )


def points(
    one: Someone, asked: dict[str, Any], shares: dict[str, float], people: Sequence[Someone]
) -> dict[str, float]:
    language, mode = next(
        (language, mode)
        for language in pairs(one, asked)
        if (mode := mode_of(one, asked, reached(one, asked, modes_of(one, language))))
    )
    levels = {each["code"]: each["level"] for each in one.fields["languages"]}
    worth = {"working": 0.0, "fluent": 0.6, "native": 1.0}
    travel = 1.0
    if mode == "in_person":
        home, radius = one.fields["home"], max(1, one.fields["travel_radius_km"])
        travel = 0.5 if home is None else max(0.0, 1 - km(home, PLACE) / radius)
    usual, share = median(shares.values()), shares[one.id]
    fair = max(0.0, min(1.0, 1 - share / (2 * usual))) if usual else float(share <= 0)
    return {
        "reliability": 14 * 0.95,
        "qualification": 7 * {"language_speaker": 0, "trained": 0.6, "certified": 1}[
            one.fields["qualification"]
        ],
        "level": 6 * min(worth[levels[language]], worth[levels["lav"]]),
        "topic": 5 * 0.5 * (asked["topic"] in one.fields["topics"]),
        "hours": 9 * in_hours(one, asked["start"], asked["end"]),
        "travel": 9 * travel,
        "mode": 4 * (1 - asked["modes"].index(mode) / len(asked["modes"])),
        "continuity": 0,
        "institution_preferred": 5,
        "requested": 7 * (not asked["preferred"] or one.id in asked["preferred"]),
        "dialect": 4,
        "gender": 7 * (asked["wished"] in (None, one.fields["gender"])),
        "fairness": 10 * fair,
        "rare_languages": 6 * (1 - rare(one, asked, people)),
    }  # fmt: skip
