"""Institutions through their doors."""

import pytest

from api import serving
from conftest import Clock
from interpreters.database import Pool

pytestmark = pytest.mark.anyio


async def test_a_coordinator_adds_an_institution(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        response = await coordinator.post(
            "/v1/institutions", {"name": "Riga school 12", "kind": "education"}
        )
        assert response.status_code == 201, response.text
        made = response.json()
        assert made["id"].startswith("ins_")
        assert (made["time_zone"], made["country"]) == ("Europe/Riga", "LV")
        shown = await coordinator.get(f"/v1/institutions/{made['id']}")
        assert (shown.status_code, shown.json()) == (200, made)


@pytest.mark.parametrize(
    ("country", "language"), [("LV", "lav"), ("EE", "est"), ("DE", "deu"), ("UA", "ukr")]
)
async def test_it_works_in_the_first_official_language_of_its_country(
    pool: Pool, clock: Clock, country: str, language: str
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        sent = {"name": "Court", "kind": "justice", "country": country}
        made = (await coordinator.post("/v1/institutions", sent)).json()
        assert made["working_language"]["code"] == language


async def test_a_change_leaves_what_it_does_not_name(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, _ = await network.institution()
        coordinator = await network.caller("coordinator")
        path = f"/v1/institutions/{institution}"
        before = (await coordinator.get(path)).json()
        changed = await coordinator.patch(path, {"name": "Court", "country": None})
        assert changed.json() == before | {"name": "Court", "country": None, "version": 2}


async def test_an_institution_sees_itself_alone_and_changes_nothing(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        await network.institution("Other")
        own, software = await network.institution()
        listed = (await software.get("/v1/institutions")).json()
        assert [one["id"] for one in listed["items"]] == [own]
        assert (await software.patch(f"/v1/institutions/{own}", {"name": "x"})).status_code == 403
        made = await software.post("/v1/institutions", {"name": "x", "kind": "ngo"})
        assert made.status_code == 403


async def test_interpreters_it_prefers_or_blocks_must_be_on_the_roster(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        person = {"display_name": "A", "email": "a@example.org",
                  "languages": [{"code": "prs"}, {"code": "lav"}]}  # fmt: skip
        interpreter = (await coordinator.post("/v1/interpreters", person)).json()["id"]
        nobody = "int_" + "0" * 26
        sent = {"name": "x", "kind": "ngo", "preferred_interpreter_ids": [interpreter, nobody],
                "blocked_interpreter_ids": [nobody]}  # fmt: skip
        refused = await coordinator.post("/v1/institutions", sent)
        assert refused.status_code == 422
        assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [
            ("/preferred_interpreter_ids/1", "unknown-interpreter"),
            ("/blocked_interpreter_ids/0", "unknown-interpreter"),
        ]
        fitting = {"preferred_interpreter_ids": [interpreter], "blocked_interpreter_ids": []}
        made = await coordinator.post("/v1/institutions", sent | fitting)
        assert made.status_code == 201
        assert made.json()["preferred_interpreter_ids"] == [interpreter]


async def test_clients_get_links_only_where_the_institution_wants_it(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        made = await coordinator.post("/v1/institutions", {"name": "School", "kind": "education"})
        assert made.json()["client_links"] is False
        path = f"/v1/institutions/{made.json()['id']}"
        assert (await coordinator.patch(path, {"client_links": True})).json()["client_links"]
        assert (await coordinator.get(path)).json()["client_links"] is True
