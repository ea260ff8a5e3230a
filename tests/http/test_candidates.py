"""Who fits a request, in which order, and which rule takes out whom."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from api import serving
from centre import PLACE, START, Centre, Person
from interpreters.application.calls import run
from interpreters.application.requests import request_candidates
from interpreters.database import Db, Pool
from interpreters.domain.callers import house
from interpreters.domain.ids import REQUEST, read_id
from slow_rules import FAR, ORDER

pytestmark = pytest.mark.anyio
LATVIAN = {"code": "lv"}
DEMANDS: Final[dict[str, Any]] = {
    "gender": {"value": "female", "strict": True},
    "qualification": {"minimum": "trained", "strict": True},
    "credentials": ["child_protection"],
}
FITS: Final[dict[str, Any]] = {"gender": "female", "qualification": "trained"}


async def looked(centre: Centre, request: dict[str, Any]) -> tuple[list[Any], dict[str, int]]:
    response = await centre.coordinator.get(f"/v1/requests/{request['id']}/candidates")
    assert response.status_code == 200, response.text
    found = response.json()
    codes = [one["code"] for one in found["excluded"]]
    assert codes == sorted(codes, key=ORDER.index)
    return found["candidates"], {one["code"]: one["count"] for one in found["excluded"]}


async def fitting(centre: Centre, **fields: Any) -> Person:
    person = await centre.person(**{**FITS, **fields})
    await centre.made(
        centre.coordinator, f"/v1/interpreters/{person.id}/credentials",
        {"kind": "child_protection", "expires_on": "2030-01-01"},
    )  # fmt: skip
    return person


async def absent(centre: Centre, person: Person) -> None:
    await centre.made(
        centre.coordinator, f"/v1/interpreters/{person.id}/absences",
        {"starts_at": "2026-11-25T00:00:00Z", "ends_at": "2026-11-26T00:00:00Z"},
    )  # fmt: skip


async def only_nights(centre: Centre, person: Person, outside: str) -> None:
    weekly = [{"day": "wed", "from": "00:00", "to": "06:00"}]
    path = f"/v1/interpreters/{person.id}/availability"
    response = await centre.coordinator.put(path, {"weekly": weekly, "outside_hours": outside})
    assert response.status_code == 200, response.text


async def test_each_is_counted_once_at_the_first_rule(pool: Pool, clock: Any) -> None:
    """One for each rule, and each of them with the failings of every later rule too."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        failings: dict[str, dict[str, Any]] = {
            "language": {"languages": [{"code": "tamil"}, LATVIAN]},
            "working_language": {"languages": [{"code": "dari"}, {"code": "en"}]},
            "inactive": {"active": False},
            "mode": {"modes": ["phone", "video"]},
            "gender": {"gender": "male"},
            "qualification": {"qualification": "language_speaker"},
            "distance": {"home": FAR, "travel_radius_km": 50},
        }
        good = await fitting(centre)
        blocked, excluded_ids = [], []
        for number, code in enumerate(ORDER):
            for others in ((), ORDER[number + 1 :]):
                person = await fitting(centre, **{
                    name: value
                    for each in [*others[::-1], code]
                    for name, value in failings.get(each, {}).items()
                })  # fmt: skip
                now = {code, *others}
                if "credential" in now:
                    page = await centre.coordinator.get(f"/v1/interpreters/{person.id}/credentials")
                    paper = page.json()["items"][0]["id"]
                    gone = await centre.coordinator.delete(
                        f"/v1/interpreters/{person.id}/credentials/{paper}"
                    )
                    assert gone.status_code == 204
                if "blocked" in now:
                    (blocked if others else excluded_ids).append(person.id)
                if "unavailable" in now:
                    await absent(centre, person)
                if "busy" in now:
                    other = await centre.asked(clients=[{"reference": "B"}], language="urdu")
                    await centre.made(
                        centre.coordinator, f"/v1/requests/{other['id']}/assign",
                        {"interpreter_id": person.id},
                    )  # fmt: skip
        await centre.coordinator.patch(
            f"/v1/institutions/{centre.institution['id']}", {"blocked_interpreter_ids": blocked}
        )
        asked = await centre.asked(
            requirements={**DEMANDS, "excluded_interpreter_ids": excluded_ids}
        )
        candidates, excluded = await looked(centre, asked)
        roster = await network.count("interpreters")
        assert len(candidates) + sum(excluded.values()) == roster
        # Nobody conflicts with a request nobody has left: those two, and the two made for it,
        # are taken out by the next rule that they fail, or fit.
        expected = {code: 2 for code in ORDER if code != "conflict"}
        assert excluded == {**expected, "busy": 3}
        assert {one["interpreter"]["id"] for one in candidates} >= {good.id}


