"""How the work of four weeks is shared: by the hour that each was there for, by their own clock."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import pytest

from api import serving
from centre import START, Centre, Json, Person, z
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
Hours: TypeAlias = tuple[str, str]
Counted: TypeAlias = dict[Hours, float]
NIGHTS = [{"day": "sun", "from": "00:00", "to": "06:00"}]
OCTOBER = datetime(2026, 9, 20, 8, tzinfo=UTC)


async def fairness(centre: Centre, to: str = "") -> Json:
    response = await centre.coordinator.get(f"/v1/reports/fairness{to and f'?to={to}'}")
    assert response.status_code == 200, response.text
    answer: Json = response.json()
    return answer


async def weekly(centre: Centre, person: Person, rows: list[Json]) -> None:
    answer = await centre.coordinator.put(
        f"/v1/interpreters/{person.id}/availability", {"weekly": rows, "outside_hours": "ask"}
    )
    assert answer.status_code == 200, answer.text


async def sundays(centre: Centre, hours: Iterable[Hours], *, now: datetime, to: str) -> Counted:
    """What is counted, in the four weeks to a day, of people there on Sundays at these times."""
    people = {times: await centre.person() for times in hours}
    for (begin, end), person in people.items():
        await weekly(centre, person, [{"day": "sun", "from": begin, "to": end}])
    centre.clock.now = now
    rows = (await fairness(centre, to))["interpreters"]
    counted = {one["interpreter"]["id"]: one["available_hours"] for one in rows}
    return {times: counted[person.id] for times, person in people.items()}


async def held(centre: Centre, person: Person, **order: Any) -> None:
    """Have a session of the person's be held."""
    booking = await centre.booked(person, **order)
    starts = datetime.fromisoformat(booking["starts_at"])
    ends = datetime.fromisoformat(booking["ends_at"])
    for verb, at in (("start", starts), ("end", ends)):
        centre.clock.now = at
        done = await person.api.post(f"/v1/bookings/{booking['id']}/{verb}")
        assert done.status_code == 200, done.text


async def test_hours_are_counted_by_whom_they_concern(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        busy, idle = await centre.people(2)
        for person in (busy, idle):
            await weekly(centre, person, [{"day": "wed", "from": "08:00", "to": "18:00"}])
        await held(centre, busy, duration_minutes=90)
        clock.now = START + timedelta(days=20)
        # Both were there on three Wednesdays since they came, ten hours each: on 25 November,
        # 2 December and 9 December.
        report = await fairness(centre, "2026-12-15")

        assert (report["from"], report["to"]) == ("2026-11-17", "2026-12-15")
        first, second = report["interpreters"]
        assert first["interpreter"] == {"id": busy.id, "display_name": "Person 1"}
        assert (first["available_hours"], first["worked_hours"]) == (30.0, 1.5)
        assert first["share"] == 0.05
        assert (second["interpreter"]["id"], second["worked_hours"]) == (idle.id, 0)
        assert first["offered_hours"] == second["offered_hours"] == 1.5  # asked together
        assert report["without_any"] == 1
        assert report["gini_offered"] == 0
        assert report["gini_worked"] == 0.5  # of two, one has everything


@pytest.mark.parametrize(
    ("came", "to", "hours"),
    [
        # Four Sundays, from midnight to six by the clock in Riga: on 25 October that is seven
        # hours, on 29 March five.
        (datetime(2026, 9, 20, 8, tzinfo=UTC), "2026-11-02", 25.0),
        (datetime(2026, 2, 20, 8, tzinfo=UTC), "2026-04-06", 23.0),
        (datetime(2026, 5, 20, 8, tzinfo=UTC), "2026-07-06", 24.0),
    ],
)
async def test_nights_when_the_clock_changes_are_as_long_as_they_are(
    pool: Pool, clock: Any, came: datetime, to: str, hours: float
) -> None:
    clock.now = came
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person(time_zone="Europe/Riga")
        await weekly(centre, person, NIGHTS)

        (one,) = (await fairness(centre, to))["interpreters"]

        assert one["available_hours"] == hours


async def test_absences_are_no_hours_and_no_hours_are_all(pool: Pool, clock: Any) -> None:
    clock.now = OCTOBER
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        away = datetime(2026, 11, 2, tzinfo=UTC)
        for days in (3, 5):  # the one within the other
            body = {"starts_at": z(away), "ends_at": z(away + timedelta(days=days))}
            await centre.made(centre.coordinator, f"/v1/interpreters/{person.id}/absences", body)

        (one,) = (await fairness(centre, "2026-11-30"))["interpreters"]

        assert one["available_hours"] == (28 - 5) * 24
        assert one["share"] == 0
        assert (await fairness(centre, "2026-11-30"))["gini_worked"] is None


async def test_only_coordinators_see_whose_hours_they_are(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        for other in (person.api, centre.school, await network.caller("finance")):
            assert (await other.get("/v1/reports/fairness")).status_code == 403


async def test_of_a_spring_night_what_the_clock_shows_counts(pool: Pool, clock: Any) -> None:
    clock.now = datetime(2026, 2, 20, 8, tzinfo=UTC)
    # Four Sundays; on 29 March Riga leaves out 03:00 to 04:00, as in a search.
    expected = {
        ("03:30", "04:00"): 3 * 0.5,
        ("03:15", "03:45"): 3 * 0.5,
        ("03:30", "05:00"): 3 * 1.5 + 1,
        ("02:00", "03:30"): 3 * 1.5 + 1,
        ("02:00", "05:00"): 3 * 3 + 2,
    }
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        later = datetime(2026, 4, 10, 8, tzinfo=UTC)
        assert await sundays(centre, expected, now=later, to="2026-04-06") == expected


async def test_of_an_autumn_night_what_comes_twice_counts_twice(pool: Pool, clock: Any) -> None:
    clock.now = datetime(2026, 9, 20, 8, tzinfo=UTC)
    expected = {
        ("03:00", "04:00"): 3 + 2,
        ("03:30", "05:00"): 3 * 1.5 + 2,
        ("02:00", "03:30"): 3 * 1.5 + 2,
    }
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        later = datetime(2026, 11, 10, 8, tzinfo=UTC)
        assert await sundays(centre, expected, now=later, to="2026-11-02") == expected
