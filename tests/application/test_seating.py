"""What a booking blocks: its session with the travel from and to its neighbours."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise, permutations
from typing import Any, Final

import pytest

from api import serving
from centre import PLACE, START, Centre, Person
from interpreters.application.calls import run
from interpreters.database import Db, Pool

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
# Straight to the north: 20 km are 26 and so 30 minutes of road, 40 km 52 and so 55.
NEAR, FAR = 20, 40
TO_NEAR, TO_FAR, BETWEEN = 30 * MINUTE, 55 * MINUTE, 30 * MINUTE
REMOTE: Final = None


def north(km: float) -> dict[str, float]:
    return {"latitude": PLACE["latitude"] + km / 111.2, "longitude": PLACE["longitude"]}


async def book(
    centre: Centre, person: Person, at: datetime, where: int | None, *, minutes: int = 60
) -> tuple[int, Any]:
    """Put the person on a session by hand; return the status and the booking or problem."""
    place: dict[str, Any] = {"modes": ["phone"], "site_id": ...}
    if where is not None:
        site = await centre.add_site(**north(where))
        place = {"modes": ["in_person"], "site_id": site["id"]}
    request = await centre.asked(
        language="urdu", starts_at=at.isoformat(), duration_minutes=minutes, **place
    )
    said = await centre.coordinator.post(
        f"/v1/requests/{request['id']}/assign", {"interpreter_id": person.id}
    )
    return said.status_code, said.json()


async def blocked(centre: Centre, person: Person) -> list[tuple[timedelta, timedelta]]:
    """Return what the person's live bookings block, counted from the usual start."""

    async def work(db: Db) -> Any:
        return await db.fetch(
            "SELECT b.blocked FROM bookings b WHERE b.network_id = $1 AND b.interpreter_id = $2"
            " AND b.state IN ('held', 'confirmed', 'in_progress') ORDER BY lower(b.session)",
            centre.network.id, person.key,
        )  # fmt: skip

    found = await run(centre.network.pool, centre.network.id, work)
    return [(row["blocked"].lower - START, row["blocked"].upper - START) for row in found]


@pytest.mark.parametrize(
    ("sessions", "expected"),
    [
        ([(0, NEAR)], [(-TO_NEAR, HOUR + TO_NEAR)]),
        ([(0, REMOTE)], [(timedelta(0), HOUR)]),
        # A trip between two sessions belongs to the later one.
        ([(0, NEAR), (3, FAR)], [(-TO_NEAR, HOUR), (3 * HOUR - BETWEEN, 4 * HOUR + TO_FAR)]),
        # Four hours between them, and nobody waits there: home, and out again.
        ([(0, NEAR), (5, FAR)],
         [(-TO_NEAR, HOUR + TO_NEAR), (5 * HOUR - TO_FAR, 6 * HOUR + TO_FAR)]),
        # One cannot travel from or to a telephone: the neighbours are those at a place.
        ([(0, NEAR), (2, REMOTE), (4, FAR)],
         [(-TO_NEAR, HOUR), (2 * HOUR, 3 * HOUR), (4 * HOUR - BETWEEN, 5 * HOUR + TO_FAR)]),
        ([(0, NEAR), (2, REMOTE)], [(-TO_NEAR, HOUR + TO_NEAR), (2 * HOUR, 3 * HOUR)]),
        ([(0, NEAR), (2, NEAR), (4, NEAR)],
         [(-TO_NEAR, HOUR), (2 * HOUR, 3 * HOUR), (4 * HOUR, 5 * HOUR + TO_NEAR)]),
    ],
)  # fmt: skip
async def test_what_is_blocked_does_not_depend_on_the_order_of_booking(
    pool: Pool,
    clock: Any,
    sessions: Sequence[tuple[int, int | None]],
    expected: list[tuple[timedelta, timedelta]],
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        for order in permutations(sessions):
            person = await centre.person()
            for hours, where in order:
                status, answer = await book(centre, person, START + hours * HOUR, where)
                assert status == 201, (order, answer)
            assert await blocked(centre, person) == expected, order
            assert all(one[1] <= two[0] for one, two in pairwise(await blocked(centre, person)))


@pytest.mark.parametrize(("gap", "status"), [(timedelta(0), 201), (MINUTE, 409)])
async def test_just_enough_time_for_the_road_and_a_minute_less(
    pool: Pool, clock: Any, gap: timedelta, status: int
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        later, earlier = await centre.people(2)
        await book(centre, later, START, NEAR)
        second = START + HOUR + BETWEEN - gap
        assert (await book(centre, later, second, FAR))[0] == status
        await book(centre, earlier, second, FAR)
        found, answer = await book(centre, earlier, START, NEAR)
        assert found == status
        assert status == 201 or answer["code"] == "interpreter-is-busy"


async def test_an_earlier_one_squeezed_into_a_gap_is_seen_by_both_neighbours(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        await book(centre, person, START, NEAR)
        await book(centre, person, START + 4 * HOUR, FAR)
        before = await blocked(centre, person)
        # Between them there is an hour to spare, but not for both trips to a place far away.
        assert (await book(centre, person, START + 2 * HOUR, 0))[0] == 201
        assert len(await blocked(centre, person)) == 3
        other = await centre.person()
        await book(centre, other, START, NEAR)
        await book(centre, other, START + 4 * HOUR, FAR)
        assert (await book(centre, other, START + 2 * HOUR, -3 * FAR))[0] == 409
        assert await blocked(centre, other) == before


async def test_nobody_travels_home_whose_home_is_unknown(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person(home=None)
        for hours, where in ((0, NEAR), (3, FAR)):
            assert (await book(centre, person, START + hours * HOUR, where))[0] == 201
        assert await blocked(centre, person) == [
            (timedelta(0), HOUR), (3 * HOUR - BETWEEN, 4 * HOUR),
        ]  # fmt: skip


async def test_sessions_that_touch_by_telephone_are_both_possible(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        for minutes, status in ((0, 201), (60, 201), (-60, 201), (30, 409), (119, 409), (120, 201)):
            found = await book(centre, person, START + minutes * MINUTE, REMOTE)
            assert found[0] == status, minutes


async def test_a_session_of_a_week_blocks_the_week(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        assert (await book(centre, person, START, NEAR, minutes=10_080))[0] == 201
        for hours, status in ((24, 409), (167, 409), (168, 409), (169, 201)):
            assert (await book(centre, person, START + hours * HOUR, REMOTE))[0] == status