async def test_who_gave_it_back_conflicts(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, _ = await centre.people(2)
        booking = await centre.booked(one)
        await one.api.post(f"/v1/bookings/{booking['id']}/give-back", {"reason": "ill"})
        candidates, excluded = await looked(centre, {"id": booking["request_id"]})
        assert (len(candidates), excluded) == (1, {"conflict": 1})
        await absent(centre, one)
        assert (await looked(centre, {"id": booking["request_id"]}))[1] == {"conflict": 1}


async def test_hours_only_cost_points_unless_never(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        free, ask, never = await centre.people(3)
        await only_nights(centre, ask, "ask")
        await only_nights(centre, never, "never")
        candidates, excluded = await looked(centre, await centre.asked())
        assert [one["interpreter"]["id"] for one in candidates] == [free.id, ask.id]
        assert excluded == {"unavailable": 1}
        hours = [part_of(one, "hours") for one in candidates]
        assert hours == [(9.0, "within weekly hours"), (0.0, "outside weekly hours")]


@pytest.mark.parametrize(
    ("weekly", "starts_at", "minutes", "within"),
    [
        # 2026-10-25: Riga's clocks go back from 04:00 to 03:00.
        ([("sun", "03:00", "04:00")], "2026-10-25T03:00:00+03:00", 120, True),
        ([("sun", "03:00", "04:00")], "2026-10-25T03:00:00+03:00", 121, False),
        # 2027-03-28: 03:00 becomes 04:00; nobody misses the hour that is not there.
        ([("sun", "02:00", "03:00"), ("sun", "04:00", "05:00")], "2027-03-28T02:00:00+02:00",
         120, True),
        ([("sun", "23:00", "24:00"), ("mon", "00:00", "01:00")], "2026-12-06T23:00:00+02:00",
         120, True),
        ([("sun", "23:00", "24:00")], "2026-12-06T23:00:00+02:00", 75, False),
        ([(day, "00:00", "24:00") for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")],
         "2026-12-01T10:00:00+02:00", 10_080, True),
        ([], "2026-10-25T02:00:00+03:00", 10_080, True),
    ],
)  # fmt: skip
async def test_hours_are_exact_on_any_night_and_for_any_length(
    pool: Pool, clock: Any, weekly: list[Any], starts_at: str, minutes: int, within: bool
) -> None:
    clock.now = datetime(2026, 10, 1, tzinfo=UTC)
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        rows = [{"day": day, "from": start, "to": end} for day, start, end in weekly]
        await centre.coordinator.put(
            f"/v1/interpreters/{person.id}/availability",
            {"weekly": rows, "outside_hours": "never"},
        )
        asked = await centre.asked(starts_at=starts_at, duration_minutes=minutes)
        candidates, excluded = await looked(centre, asked)
        assert (len(candidates), excluded) == ((1, {}) if within else (0, {"unavailable": 1}))


@pytest.mark.parametrize(
    ("paper", "minutes", "fits"),
    [
        ({"expires_on": "2026-11-25"}, 60, True),
        ({"expires_on": "2026-11-24"}, 60, False),
        ({"expires_on": "2026-11-25"}, 14 * 60, True),  # to midnight in Riga
        ({"expires_on": "2026-11-25"}, 14 * 60 + 1, False),
        ({"issued_on": "2026-11-25"}, 60, True),
        ({"issued_on": "2026-11-26"}, 60, False),
        ({}, 60, True),
    ],
)
async def test_papers_hold_to_the_end_of_the_job(
    pool: Pool, clock: Any, paper: dict[str, str], minutes: int, fits: bool
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        await centre.made(
            centre.coordinator, f"/v1/interpreters/{person.id}/credentials",
            {"kind": "child_protection", **paper},
        )  # fmt: skip
        asked = await centre.asked(
            duration_minutes=minutes, requirements={"credentials": ["child_protection"]}
        )
        assert await looked_counts(centre, asked) == ((1, {}) if fits else (0, {"credential": 1}))


async def looked_counts(centre: Centre, asked: dict[str, Any]) -> tuple[int, dict[str, int]]:
    candidates, excluded = await looked(centre, asked)
    return len(candidates), excluded


async def test_the_radius_and_an_unknown_home(pool: Pool, clock: Any) -> None:
    degree = 111.195  # km from north to south
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        homes = {
            km: {"latitude": PLACE["latitude"] - km / degree, "longitude": PLACE["longitude"]}
            for km in (49.9, 50.1, 149.9, 150.1)
        }
        inside, outside = [await centre.person(home=homes[km]) for km in (49.9, 50.1)]
        far, too_far = [
            await centre.person(home=homes[km], travel_radius_km=150) for km in (149.9, 150.1)
        ]
        nowhere = await centre.person(home=None)
        remote = await centre.asked(modes=["in_person", "phone"])
        assert await looked_counts(centre, remote) == (5, {})
        candidates, excluded = await looked(centre, await centre.asked())
        found = {one["interpreter"]["id"]: one["distance_km"] for one in candidates}
        assert found == {
            inside.id: pytest.approx(49.9, abs=0.1), far.id: pytest.approx(149.9, abs=0.1),
            nowhere.id: None,
        }  # fmt: skip
        assert excluded == {"distance": 2}
        assert {outside.id, too_far.id}.isdisjoint(found)


async def test_the_date_line_is_no_distance(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person(home={"latitude": -16.8, "longitude": -179.95, "city": "Taveuni"})
        site = await centre.add_site(latitude=-16.8, longitude=179.95)
        assert await looked_counts(centre, await centre.asked(site_id=site["id"])) == (1, {})


async def test_a_strict_dialect_is_part_of_the_language(pool: Pool, clock: Any) -> None:
    hazaragi = {"code": "dari", "dialects": ["Hazaragi"]}
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        speaker = await centre.person(languages=[hazaragi, LATVIAN])
        await centre.person()
        await centre.person(languages=[hazaragi, {"code": "en"}])
        await centre.person(languages=[{"code": "dari"}, {"code": "en"}])
        await centre.person(languages=[{"code": "tamil"}, LATVIAN])
        for strict, expected in ((False, (2, {"language": 1, "working_language": 2})),
                                 (True, (1, {"language": 3, "working_language": 1}))):  # fmt: skip
            wish = {"dialect": {"value": "HAZARAGI", "strict": strict}}
            asked = await centre.asked(requirements=wish)
            candidates, excluded = await looked(centre, asked)
            assert (len(candidates), excluded) == expected
            assert candidates[0]["interpreter"]["id"] == speaker.id


async def test_travel_between_bookings_makes_busy(pool: Pool, clock: Any) -> None:
    """Daugavpils is 190 km away: four hours and five minutes of road."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        away = await centre.add_site(name="East", **{k: FAR[k] for k in PLACE})
        person = await centre.person(travel_radius_km=300)
        await centre.booked(person, site_id=away["id"])
        end = START + timedelta(minutes=60)
        for gap, modes, expected in (
            (239, ["in_person"], (0, {"busy": 1})),
            (600, ["in_person"], (1, {})),
            (0, ["phone"], (0, {"busy": 1})),
            (600, ["phone"], (1, {})),
            (30, ["in_person", "video"], (0, {"busy": 1})),
        ):
            at = (end + timedelta(minutes=gap)).isoformat()
            asked = await centre.asked(starts_at=at, modes=modes)
            assert await looked_counts(centre, asked) == expected, (gap, modes)


async def test_ties_are_in_order_of_ids_and_scores_are_their_reasons(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        people = await centre.people(9)
        candidates, _ = await looked(centre, await centre.asked())
        ids = [one["interpreter"]["id"] for one in candidates]
        assert ids == sorted(one.id for one in people)
        assert len({one["score"] for one in candidates}) == 1
        for one in candidates:
            assert one["score"] == round(sum(part["points"] for part in one["reasons"]), 1)
            assert set(one["interpreter"]) == {"id", "display_name"}


async def test_the_search_takes_as_many_statements_for_two_as_for_sixty(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        asked = await centre.asked()
        counts = []
        for more in (2, 58):
            await centre.people(more)
            counts.append(await statements(centre, asked))
        assert counts[0] == counts[1] <= 20


async def statements(centre: Centre, asked: dict[str, Any]) -> int:
    seen: list[str] = []
    network_id, request_id = centre.network.id, read_id(REQUEST, asked["id"])

    async def work(db: Db) -> None:
        with db.query_logger(lambda record: seen.append(record.query)):
            result, _ = await request_candidates(
                db, house(network_id), request_id=request_id, now=START
            )
        assert result.candidates

    await run(centre.network.pool, network_id, work)
    return len(seen)


def part_of(candidate: dict[str, Any], code: str) -> tuple[float, str]:
    part = next(one for one in candidate["reasons"] if one["code"] == code)
    return part["points"], part["detail"]


async def test_who_alone_speaks_a_rare_language_is_kept_for_it(pool: Pool, clock: Any) -> None:
    """Of one kind otherwise, those whom nobody else needs come first; of few some points are."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        dari = {"code": "dari", "level": "native"}
        plain = await centre.person(languages=[dari, LATVIAN])
        one_of_two = await centre.person(languages=[dari, {"code": "urdu"}, LATVIAN])
        only = await centre.person(languages=[dari, {"code": "tamil"}, LATVIAN])
        await centre.person(languages=[{"code": "urdu"}, LATVIAN])
        await centre.person(languages=[{"code": "tamil"}, LATVIAN], active=False)
        await centre.person(languages=[{"code": "tamil"}, {"code": "en"}])
        candidates, _ = await looked(centre, await centre.asked())
        shown = {
            one["interpreter"]["id"]: next(
                part for part in one["reasons"] if part["code"] == "rare_languages"
            )
            for one in candidates
        }
        assert {key: part["points"] for key, part in shown.items()} == {
            plain.id: 6.0, one_of_two.id: 3.0, only.id: 0.0,
        }  # fmt: skip
        assert candidates[0]["interpreter"]["id"] == plain.id
        assert shown[only.id]["detail"] == "needed for a rare language too"
        both = await centre.asked(
            language={"any_of": ["dari", "tamil"]}, clients=[{"reference": "B"}]
        )
        found = {one["interpreter"]["id"]: one for one in (await looked(centre, both))[0]}
        parts = {part["code"]: part["points"] for part in found[only.id]["reasons"]}
        assert parts["rare_languages"] == 6.0  # it is asked for
