"""Tariffs and cancellation policies through their doors."""

from typing import Any

import pytest

from api import serving
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.ids import new_id, show_id

pytestmark = pytest.mark.anyio

TARIFF: dict[str, Any] = {
    "name": "2026", "default": True, "currency": "EUR", "valid_from": "2026-01-01",
    "valid_until": None,
    "rates": [
        {"mode": "in_person", "qualification": "certified", "charge_per_hour_minor": 4800,
         "pay_per_hour_minor": 3000},
    ],
    "minimum_minutes": {"in_person": 60, "phone": 15, "video": 15},
    "increment_minutes": {"in_person": 30, "phone": 15, "video": 15},
    "supplements": [
        {"when": "evening", "from": "18:00", "to": "22:00", "percent": 50},
        {"when": "weekend", "percent": 75},
        {"when": "public_holiday", "percent": 100},
    ],
    "travel": {"charge_per_km_minor": 30, "pay_per_km_minor": 30}, "breaks_paid": False,
}  # fmt: skip
POLICY: dict[str, Any] = {
    "name": "2026", "default": True, "valid_from": "2026-01-01",
    "rules": [
        {"mode": "in_person", "min_minutes": 0, "free_until_hours": 24, "clock": "working_time",
         "fee_percent": 100},
        {"mode": "phone", "free_until_hours": 4, "clock": "elapsed", "fee_percent": 100},
    ],
}  # fmt: skip


def without(sent: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in sent.items() if key != name}


