"""Usage by interpreter, by why nobody came, by who called off; and with few people hidden."""

from typing import Any

import pytest

from api import Api, serving
from conftest import Clock
from interpreters.database import Pool
from ledger import Ledger, at
from usage_story import SPRING, TOTALS, money, report, told

pytestmark = pytest.mark.anyio


def by(found: dict[str, Any], grouping: str) -> dict[Any, dict[str, Any]]:
    return {
        value["display_name"] if isinstance(value := row[grouping], dict) else value: row
        for row in found["items"]
    }


async def test_an_interpreter_has_their_sessions_money_and_no_shows(
    pool: Pool, clock: Clock
) -> None:
    async with told(pool, clock) as story:
        found = await report(await story.network.caller("finance"), "interpreter")
        rows = by(found, "interpreter")
        one = rows["Sample Person"]
        assert (one["sessions"], one["clients"], one["interpreter_no_shows"]) == (3, 3, 1)
        assert (one["charge"], one["pay"]) == (money(10_000), money(6_500))
        # Four requests were filled by them; the rest has no interpreter.
        assert (one["requests"], one["filled"]) == (4, 4)
        assert (rows[None]["requests"], rows[None]["unfilled"], rows[None]["cancelled"]) == (
            3,
            2,
            1,
        )
        assert found["totals"] == TOTALS


async def test_a_report_is_answered_whole_or_in_pages(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        finance = await story.network.caller("finance")
        whole = await report(finance, "client,mode,month")
        assert (whole["next"], len(whole["items"]) > 2) == (None, True)
        following, rows = f"/v1/usage?{SPRING}&group_by=client,mode,month&limit=2", []
        while following is not None:
            page = (await finance.get(following)).json()
            assert (page["totals"], 1 <= len(page["items"]) <= 2) == (whole["totals"], True)
            rows += page["items"]
            following = page["next"]
        assert rows == whole["items"]
        for wrong, pointer in (("limit=0", "/limit"), ("cursor=x", "/cursor")):
            refused = await finance.get(f"/v1/usage?{SPRING}&{wrong}")
            assert refused.json()["errors"][0]["pointer"] == pointer


async def test_institutions_do_not_count_by_interpreter(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        school = await story.network.caller("institution", institution_id=story.school)
        response = await school.get(f"/v1/usage?{SPRING}&group_by=interpreter")
        assert response.status_code == 403


async def test_who_called_off_has_the_fee(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        found = await report(await story.network.caller("coordinator"), "cancelled_by")
        rows = by(found, "cancelled_by")
        assert set(rows) == {"requester", None}
        assert rows["requester"]["cancelled"] == 1
        assert rows["requester"]["late_cancelled"] == 1
        assert rows["requester"]["charge"] == money(3_000)
        assert rows[None]["charge"] == money(7_000)
        assert found["totals"] == TOTALS


async def test_what_nobody_came_to_is_counted_by_its_reason(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        ledger = Ledger(pool, network.id)
        school = await ledger.institution("School", "education")
        client = await ledger.client(school, "B1", "AF")
        wanted = await ledger.request(
            institution_id=school, language="tgk", mode="phone", client_ids=[client],
            starts_at=at("2026-06-15 08:00"), minutes=30, state="unfilled",
        )  # fmt: skip
        async with pool.acquire() as db, db.transaction():
            await db.execute(f"SELECT enter('{network.id}')")
            await db.execute(
                "UPDATE requests SET unfilled_reason = 'nobody-accepted' WHERE id = $1", wanted.id
            )
        found = await report(await network.caller("coordinator"), "unfilled_reason")
        assert [(row["unfilled_reason"], row["unfilled"]) for row in found["items"]] == [
            ("nobody-accepted", 1)
        ]


async def suppressed(caller: Api, group_by: str, below: int) -> dict[str, Any]:
    response = await caller.get(f"/v1/usage?{SPRING}&group_by={group_by}&suppress_below={below}")
    assert response.status_code == 200, response.text
    return response.json()


async def test_a_small_row_is_hidden_with_another_and_the_whole_stays(
    pool: Pool, clock: Clock
) -> None:
    async with told(pool, clock) as story:
        # Dari has two people, Arabic one, Tajik none who came: with 2, only Dari is large enough.
        found = await suppressed(await story.network.caller("coordinator"), "language", 2)
        assert {row["language"]["code"] for row in found["items"]} == {"prs", "arb", "tgk"}
        assert all(row["suppressed"] for row in found["items"])
        assert all(row["sessions"] is None and row["charge"] is None for row in found["items"])
        assert found["totals"] == {**TOTALS, "suppressed": False}


async def test_breaks_stand_where_there_were_any_and_are_hidden_with_their_row(
    pool: Pool, clock: Clock
) -> None:
    async with told(pool, clock) as story:
        coordinator = await story.network.caller("coordinator")
        assert "break_minutes" not in (await report(coordinator, "language"))["totals"]
        wanted = await story.ledger.request(
            institution_id=story.school, language="arb", mode="video", client_ids=[story.b1],
            starts_at=at("2026-06-17 08:00"), minutes=45, state="closed",
        )  # fmt: skip
        booking = await story.ledger.booking(wanted, story.interpreter, "completed")
        await story.ledger.entry(booking, "session", [story.b1], actual=45, breaks=10)
        open_ = await report(coordinator, "language")
        counted = {row["language"]["code"]: row["break_minutes"] for row in open_["items"]}
        assert counted == {"prs": 0, "arb": 10, "tgk": 0}
        hidden = await suppressed(coordinator, "language", 2)
        assert {row["break_minutes"] for row in hidden["items"]} == {None}
        assert hidden["totals"]["break_minutes"] == 10
        path = f"/v1/usage?{SPRING}&group_by=language&suppress_below=2"
        table = (await coordinator.get(path, headers={"Accept": "text/csv"})).text.splitlines()
        assert table[0].endswith(",currency,break_minutes")
        assert all(row.endswith("EUR,") for row in table[1:])


async def test_a_whole_about_few_people_shows_nothing(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        found = await suppressed(await story.network.caller("coordinator"), "month", 4)
        assert found["totals"]["suppressed"] is True
        assert {found["totals"][name] for name in TOTALS} == {None}
        assert all(row["suppressed"] for row in found["items"])


@pytest.mark.parametrize("below", [0, 1, 101, -5])
async def test_few_is_between_two_and_a_hundred(pool: Pool, clock: Clock, below: int) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        response = await coordinator.get(f"/v1/usage?{SPRING}&suppress_below={below}")
        assert response.status_code == 422
        assert response.json()["errors"][0]["pointer"] == "/suppress_below"
