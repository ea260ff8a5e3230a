"""How well people were served, of a ledger added up by hand."""

import pytest

from api import Network
from conftest import Clock
from interpreters.application.networks import open_network
from interpreters.database import Pool
from interpreters.domain.ids import show_id
from usage_story import SPRING, told

pytestmark = pytest.mark.anyio
SERVICE = f"/v1/reports/service?{SPRING}"


async def test_each_request_came_to_one_thing(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        found = (await (await story.network.caller("finance")).get(SERVICE)).json()
        assert found["outcomes"] == {
            "requests": 7, "held": 3, "held_in_full": 3, "client_no_show": 1,
            "interpreter_no_show": 1, "unfilled": 1, "given_up": 0, "cancelled_in_time": 0,
            "cancelled_late": 1, "cancelled_by_us": 0, "pending": 0,
        }  # fmt: skip
        assert sum(found["outcomes"].values()) == 7 * 2 + 3  # held_in_full is a part of held
        assert found["unfilled_by_reason"] == {"unknown": 1}


async def test_both_rates_say_what_they_divide(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        rates = (await (await story.network.caller("coordinator")).get(SERVICE)).json()["rates"]
        ministry, served = rates["ministry_of_justice_success"], rates["served"]
        # (3 held + 1 client) / (7 - 1 called off); 3 / (3 + 1 + 1)
        assert (ministry["part"], ministry["whole"], ministry["percent"]) == (4, 6, 66.7)
        assert (served["part"], served["whole"], served["percent"]) == (3, 5, 60.0)
        assert "client did not come" in ministry["counts"]


async def test_who_did_the_work_is_told_to_the_network_alone(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        fair = (await (await story.network.caller("coordinator")).get(SERVICE)).json()["fairness"]
        assert (fair["interpreters"], fair["with_nothing"]) == (1, 0)
        assert fair["shares"][0]["hours"] == 2.25  # 60 + 30 + 45 minutes
        school = await story.network.caller("institution", institution_id=story.school)
        found = (await school.get(SERVICE)).json()
        assert (found["fairness"], found["offers"]) == (None, None)
        assert found["outcomes"]["requests"] == 2
        assert found["outcomes"]["held"] == 1


async def test_another_institutions_report_is_not_found(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        school = await story.network.caller("consultant", institution_id=story.school)
        own, other = (show_id("ins", one) for one in (story.school, story.centre))
        assert (await school.get(f"{SERVICE}&institution_id={other}")).status_code == 404
        assert (await school.get(f"{SERVICE}&institution_id={own}")).status_code == 200
        finance = await story.network.caller("finance")
        centre = (await finance.get(f"{SERVICE}&institution_id={other}")).json()
        assert (centre["outcomes"]["requests"], centre["fairness"]) == (5, None)


async def test_interpreters_have_no_reports(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        interpreter = await story.network.caller("interpreter", interpreter_id=story.interpreter)
        assert (await interpreter.get("/v1/reports/service?from=x")).status_code == 403


async def test_another_network_counts_nothing_of_it(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        other = await open_network(
            pool, name="Other", slug="other", time_zone="Europe/Riga", currency="EUR",
            country="LV", working_language="lav", now=clock(),
        )  # fmt: skip
        stranger = Network(pool, story.network.client, other.network_id, clock())
        found = (await (await stranger.caller("coordinator")).get(SERVICE)).json()
        assert set(found["outcomes"].values()) == {0}
        assert found["rates"]["served"]["percent"] is None
        assert found["time_to_answer"]["p50_minutes"] is None
