"""Who was called off late has time: seen by coordinators, used by others, asked at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api import serving
from centre import START, Centre, Json, Person, z
from interpreters.database import Pool
from interpreters.domain.freed_slots import is_freed

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
REMOTE: Json = {"modes": ["phone"], "site_id": ...}


async def called_off(centre: Centre, person: Person, **order: Any) -> Json:
    """Have a booking made and called off, and what follows of it done; return the booking."""
    booking = await centre.booked(person, **order)
    gone = await centre.school.post(f"/v1/bookings/{booking['id']}/cancel", {"reason": "no"})
    assert gone.status_code == 200, gone.text
    await centre.heard()
    return booking


async def slots(centre: Centre, query: str = "") -> list[Json]:
    response = await centre.coordinator.get(f"/v1/freed-slots{query}")
    assert response.status_code == 200, response.text
    found: list[Json] = response.json()["items"]
    return found


@pytest.mark.parametrize(
    ("before", "charge", "freed"),
    [
        (timedelta(hours=24), 0, True),
        (timedelta(hours=24, seconds=1), 0, False),
        (timedelta(days=3), 1, True),
        (-timedelta(minutes=30), 0, True),
        (-timedelta(hours=1), 0, False),
    ],
    ids=["a day before", "earlier", "earlier, for a fee", "during it", "after it"],
)
def test_late_is_a_day_before_or_for_a_fee(before: timedelta, charge: int, freed: bool) -> None:
    starts_at = NOON + before
    assert freed is is_freed(
        state="confirmed", starts_at=starts_at, ends_at=starts_at + HOUR, costs=charge > 0,
        now=NOON,
    )  # fmt: skip


def test_what_was_only_held_frees_nobody() -> None:
    assert not is_freed(
        state="held", starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR, costs=False, now=NOON
    )


async def test_a_late_call_off_leaves_what_was_blocked_for_coordinators_to_see(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        clock.now = START - timedelta(hours=20)
        person = await centre.person()
        booking = await called_off(centre, person)
        (slot,) = await slots(centre)
        assert slot["booking_id"] == booking["id"]
        assert slot["interpreter"]["id"] == person.id
        assert [one["code"] for one in slot["languages"]] == ["prs", "lav"]
        assert (slot["mode"], slot["city"], slot["request_id"]) == ("in_person", "Riga", None)
        assert slot["starts_at"] <= z(START)
        assert slot["ends_at"] >= z(START + HOUR)
        for other in (centre.school, person.api):
            assert (await other.get("/v1/freed-slots")).status_code == 403
        ends_at = datetime.fromisoformat(slot["ends_at"])
        assert await slots(centre, f"?to={z(START - timedelta(hours=5))}") == []
        clock.now = ends_at
        assert await slots(centre) == []
        assert len(await slots(centre, f"?from={z(ends_at - HOUR)}")) == 1


async def test_an_early_call_off_leaves_none(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        clock.now = START - timedelta(hours=25)
        await called_off(centre, await centre.person())
        assert await slots(centre) == []


async def test_who_has_one_comes_before_somebody_a_little_better(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        clock.now = START - timedelta(hours=20)
        freed = await centre.person(qualification="trained")  # 7 x 0.4 points less
        await called_off(centre, freed, **REMOTE)
        better = await centre.person(qualification="certified")
        asked = await centre.asked(**REMOTE, clients=[{"reference": "B"}])
        path = f"/v1/requests/{asked['id']}/candidates"
        found = (await centre.coordinator.get(path)).json()["candidates"]
        assert [one["interpreter"]["id"] for one in found] == [freed.id, better.id]
        reasons = {one["code"]: one["points"] for one in found[0]["reasons"]}
        assert reasons["freed_slot"] == 6.0
        assert found[0]["score"] == pytest.approx(sum(reasons.values()))
        assert "freed_slot" not in {one["code"] for one in found[1]["reasons"]}
        longer = await centre.asked(**REMOTE, clients=[{"reference": "C"}], duration_minutes=61)
        path = f"/v1/requests/{longer['id']}/candidates"
        found = (await centre.coordinator.get(path)).json()["candidates"]
        assert found[0]["interpreter"]["id"] == better.id


async def test_a_search_that_they_fit_asks_them_at_once_and_the_slot_is_used_once(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        clock.now = START - timedelta(hours=20)
        person = await centre.person()
        booking = await centre.booked(person, **REMOTE)
        other = await centre.person()
        waiting = await centre.asked(**REMOTE, clients=[{"reference": "B"}])
        assert len(await other.offers()) == 1
        elsewhen = await centre.asked(
            **REMOTE, clients=[{"reference": "C"}], starts_at=z(START + timedelta(hours=3))
        )
        later = await centre.due(elsewhen)
        await centre.school.post(f"/v1/bookings/{booking['id']}/cancel", {"reason": "no"})
        await centre.heard()
        assert (await centre.due(waiting))["ladder"] == clock.now
        assert await centre.due(elsewhen) == later
        await centre.step(waiting)
        assert (await person.offer(waiting))["state"] == "open"
        await person.accept(waiting)
        (slot,) = await slots(centre)
        assert slot["request_id"] == waiting["id"]


async def test_a_coordinator_asks_on_behalf_of_an_institution_and_nobody_else_names_one(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        court = await centre.made(
            centre.coordinator, "/v1/institutions", {"name": "Court", "kind": "justice"}
        )
        behalf = {"on_behalf_of": {"institution_id": court["id"], "note": None}}
        order = centre.order(
            **behalf, institution_id=centre.institution["id"], referred_by="the police",
            channel="hotline",
        )  # fmt: skip
        made = await centre.made(centre.coordinator, "/v1/requests", order)
        shown = (await centre.school.get(f"/v1/requests/{made['id']}")).json()
        for one in (made, shown):
            assert one["on_behalf_of"] == behalf["on_behalf_of"]
            assert (one["referred_by"], one["channel"]) == ("the police", "hotline")
        nobody = "ins_" + "0" * 26
        said = []
        for api, named in (
            (centre.coordinator, nobody),
            (centre.school, nobody),
            (centre.school, court["id"]),
        ):
            wrong = {**order, "on_behalf_of": {"institution_id": named}}
            said.append(await api.post("/v1/requests", wrong))
        assert [one.status_code for one in said] == [422] * 3
        assert {one.json()["code"] for one in said} == {"unknown-institution"}
        assert len({one.text.replace(court["id"], nobody) for one in said}) == 1
        assert (await centre.school.post("/v1/requests", centre.order(
            on_behalf_of={"note": "a caller"}, clients=[{"reference": "D"}]
        ))).status_code == 201  # fmt: skip
