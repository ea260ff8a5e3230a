"""Requests at sites with opening hours: by the clock and the holidays of the place."""

from typing import Any

import pytest

from api import serving
from centre import Centre, Json
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
OFFICE = [
    {"day": day, "from": "09:00", "to": "17:00"} for day in ("mon", "tue", "wed", "thu", "fri")
]
ALWAYS = [
    {"day": day, "from": "00:00", "to": "24:00"}
    for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
]
THURSDAY = "2026-11-26T10:00:00+02:00"
SATURDAY = "2026-11-28T10:00:00+02:00"
EVENING = "2026-11-26T16:30:00+02:00"
CHRISTMAS = "2026-12-25T10:00:00+02:00"  # a Friday


async def site(centre: Centre, hours: list[Json] | None) -> Json:
    made = await centre.add_site(name="Other", opening_hours=hours)
    return {"site_id": made["id"]}


@pytest.mark.parametrize(
    ("hours", "starts_at", "status"),
    [
        (OFFICE, THURSDAY, 201),
        (OFFICE, SATURDAY, 422),
        (OFFICE, EVENING, 422),
        (OFFICE, CHRISTMAS, 422),
        (ALWAYS, SATURDAY, 201),
        (ALWAYS, CHRISTMAS, 201),
        (None, CHRISTMAS, 201),
    ],
)
async def test_an_institution_asks_for_somebody_in_person_while_the_site_is_open(
    pool: Pool, clock: Any, hours: list[Json] | None, starts_at: str, status: int
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        place = await site(centre, hours)

        asked = await centre.school.post("/v1/requests", centre.order(starts_at=starts_at, **place))

        assert asked.status_code == status, asked.text


async def test_it_is_told_when_the_site_is_open_next(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        place = await site(centre, OFFICE)

        for path in ("/v1/requests", "/v1/requests/preview"):
            asked = await centre.school.post(path, centre.order(starts_at=EVENING, **place))

            problem = asked.json()
            assert (asked.status_code, problem["code"]) == (422, "site-closed")
            (error,) = problem["errors"]
            assert error["pointer"] == "/starts_at"
            assert error["suggestions"] == ["2026-11-27T07:00:00Z"]


async def test_coordinators_know_who_opens_the_door_and_the_telephone_works_at_night(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        place = await site(centre, OFFICE)
        order = centre.order(starts_at=SATURDAY, **place)

        by_phone = {**order, "modes": ["in_person", "phone"]}
        assert (await centre.school.post("/v1/requests", by_phone)).status_code == 201
        own = {**order, "institution_id": centre.institution["id"]}
        assert (await centre.coordinator.post("/v1/requests", own)).status_code == 201


async def test_a_request_is_not_moved_to_when_the_site_is_closed(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        request = await centre.asked(starts_at=THURSDAY, **await site(centre, OFFICE))
        path = f"/v1/requests/{request['id']}"

        moved = await centre.school.patch(path, {"starts_at": SATURDAY})
        assert (moved.status_code, moved.json()["code"]) == (422, "site-closed")
        longer = await centre.school.patch(path, {"duration_minutes": 8 * 60})
        assert longer.json()["code"] == "site-closed"
        noted = await centre.school.patch(path, {"instructions": "Room 4"})
        assert noted.status_code == 200, noted.text


async def test_a_site_that_changed_its_hours_holds_nobody_up(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        place = await site(centre, None)
        request = await centre.asked(starts_at=SATURDAY, **place)
        closed = await centre.coordinator.patch(
            f"/v1/institutions/{centre.institution['id']}/sites/{place['site_id']}",
            {"opening_hours": OFFICE},
        )
        assert closed.status_code == 200, closed.text

        noted = await centre.school.patch(
            f"/v1/requests/{request['id']}", {"external_reference": "CASE-1"}
        )

        assert noted.status_code == 200, noted.text