async def test_finance_makes_a_tariff_and_reads_it_as_it_was_sent(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        finance = await network.caller("finance")
        response = await finance.post("/v1/tariffs", TARIFF)
        assert response.status_code == 201, response.text
        made = response.json()
        assert made["id"].startswith("tar_")
        rate = {**TARIFF["rates"][0], "from_minutes": 0}
        assert without(made, "id") | {"created_at": None} == {
            **TARIFF, "rates": [rate], "created_at": None,
        }  # fmt: skip
        assert (await finance.get(f"/v1/tariffs/{made['id']}")).json() == made
        assert (await finance.get("/v1/tariffs")).json() == {"items": [made], "next": None}


async def test_what_is_left_out_of_a_tariff(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        rate = {"mode": "phone", "charge_per_hour_minor": 1, "pay_per_hour_minor": 0}
        sent = {"name": "bare", "valid_from": "2026-01-01", "rates": [rate]}
        made = (await coordinator.post("/v1/tariffs", sent)).json()
        assert (made["default"], made["currency"], made["valid_until"]) == (False, "EUR", None)
        assert made["rates"] == [{**rate, "qualification": None, "from_minutes": 0}]
        assert made["minimum_minutes"] == {"in_person": 0, "phone": 0, "video": 0}
        assert made["increment_minutes"] == {"in_person": 1, "phone": 1, "video": 1}
        assert (made["supplements"], made["travel"]) == ([], None)
        assert made["breaks_paid"] is True


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"currency": "USD"}, [("/currency", "wrong-currency")]),
        ({"currency": "ZZZ"}, [("/currency", "unknown-currency")]),
        ({"valid_until": "2026-01-01"}, [("/valid_until", "ends-before-start")]),
        ({"rates": []}, [("/rates", "out-of-range")]),
        ({"rates": TARIFF["rates"] * 2}, [("/rates/1", "duplicate")]),
        ({"rates": [{**TARIFF["rates"][0], "charge_per_hour_minor": 48.5, "mode": "fax"}]},
         [("/rates/0/mode", "invalid"), ("/rates/0/charge_per_hour_minor", "wrong-type")]),
        ({"rates": [{**TARIFF["rates"][0], "pay_per_hour_minor": -1}]},
         [("/rates/0/pay_per_hour_minor", "out-of-range")]),
        ({"increment_minutes": {"phone": 0}}, [("/increment_minutes/phone", "out-of-range")]),
        ({"minimum_minutes": {"fax": 15}}, [("/minimum_minutes/fax", "unknown-field")]),
        ({"supplements": [{"when": "evening", "from": "18:00", "percent": 50}]},
         [("/supplements/0/to", "required")]),
        ({"supplements": [{"when": "evening", "from": "25:00", "to": "22:00", "percent": 50}]},
         [("/supplements/0/from", "invalid")]),
    ],
)  # fmt: skip
async def test_each_wrong_field_of_a_tariff_is_named(
    pool: Pool, clock: Clock, changes: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    async with serving(pool, clock) as network:
        finance = await network.caller("finance")
        response = await finance.post("/v1/tariffs", {**TARIFF, **changes})
        assert response.status_code == 422, response.text
        found = [(one["pointer"], one["code"]) for one in response.json()["errors"]]
        assert sorted(found) == sorted(errors)
        assert (await finance.get("/v1/tariffs")).json()["items"] == []


async def test_an_institution_reads_what_it_pays_and_not_what_is_earned(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        default = (await coordinator.post("/v1/tariffs", TARIFF)).json()
        courts = {**TARIFF, "name": "courts", "default": False}
        theirs = (await coordinator.post("/v1/tariffs", courts)).json()
        banks = {**TARIFF, "name": "banks", "default": False}
        another = (await coordinator.post("/v1/tariffs", banks)).json()
        own, consultant = await network.institution()
        change = {"tariff_id": theirs["id"]}
        assert (await coordinator.patch(f"/v1/institutions/{own}", change)).status_code == 200
        seen = (await consultant.get("/v1/tariffs")).json()["items"]
        assert {one["id"] for one in seen} == {theirs["id"], default["id"]}
        assert [one["rates"][0]["charge_per_hour_minor"] for one in seen] == [4800, 4800]
        assert all(one["rates"][0]["pay_per_hour_minor"] is None for one in seen)
        assert all(one["travel"]["pay_per_km_minor"] is None for one in seen)
        assert (await consultant.get(f"/v1/tariffs/{theirs['id']}")).json() in seen
        assert (await consultant.get(f"/v1/tariffs/{another['id']}")).status_code == 404


async def test_an_institution_is_given_only_rules_that_there_are(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        sent = {
            "name": "Court", "kind": "justice",
            "tariff_id": show_id("tar", new_id(clock())),
            "cancellation_policy_id": show_id("pol", new_id(clock())),
        }  # fmt: skip
        response = await coordinator.post("/v1/institutions", sent)
        assert response.status_code == 422
        assert [(one["pointer"], one["code"]) for one in response.json()["errors"]] == [
            ("/tariff_id", "unknown-tariff"),
            ("/cancellation_policy_id", "unknown-policy"),
        ]
        tariff = (await coordinator.post("/v1/tariffs", TARIFF)).json()["id"]
        policy = (await coordinator.post("/v1/cancellation-policies", POLICY)).json()["id"]
        known = {**sent, "tariff_id": tariff, "cancellation_policy_id": policy}
        made = await coordinator.post("/v1/institutions", known)
        assert made.status_code == 201, made.text
        assert made.json()["cancellation_policy_id"] == policy


async def test_a_policy_is_read_as_it_was_sent(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        finance = await network.caller("finance")
        response = await finance.post("/v1/cancellation-policies", POLICY)
        assert response.status_code == 201, response.text
        made = response.json()
        assert made["id"].startswith("pol_")
        assert made["rules"][0] == {
            **POLICY["rules"][0], "min_travel_km": 0, "free_until_minutes": 0,
            "pay_percent": None, "with_travel": False, "at_most_minutes": None,
            "late_over_days_off": False, "replacement": False,
        }  # fmt: skip
        _, consultant = await network.institution()
        assert (await consultant.get("/v1/cancellation-policies")).json()["items"] == [made]
        path = f"/v1/cancellation-policies/{made['id']}"
        assert (await consultant.get(path)).json() == made


@pytest.mark.parametrize(
    ("rules", "error"),
    [
        ([], ("/rules", "out-of-range")),
        ([{"free_until_hours": 4, "fee_percent": 101}], ("/rules/0/fee_percent", "out-of-range")),
        ([{"free_until_hours": 4}], ("/rules/0/fee_percent", "required")),
        ([{"free_until_hours": 4, "fee_percent": 1}] * 2, ("/rules/1", "duplicate")),
        ([{"free_until_hours": 4, "fee_percent": 1, "clock": "sundial"}],
         ("/rules/0/clock", "invalid")),
    ],
)  # fmt: skip
async def test_each_wrong_field_of_a_policy_is_named(
    pool: Pool, clock: Clock, rules: list[Any], error: tuple[str, str]
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        response = await coordinator.post("/v1/cancellation-policies", {**POLICY, "rules": rules})
        assert response.status_code == 422, response.text
        assert [(one["pointer"], one["code"]) for one in response.json()["errors"]] == [error]


async def test_every_published_set_can_be_sent_as_ones_own(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        finance = await network.caller("finance")
        sets = (await finance.get("/v1/cancellation-policies/presets")).json()["items"]
        assert {"swedish-state", "region-skane"} <= {one["name"] for one in sets}
        for one in sets:
            sent = {"name": one["title"], "valid_from": "2026-01-01", "rules": one["rules"]}
            made = await finance.post("/v1/cancellation-policies", sent)
            assert (made.status_code, made.json()["rules"]) == (201, one["rules"]), made.text
