"""Funnel, ranking and travel, against rosters made by chance and a slow reading of the rules."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from api import serving
from centre import PLACE, Centre
from interpreters.database import Pool
from slow_rules import ALL, DAYS, FAR, HOMES, LANGUAGES, STARTS, Someone, can_be_there, points, rule
from told import chance

pytestmark = pytest.mark.anyio


def made_up(dice: random.Random) -> dict[str, Any]:
    codes = dice.sample(LANGUAGES, dice.randint(1, 3))
    if dice.random() < 0.8:
        codes = list(dict.fromkeys([dice.choice(["prs", "prs", "pes", "lsl"]), "lav", *codes]))
    return {
        "languages": [
            {"code": code, "level": dice.choice(["native", "fluent", "working"])} for code in codes
        ],
        "active": dice.random() < 0.9,
        "modes": dice.sample(ALL, dice.randint(1, 3)),
        "gender": dice.choice(["female", "male", None]),
        "qualification": dice.choice(["certified", "trained", "language_speaker"]),
        "home": dice.choice(HOMES),
        "travel_radius_km": dice.choice([20, 50, 90, 300]),
        "time_zone": dice.choice(["Europe/Riga", "Europe/London", "Asia/Kathmandu"]),
        "topics": dice.sample(["health", "legal"], dice.randint(0, 2)),
    }


def weekly_of(dice: random.Random) -> list[dict[str, str]]:
    if dice.random() < 0.4:
        return []
    rows = []
    for day in dice.sample(DAYS, dice.randint(1, 7)):
        start = dice.randint(0, 60)
        end = dice.choice([96, start + dice.randint(1, 36)])
        rows.append({"day": day, "from": clock_of(start), "to": clock_of(min(end, 96))})
    return rows


def clock_of(quarter: int) -> str:
    return f"{quarter // 4:02}:{quarter % 4 * 15:02}"


async def add_someone(centre: Centre, dice: random.Random, start: datetime) -> Someone:
    fields, weekly = made_up(dice), weekly_of(dice)
    outside = dice.choice(["ask", "never"])
    person = await centre.person(**fields)
    await centre.coordinator.put(
        f"/v1/interpreters/{person.id}/availability", {"weekly": weekly, "outside_hours": outside}
    )
    papers = [
        {"kind": "child_protection", "expires_on": str(start.date() + timedelta(days=days))}
        for days in dice.sample([-1, 0, 1, 400], dice.randint(0, 2))
    ]
    for paper in papers:
        await centre.made(centre.coordinator, f"/v1/interpreters/{person.id}/credentials", paper)
    absence = None
    if dice.random() < 0.15:
        absence = (start - timedelta(hours=dice.randint(-1, 5)), start + timedelta(hours=6))
        await centre.made(
            centre.coordinator, f"/v1/interpreters/{person.id}/absences",
            {"starts_at": absence[0].isoformat(), "ends_at": absence[1].isoformat()},
        )  # fmt: skip
    return Someone(
        id=person.id, fields=fields, weekly=weekly, outside=outside, papers=papers,
        absence=absence, bookings=[],
    )  # fmt: skip


async def book_around(centre: Centre, dice: random.Random, one: Someone, start: datetime) -> None:
    """Bookings by hand around the session: taken exactly when sessions and travel allow it."""
    for _ in range(dice.choice([0, 0, 1, 2, 3])):
        begin = start + timedelta(minutes=15 * dice.randint(-40, 40))
        end = begin + timedelta(minutes=dice.choice([30, 60, 120]))
        where = dice.choice([None, PLACE, FAR])
        site = await centre.add_site(**{k: where[k] for k in PLACE}) if where else None
        asked = await centre.asked(
            language="urdu", starts_at=begin.isoformat(), clients=[{"reference": "B"}],
            duration_minutes=int((end - begin) / timedelta(minutes=1)),
            modes=["in_person"] if site else ["phone"], site_id=site["id"] if site else ...,
        )  # fmt: skip
        # Whoever is put there by hand works in the mode that was asked for, if they do at all.
        said = await centre.coordinator.post(
            f"/v1/requests/{asked['id']}/assign", {"interpreter_id": one.id}
        )
        session = (begin, end, where)
        possible = can_be_there(one.fields["home"], [*one.bookings, session])
        assert said.status_code == (201 if possible else 409), (one.bookings, session)
        if possible:
            one.bookings.append(session)


def an_order(dice: random.Random, people: Sequence[Someone], start: datetime) -> dict[str, Any]:
    some = [one.id for one in dice.sample(people, 3)]
    strict = dice.random() < 0.5
    gender = dice.choice(["female", None])
    languages = dice.choice([["prs"], ["prs", "pes"], ["pes", "prs"], ["lsl"], ["lsl", "prs"]])
    return {
        "languages": languages,
        "modes": dice.sample(ALL, dice.randint(1, 3)),
        "start": start,
        "end": start + timedelta(minutes=dice.choice([30, 60, 150, 600])),
        "gender": gender if strict else None,
        "wished": gender,
        "strict": strict,
        "minimum": dice.choice(["language_speaker", "trained", "certified"]),
        "credentials": dice.choice([[], [], ["child_protection"]]),
        "blocked": dice.choice([[], some]),
        "preferred": dice.choice([[], some[:2]]),
        "topic": dice.choice(["health", "legal"]),
    }


def body_of(asked: dict[str, Any]) -> dict[str, Any]:
    demands = {
        "qualification": {"minimum": asked["minimum"], "strict": True},
        "credentials": asked["credentials"],
        "preferred_interpreter_ids": asked["preferred"],
        "excluded_interpreter_ids": asked["blocked"],
    }
    if asked["wished"]:
        demands["gender"] = {"value": asked["wished"], "strict": asked["strict"]}
    return {
        "language": {"any_of": asked["languages"]},
        "modes": asked["modes"],
        "starts_at": asked["start"].isoformat(),
        "duration_minutes": int((asked["end"] - asked["start"]) / timedelta(minutes=1)),
        "topic": asked["topic"],
        "requirements": demands,
    }


@pytest.mark.parametrize("seed", range(8))
async def test_funnel_and_ranking_are_those_of_a_slow_reading_of_the_rules(
    pool: Pool, clock: Any, seed: int
) -> None:
    clock.now = datetime.combine(date(2026, 10, 1), time(8), UTC)
    with chance(seed) as dice:
        async with serving(pool, clock) as network:
            centre = await Centre(network, clock).open()
            start = datetime.fromisoformat(STARTS[seed % len(STARTS)])
            people = [await add_someone(centre, dice, start) for _ in range(30)]
            for one in people:
                await book_around(centre, dice, one, start)
            for _ in range(8):
                await check_order(centre, an_order(dice, people, start), people)


async def check_order(centre: Centre, asked: dict[str, Any], people: Sequence[Someone]) -> None:
    rules = {one.id: rule(one, asked) for one in people}
    request = await centre.asked(**body_of(asked))
    for one in people[::5]:
        await check_rules_one_by_one(centre, request, one.id, rules[one.id])
    candidates, excluded = await looked(centre, request)
    found = {one["interpreter"]["id"]: one for one in candidates}
    assert set(found) == {key for key, code in rules.items() if code is None}
    assert excluded == Counter(code for code in rules.values() if code is not None)
    assert [(-one["score"], one["interpreter"]["id"]) for one in candidates] == sorted(
        (-one["score"], one["interpreter"]["id"]) for one in candidates
    )
    shares = shares_of(asked, people)
    for one in people:
        if one.id in found:
            expected = points(one, asked, shares, people)
            shown = {part["code"]: part["points"] for part in found[one.id]["reasons"]}
            assert shown == {
                code: pytest.approx(value, abs=0.051) for code, value in expected.items()
            }
            assert found[one.id]["score"] == round(sum(shown.values()), 1)


async def check_rules_one_by_one(
    centre: Centre, request: dict[str, Any], person: str, expected: str | None
) -> None:
    """The first rule that somebody is told to fail is the one that counts them."""
    path = f"/v1/requests/{request['id']}/candidates/{person}"
    told = (await centre.coordinator.get(path)).json()
    failed = [one["code"] for one in told["rules"] if not one["passed"]]
    # The search looks last at whether somebody comes in time; here it is a rule in its place.
    late = expected == "unavailable" and failed[:2] == ["busy", "unavailable"]
    assert late or failed[:1] == ([] if expected is None else [expected]), told
    assert told["fits"] is (expected is None) is (told["score"] is not None)


def shares_of(asked: dict[str, Any], people: Sequence[Someone]) -> dict[str, float]:
    """Hours booked for each hour of the week, of everybody free by the clock."""
    shares = {}
    for one in people:
        late = rule(one, asked) == "busy" and not any(
            each[0] < asked["end"] and asked["start"] < each[1] for each in one.bookings
        )
        if rule(one, asked) is None or late:
            hours = sum((each[1] - each[0]) / timedelta(hours=1) for each in one.bookings)
            quarters = 672 if not one.weekly else len(open_quarters(one.weekly))
            shares[one.id] = hours / max(1, quarters)
    return shares


def open_quarters(weekly: Sequence[dict[str, str]]) -> set[tuple[str, int]]:
    return {
        (row["day"], quarter)
        for row in weekly
        for quarter in range(quarter_of(row["from"]), quarter_of(row["to"]))
    }


def quarter_of(text: str) -> int:
    return int(text[:2]) * 4 + int(text[3:]) // 15


async def looked(centre: Centre, request: dict[str, Any]) -> tuple[list[Any], dict[str, int]]:
    response = await centre.coordinator.get(f"/v1/requests/{request['id']}/candidates")
    assert response.status_code == 200, response.text
    found = response.json()
    return found["candidates"], {one["code"]: one["count"] for one in found["excluded"]}
