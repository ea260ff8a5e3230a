"""The caller's own network, and who the caller is."""

import pytest

from api import serving
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.callers import SCOPES

pytestmark = pytest.mark.anyio


async def test_a_coordinator_sees_and_changes_the_network(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        shown = (await coordinator.get("/v1/network")).json()
        assert shown["id"].startswith("net_")
        assert (shown["name"], shown["time_zone"]) == ("Centre", "Europe/Riga")
        assert (shown["currency"], shown["country"]) == ("EUR", "LV")
        assert shown["working_language"]["code"] == "lav"
        assert (shown["weights"], shown["ladder"]) == ({}, {})
        sent = {"name": "House", "time_zone": "Asia/Tashkent", "currency": "UZS", "country": "UZ",
                "working_language": "uz"}  # fmt: skip
        changed = await coordinator.patch("/v1/network", sent)
        assert changed.status_code == 200, changed.text
        assert changed.json()["working_language"]["code"] == "uzb"
        assert changed.json() == (await coordinator.get("/v1/network")).json()
        assert changed.json()["version"] == shown["version"] + 1


async def test_finance_sees_the_network_and_others_do_not(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        _, software = await network.institution()
        finance = await network.caller("finance")
        assert (await finance.get("/v1/network")).status_code == 200
        assert (await finance.patch("/v1/network", {"name": "x"})).status_code == 403
        assert (await software.get("/v1/network")).status_code == 403


async def test_a_stale_change_of_the_network_is_refused(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        etag = (await coordinator.get("/v1/network")).headers["etag"]
        for status in (200, 412):
            response = await coordinator.patch(
                "/v1/network", {"name": "x"}, headers={"If-Match": etag}
            )
            assert response.status_code == status


async def test_everybody_may_know_who_they_are(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, software = await network.institution()
        me = (await software.get("/v1/me")).json()
        assert (me["role"], me["mode"]) == ("institution", "live")
        assert (me["institution_id"], me["interpreter_id"]) == (institution, None)
        assert me["scopes"] == sorted(SCOPES["institution"])
        assert me["network"]["name"] == "Centre"
        finance = await network.caller("finance")
        me = (await finance.get("/v1/me")).json()
        assert (me["role"], me["institution_id"]) == ("finance", None)


async def test_weights_are_changed_whole_and_counted(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        sent = {"weights": {"reliability": 10, "fairness": 14}}  # 14 - 4, 10 + 4: still 100
        changed = (await coordinator.patch("/v1/network", sent)).json()["weights"]
        assert (changed["reliability"], changed["fairness"], changed["level"]) == (10, 14, 6)
        assert changed["version"] == 2
        again = (await coordinator.patch("/v1/network", {"weights": changed})).json()["weights"]
        assert again == {**changed, "version": 3}
        assert (await coordinator.patch("/v1/network", {"name": "x"})).json()["weights"] == again
        back = await coordinator.patch("/v1/network", {"weights": None})
        assert back.json()["weights"] == {}


async def test_a_ladder_is_changed_whole_and_counted(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        sent = {"ladder": {"chance": 0.5, "gaps": [{"lead": 7200, "gap": 60},
                                                   {"lead": None, "gap": 600}]}}  # fmt: skip
        changed = (await coordinator.patch("/v1/network", sent)).json()["ladder"]
        assert (changed["chance"], changed["threshold"], changed["version"]) == (0.5, 0.85, 2)
        assert [step["lead"] for step in changed["gaps"]] == [7200, None]


@pytest.mark.parametrize(
    ("sent", "pointers"),
    [
        ({"weights": {"reliability": 15}}, ["/weights"]),
        ({"weights": {"reliability": -1}}, ["/weights/reliability"]),
        ({"weights": {"speed": 1}}, ["/weights/speed"]),
        ({"ladder": {"gaps": []}}, ["/ladder"]),
        ({"ladder": {"gaps": [{"lead": 60, "gap": 60}]}}, ["/ladder"]),
        ({"ladder": {"chance": 1}}, ["/ladder/chance"]),
        ({"ladder": {"gaps": [{"lead": None, "gap": -1}]}}, ["/ladder/gaps/0/gap"]),
        ({"volunteer_topics": ["magic"]}, ["/volunteer_topics/0"]),
        ({"applications_open": None}, ["/applications_open"]),
    ],
)
async def test_rules_that_cannot_work_are_refused(
    sent: dict[str, object], pointers: list[str], pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        refused = await coordinator.patch("/v1/network", sent)
        assert refused.status_code == 422, refused.text
        assert [one["pointer"] for one in refused.json()["errors"]] == pointers


async def test_how_long_things_are_kept_is_the_networks_to_say(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        shown = (await coordinator.get("/v1/network")).json()["retention"]
        assert (shown["instructions"], shown["answers"], shown["inactive_clients"]) == (30, 7, None)

        for change in ({"reasons": 180, "instructions": None}, {"inactive_clients": 800}):
            answer = await coordinator.patch("/v1/network", {"retention": change})
            assert answer.status_code == 200, answer.text
        said = answer.json()["retention"]
        assert said == {**shown, "reasons": 180, "instructions": None, "inactive_clients": 800}

        for wrong, pointer in (
            ({"reasons": 0}, "/retention/reasons"), ({"reasons": 3651}, "/retention/reasons"),
            ({"answers": 6}, "/retention/answers"), ({"gossip": 3}, "/retention/gossip"),
            ({"reasons": "long"}, "/retention/reasons"),
        ):  # fmt: skip
            refused = await coordinator.patch("/v1/network", {"retention": wrong})
            assert refused.status_code == 422, wrong
            assert [one["pointer"] for one in refused.json()["errors"]] == [pointer]
        assert (await coordinator.get("/v1/network")).json()["retention"] == said
