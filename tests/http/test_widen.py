"""Widening a search through its door."""

from typing import Any

import pytest

from api import serving
from centre import Centre
from interpreters.database import Pool
from roster import errors_of

pytestmark = pytest.mark.anyio


async def test_a_requester_widens_and_sees_what_was_done(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        remote = await centre.person(modes=["phone"])
        farsi = await centre.person(languages=[{"code": "pes"}, {"code": "lv"}])
        asked = await centre.asked()
        assert (asked["state"], asked["fallbacks_used"]) == ("unfilled", [])
        path = f"/v1/requests/{asked['id']}/widen"
        wide = await centre.school.post(path, {"other_mode": True, "neighbour_language": True})
        assert wide.status_code == 200, wide.text
        answer = wide.json()
        assert answer["state"] == "searching"
        assert answer["unfilled_reason"] is None
        assert answer["fallbacks"] == {
            "other_mode": True, "neighbour_language": True, "relay": False, "shift_minutes": 0,
        }  # fmt: skip
        assert answer["fallbacks_used"] == [
            {"code": "other_mode", "detail": "asked for phone or video"}
        ]
        consent = answer["language_consent"]
        assert consent["stated_by"].startswith("key_")
        assert consent["at"] == "2026-11-24T08:00:00Z"
        (offer,) = await remote.offers()
        assert offer["mode"] == "phone"
        await remote.decline(asked)
        (offer,) = await farsi.offers()
        assert offer["from_language"]["code"] == "pes"
        shown = (await centre.school.get(f"/v1/requests/{asked['id']}")).json()
        assert [one["code"] for one in shown["fallbacks_used"]] == [
            "other_mode", "neighbour_language",
        ]  # fmt: skip


async def test_widening_twice_changes_nothing(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person(modes=["phone"])
        asked = await centre.asked()
        path = f"/v1/requests/{asked['id']}/widen"
        first = (await centre.coordinator.post(path, {"other_mode": True})).json()
        again = await centre.coordinator.post(path, {"other_mode": True})
        assert (again.status_code, again.json()) == (200, first)
        nothing = await centre.coordinator.post(path, {})
        assert (nothing.status_code, nothing.json()) == (200, first)


async def test_what_was_allowed_is_not_taken_back(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        asked = await centre.asked(fallbacks={"other_mode": True, "shift_minutes": 60})
        path = f"/v1/requests/{asked['id']}/widen"
        wide = (await centre.school.post(path, {"relay": True, "shift_minutes": 30})).json()
        assert wide["fallbacks"] == {
            "other_mode": True, "neighbour_language": False, "relay": True, "shift_minutes": 60,
        }  # fmt: skip


async def test_a_request_that_needs_nobody_is_not_widened(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one = await centre.person()
        filled = await centre.asked()
        await one.accept(filled)
        cancelled = await centre.asked(clients=[{"reference": "B"}])
        await centre.school.post(f"/v1/requests/{cancelled['id']}/cancel", {"reason": "ill"})
        for request, state in ((filled, "filled"), (cancelled, "cancelled")):
            said = await centre.school.post(f"/v1/requests/{request['id']}/widen", {"relay": True})
            assert (said.status_code, said.json()["code"]) == (409, "wrong-state")
            assert state in said.json()["detail"]


async def test_after_its_time_only_another_time_helps(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        asked = await centre.asked()
        one = await centre.person()
        clock.now = clock.now.replace(day=25, hour=8, minute=30)  # it began at eight
        path = f"/v1/requests/{asked['id']}/widen"
        late = await centre.school.post(path, {"other_mode": True})
        assert (late.status_code, late.json()["code"]) == (409, "wrong-state")
        moved = await centre.school.post(path, {"shift_minutes": 60})
        assert moved.json()["state"] == "searching"
        (offer,) = await one.offers()
        assert offer["starts_at"] == "2026-11-25T09:00:00Z"
        assert offer["ends_at"] == "2026-11-25T10:00:00Z"


async def test_the_body_is_read_as_that_of_a_request(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        asked = await centre.asked()
        path = f"/v1/requests/{asked['id']}/widen"
        said = await centre.school.post(path, {"shift_minutes": 1441, "nonsense": 1})
        assert errors_of(said) == {
            ("/shift_minutes", "out-of-range"), ("/nonsense", "unknown-field"),
        }  # fmt: skip


async def test_another_institutions_request_is_not_there(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        asked = await centre.asked()
        _, other = await network.institution("Other")
        said = await other.post(f"/v1/requests/{asked['id']}/widen", {"relay": True})
        assert said.status_code == 404


async def test_a_relay_is_shown_as_its_two_legs(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one = await centre.person(languages=[{"code": "dari"}, {"code": "en"}])
        two = await centre.person(languages=[{"code": "en"}, {"code": "lv"}])
        asked = await centre.asked(fallbacks={"relay": True})
        legs = [
            (seat["from_language"]["code"], seat["to_language"]["code"])
            for seat in asked["seats"]
            if "from_language" in seat
        ]
        assert legs == [("prs", "eng"), ("eng", "lav")]
        assert asked["fallbacks_used"] == [{
            "code": "relay",
            "detail": "asked two interpreters with English between them; plan 80 minutes",
        }]  # fmt: skip
        held = await one.accept(asked)
        assert (held["state"], held["to_language"]["code"]) == ("held", "eng")
        sure = await two.accept(asked)
        assert (sure["state"], sure["from_language"]["code"]) == ("confirmed", "eng")
        filled = (await centre.school.get(f"/v1/requests/{asked['id']}")).json()
        assert filled["state"] == "filled"
        assert [seat["state"] for seat in filled["seats"]] == ["filled", "filled"]
        assert len(filled["booking_ids"]) == 2
