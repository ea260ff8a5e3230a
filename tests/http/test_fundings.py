"""Fundings through their doors."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from api import serving
from conftest import Clock
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
GRANT: dict[str, Any] = {
    "number": "PMIF/12/2016/1/1", "name": "The centre", "starts_on": "2016-05-18",
    "donors": [
        {"name": "AMIF", "share_basis_points": 7500},
        {"name": "The state", "share_basis_points": 2500},
    ],
    "excluded_languages": ["rus", "eng"],
}  # fmt: skip


async def test_finance_adds_a_grant_and_everybody_who_asks_reads_it(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        finance = await network.caller("finance")
        _, software = await network.institution()
        answer = await finance.post("/v1/fundings", GRANT)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert made["id"].startswith("fnd_")
        assert made == GRANT | {
            "id": made["id"], "ends_on": None, "languages": [], "groups": [], "statuses": [],
            "months_since_status": None, "institution_ids": [], "version": 1,
            "excluded_languages": made["excluded_languages"], "created_at": made["created_at"],
        }  # fmt: skip
        assert [one["code"] for one in made["excluded_languages"]] == ["rus", "eng"]
        shown = await software.get(f"/v1/fundings/{made['id']}")
        assert (shown.json(), shown.headers["etag"]) == (made, '"1"')
        assert (await software.get("/v1/fundings")).json()["items"] == [made]


async def test_an_institution_sees_those_that_are_open_to_it_and_nobody_elses_name(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        own, software = await network.institution("Own")
        other, _ = await network.institution("Other")
        both, theirs = [
            (
                await coordinator.post(
                    "/v1/fundings", GRANT | {"number": number, "institution_ids": places}
                )
            ).json()
            for number, places in (("1", [other, own]), ("2", [other]))
        ]
        assert both["institution_ids"] == [other, own]
        listed = (await software.get("/v1/fundings")).json()["items"]
        assert listed == [both | {"institution_ids": [own]}]
        assert (await software.get(f"/v1/fundings/{theirs['id']}")).status_code == 404


async def test_every_wrong_field_is_named(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        finance = await network.caller("finance")
        sent = GRANT | {
            "ends_on": "2016-05-17",
            "donors": [
                {"name": "AMIF", "share_basis_points": 7500},
                {"name": "amif", "share_basis_points": 2501},
            ],
            "languages": ["prs", "kurdish", "klingon!"],
            "months_since_status": -1,
            "colour": "green",
        }
        refused = await finance.post("/v1/fundings", sent)
        assert refused.status_code == 422
        assert {(one["pointer"], one["code"]) for one in refused.json()["errors"]} == {
            ("/ends_on", "ends-before-start"),
            ("/donors/1/name", "duplicate"),
            ("/donors", "shares-do-not-add-up"),
            ("/languages/1", "needs-variety"),
            ("/languages/2", "unknown-language"),
            ("/months_since_status", "out-of-range"),
            ("/colour", "unknown-field"),
        }
        nowhere = await finance.post(
            "/v1/fundings",
            GRANT | {"institution_ids": ["ins_" + "0" * 26], "languages": ["ru", "prs"]},
        )
        assert [(one["pointer"], one["code"]) for one in nowhere.json()["errors"]] == [
            ("/excluded_languages/0", "conflicting"),
            ("/institution_ids/0", "unknown-institution"),
        ]
        assert await network.count("fundings") == 0


async def test_a_change_makes_the_next_version(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        finance = await network.caller("finance")
        made = (await finance.post("/v1/fundings", GRANT)).json()
        path = f"/v1/fundings/{made['id']}"
        changed = await finance.patch(
            path, {"ends_on": "2017-08-17", "name": None}, headers={"If-Match": '"1"'}
        )
        assert changed.json() == made | {"ends_on": "2017-08-17", "name": None, "version": 2}
        assert changed.headers["etag"] == '"2"'
        stale = await finance.patch(path, {"name": "x"}, headers={"If-Match": '"1"'})
        assert stale.status_code == 412
        # What is not sent counts, too: it would end before it begins.
        wrong = await finance.patch(path, {"starts_on": "2017-08-18"})
        assert wrong.json()["code"] == "ends-before-start"
        assert (await finance.get(path)).json() == changed.json()


async def test_a_number_is_given_once(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        finance = await network.caller("finance")
        await finance.post("/v1/fundings", GRANT)
        again = await finance.post("/v1/fundings", GRANT)
        assert (again.status_code, again.json()["code"]) == (409, "funding-number-taken")
        other = (await finance.post("/v1/fundings", GRANT | {"number": "2"})).json()
        renamed = await finance.patch(f"/v1/fundings/{other['id']}", {"number": GRANT["number"]})
        assert (renamed.status_code, renamed.json()["code"]) == (409, "funding-number-taken")
        assert (await finance.get(f"/v1/fundings/{other['id']}")).json() == other


async def test_of_many_changes_at_once_one_counts_and_of_many_same_numbers_one(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        finance = await network.caller("finance")
        made = await asyncio.gather(*(finance.post("/v1/fundings", GRANT) for _ in range(8)))
        assert Counter(one.status_code for one in made) == {201: 1, 409: 7}
        [grant] = (await finance.get("/v1/fundings")).json()["items"]
        path = f"/v1/fundings/{grant['id']}"
        changed = await asyncio.gather(
            *(
                finance.patch(path, {"name": f"Name {number}"}, headers={"If-Match": '"1"'})
                for number in range(8)
            )
        )
        assert Counter(one.status_code for one in changed) == {200: 1, 412: 7}
        [winner] = [one.json() for one in changed if one.status_code == 200]
        assert (await finance.get(path)).json() == winner
        assert winner["version"] == 2


async def test_of_two_grants_that_take_one_number_at_once_one_has_it(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        finance = await network.caller("finance")
        two = [
            (await finance.post("/v1/fundings", GRANT | {"number": number})).json()["id"]
            for number in ("1", "2")
        ]
        said = await asyncio.gather(
            *(finance.patch(f"/v1/fundings/{one}", {"number": "3"}) for one in two)
        )
        assert sorted(one.status_code for one in said) == [200, 409]
        numbers = {one["number"] for one in (await finance.get("/v1/fundings")).json()["items"]}
        assert numbers in ({"1", "3"}, {"2", "3"})
