"""Sites: places of an institution, with rooms and opening hours by their own clock."""

from typing import Any

import pytest

from api import serving
from conftest import Clock
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
CENTRE = {
    "name": "Riga centre",
    "city": "Rīga",
    "address": "Alberta iela 1",
    "latitude": 56.96,
    "longitude": 24.1,
    "phone": "+371 25565098",
    "email": "riga@example.org",
    "opening_hours": [
        {"day": "tue", "from": "09:00", "to": "17:00"},
        {"day": "mon", "from": "09:00", "to": "24:00"},
    ],
    "rooms": ["Second", {"name": "First"}],
}


async def test_a_site_is_answered_as_it_was_given(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, software = await network.institution()
        coordinator = await network.caller("coordinator")
        path = f"/v1/institutions/{institution}/sites"
        made = await coordinator.post(path, CENTRE)
        assert made.status_code == 201, made.text
        site = made.json()
        assert site["id"].startswith("sit_")
        assert site["institution_id"] == institution
        assert site["time_zone"] == "Europe/Riga"
        assert site["phone"] == "+37125565098"
        assert site["opening_hours"] == [
            {"day": "mon", "from": "09:00", "to": "24:00"},
            {"day": "tue", "from": "09:00", "to": "17:00"},
        ]
        assert [one["name"] for one in site["rooms"]] == ["First", "Second"]
        assert all(one["id"].startswith("rom_") for one in site["rooms"])
        for reader in (coordinator, software):
            shown = await reader.get(f"{path}/{site['id']}")
            assert (shown.status_code, shown.json()) == (200, site)
            assert (await reader.get(path)).json() == {"items": [site], "next": None}


async def test_a_site_without_hours_is_always_open_and_lives_by_its_institutions_clock(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        lisbon = {"name": "Lisbon", "kind": "ngo", "country": "PT", "time_zone": "Europe/Lisbon"}
        institution = (await coordinator.post("/v1/institutions", lisbon)).json()["id"]
        made = await coordinator.post(f"/v1/institutions/{institution}/sites", {"name": "One"})
        assert made.json()["time_zone"] == "Europe/Lisbon"
        assert made.json()["opening_hours"] is None
        assert made.json()["rooms"] == []


async def test_a_room_that_stays_keeps_its_id(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, _ = await network.institution()
        coordinator = await network.caller("coordinator")
        made = await coordinator.post(f"/v1/institutions/{institution}/sites", CENTRE)
        path = f"/v1/institutions/{institution}/sites/{made.json()['id']}"
        before = {one["name"]: one["id"] for one in made.json()["rooms"]}
        changed = await coordinator.patch(path, {"rooms": ["Third", "Second"]})
        assert changed.status_code == 200, changed.text
        after = {one["name"]: one["id"] for one in changed.json()["rooms"]}
        assert set(after) == {"Second", "Third"}
        assert after["Second"] == before["Second"]
        shown = await coordinator.get(path)
        assert shown.json() == changed.json()
        assert shown.headers["etag"] != made.headers["etag"]


async def test_a_change_leaves_what_it_does_not_name(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, _ = await network.institution()
        coordinator = await network.caller("coordinator")
        made = await coordinator.post(f"/v1/institutions/{institution}/sites", CENTRE)
        path = f"/v1/institutions/{institution}/sites/{made.json()['id']}"
        sent = {"opening_hours": None, "phone": None, "latitude": None, "longitude": None}
        changed = await coordinator.patch(path, sent)
        expected = made.json() | sent | {"version": 2}
        assert changed.json() == expected


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"latitude": None}, "/latitude", "required"),
        ({"longitude": None}, "/longitude", "required"),
        ({"rooms": ["1", "2", {"name": "1"}]}, "/rooms/2", "duplicate"),
        ({"phone": "25565098"}, "/phone", "invalid-phone"),
        ({"email": "a@b.c\n"}, "/email", "invalid"),
        ({"latitude": 90.1}, "/latitude", "out-of-range"),
        (
            {"opening_hours": [{"day": "mon", "from": "09:05", "to": "17:00"}]},
            "/opening_hours/0/from",
            "not-a-quarter-hour",
        ),
        (
            {"opening_hours": [{"day": "mon", "from": "22:00", "to": "06:00"}]},
            "/opening_hours/0/to",
            "ends-before-start",
        ),
        (
            {"opening_hours": [{"day": "monday", "from": "09:00", "to": "17:00"}]},
            "/opening_hours/0/day",
            "unknown-day",
        ),
    ],
)
async def test_a_wrong_site_is_refused_by_the_field(
    pool: Pool, clock: Clock, change: dict[str, Any], pointer: str, code: str
) -> None:
    async with serving(pool, clock) as network:
        institution, _ = await network.institution()
        coordinator = await network.caller("coordinator")
        path = f"/v1/institutions/{institution}/sites"
        response = await coordinator.post(path, CENTRE | change)
        assert response.status_code == 422
        assert [(one["pointer"], one["code"]) for one in response.json()["errors"]] == [
            (pointer, code)
        ]
        assert await network.count("sites") == 0


async def test_only_coordinators_change_sites(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, software = await network.institution()
        coordinator = await network.caller("coordinator")
        path = f"/v1/institutions/{institution}/sites"
        site = (await coordinator.post(path, CENTRE)).json()["id"]
        assert (await software.post(path, CENTRE)).status_code == 403
        assert (await software.patch(f"{path}/{site}", {"name": "x"})).status_code == 403


async def test_a_site_is_found_only_under_its_own_institution(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        first, _ = await network.institution("One")
        second, _ = await network.institution("Two")
        coordinator = await network.caller("coordinator")
        site = (await coordinator.post(f"/v1/institutions/{first}/sites", CENTRE)).json()["id"]
        path = f"/v1/institutions/{second}/sites/{site}"
        assert (await coordinator.get(path)).status_code == 404
        assert (await coordinator.patch(path, {"name": "x"})).status_code == 404
