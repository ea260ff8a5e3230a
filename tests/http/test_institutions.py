"""Institutions through their doors."""

import pytest

from api import serving

pytestmark = pytest.mark.anyio


async def test_a_coordinator_adds_an_institution(pool, clock):
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        response = await coordinator.post(
            "/v1/institutions", {"name": "Riga school 12", "kind": "education"}
        )
        assert response.status_code == 201, response.text
        assert response.json()["time_zone"] == "Europe/Riga"
        assert response.json()["working_language"]["code"] == "lav"
