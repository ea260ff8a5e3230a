"""A team split through its door."""

from typing import Any

import pytest

from api import serving
from centre import Centre
from interpreters.database import Pool

pytestmark = pytest.mark.anyio


async def test_who_said_yes_is_booked_and_is_told_so(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, two = await centre.people(2)
        team = await centre.asked(interpreters_needed=2)
        held = await one.accept(team)
        assert held["state"] == "held"
        path = f"/v1/requests/{team['id']}/split"

        split = await centre.school.post(path)

        assert split.status_code == 200, split.text
        answer = split.json()
        assert (answer["state"], answer["partial_ok"]) == ("partly_filled", True)
        assert {seat["state"] for seat in answer["seats"]} == {"filled", "open"}
        assert answer["booking_ids"] == [held["id"]]
        assert (await centre.booking(held))["state"] == "confirmed"
        assert (await centre.events())[-3:] == [
            "request.changed", "booking.confirmed", "request.partly_filled",
        ]  # fmt: skip
        assert (await two.accept(team))["state"] == "confirmed"
        assert (await centre.request(team))["state"] == "filled"


async def test_whose_team_it_is_may_split_it_and_nobody_else(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, _ = await centre.people(2)
        team = await centre.asked(interpreters_needed=2)
        _, bank = await network.institution("Bank")
        path = f"/v1/requests/{team['id']}/split"
        assert (await bank.post(path)).status_code == 404
        assert (await one.api.post(path)).status_code == 403
        assert (await centre.request(team))["partial_ok"] is False


async def test_a_version_that_is_older_changes_nothing(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, _ = await centre.people(2)
        team = await centre.asked(interpreters_needed=2)
        await one.accept(team)
        old = {"If-Match": f'"{team["version"]}"'}
        late = await centre.coordinator.post(f"/v1/requests/{team['id']}/split", headers=old)
        assert (late.status_code, late.json()["code"]) == (412, "precondition-failed")


async def test_what_is_for_one_interpreter_has_no_team(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        asked = await centre.asked()
        said = await centre.school.post(f"/v1/requests/{asked['id']}/split")
        assert (said.status_code, said.json()["code"]) == (409, "wrong-state")
