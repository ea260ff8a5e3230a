"""The sample network's first month: closed, disputed, corrected and issued anew, by the doors and
by the command line, and whatever tells of it tells the same.
"""

import json
import subprocess
import sys
from typing import Any
from uuid import UUID

import anyio
import msgspec
import pytest

from api import Api, Network, serving
from conftest import Clock
from faults.workers import clean
from interpreters.application.ledger_checks import check_ledger
from interpreters.database import Pool
from interpreters.domain.ids import INSTITUTION, read_id
from interpreters.sample.network import SLUG
from interpreters.sample.seeding import seed
from interpreters.sample.story import draw_story
from month_books import MonthBooks, Sums
from sealing import SECRET_KEYS
from servers import database_url

pytestmark = pytest.mark.anyio
STORY = 90  # requests: the whole of May, and the first weeks of June
MAY, JUNE = "from=2016-05-01&to=2016-06-01", "from=2016-06-01&to=2016-07-01"


class Centre:
    """The sample network with its finance officer, by the doors and by the command line."""

    def __init__(self, network: Network, finance: Api, database: str) -> None:
        self.network, self.finance, self.database = network, finance, database
        self.may = MonthBooks(finance, "2016-05", MAY)

    async def agreed(self, side: str) -> Sums:
        """Return what May comes to on one side, once everything that tells of it agrees."""
        grouping = "institution" if side == "charge" else "interpreter"
        sums = await self.may.side(side)
        assert await self.may.reported(side, grouping) == sums
        assert await self.may.reported(side, "language,mode") == sums
        assert await self.may.exported(side) == sums
        shown = await self.command("show", "2016-05", "--side", side, "--json")
        totals = [one["totals"] for one in shown["statements"]]
        assert sum(one["billable_minutes"] for one in totals) == sums.billable
        money = [amount["amount_minor"] for one in totals for amount in one["amounts"]]
        assert sum(money) == sums.cents
        return sums

    async def command(self, *arguments: str) -> Any:
        ended = await anyio.to_thread.run_sync(run_months, self.database, *arguments)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    async def ok(self, path: str, body: Any = None, api: Api | None = None) -> Any:
        response = await (api or self.finance).post(path, body)
        assert response.status_code in (200, 201), response.text
        return response.json()

    async def look(self, path: str) -> Any:
        response = await self.finance.get(path)
        assert response.status_code == 200, response.text
        return response.json()


def run_months(database: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    given = {
        "DATABASE_URL": database_url(role="interpreters_app", database=database),
        "REDIS_URL": "redis://127.0.0.1:9",
        "SECRET_KEYS": SECRET_KEYS,
    }
    return subprocess.run(
        [sys.executable, "-m", "interpreters", "months", *arguments, "--network", SLUG],
        env={**clean(), **{f"INTERPRETERS_{name}": one for name, one in given.items()}},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


async def centre(served: Network, pool: Pool, clock: Clock, database: str) -> Centre:
    story = draw_story()
    begun = msgspec.structs.replace(story, requests=story.requests[:STORY])
    made = await seed(pool, progress=lambda *_: None, now=clock(), story=begun)
    network = Network(pool, served.client, made.network_id, clock())
    return Centre(network, await network.caller("finance"), database)


async def audited(pool: Pool, network_id: UUID) -> list[str]:
    return [one.what async for one in check_ledger(pool, network_id=network_id)]


async def test_a_month_is_closed_disputed_corrected_and_issued_anew(
    pool: Pool, clock: Clock, database: str
) -> None:
    async with serving(pool, clock) as served:
        made = await centre(served, pool, clock, database)
        before = {side: await made.agreed(side) for side in ("charge", "pay")}
        assert before["charge"].sessions == before["pay"].sessions == 27  # the story's of May
        closed = await made.command("close", "2016-05", "--json")
        listed = (await made.look("/v1/statements?month=2016-05&state=issued"))["items"]
        assert {one["number"] for one in closed[0]["issued"]} == {one["number"] for one in listed}
        assert {side: await made.agreed(side) for side in ("charge", "pay")} == before
        assert await audited(pool, made.network.id) == []

        line = await disputed_and_corrected(made)
        issued = await made.look(f"/v1/statements/{line['institution_id']}/2016-05")
        assert [one["number"] for one in listed if one["number"] == issued["number"]]
        assert line["booking_id"] not in {
            one["booking_id"] for one in issued["lines"] if one["kind"] == "adjustment"
        }  # what is issued stays; the correction waits for June

        named = ("--institution", line["institution_id"])
        opened = await made.command("reopen", "2016-05", *named, "--reason", "Agreed", "--json")
        assert (opened["state"], opened["number"]) == ("draft", None)
        anew = await made.ok(f"/v1/statements/{line['institution_id']}/2016-05/issue")
        assert anew["replaces"] == issued["number"]
        assert anew["number"] not in {one["number"] for one in listed}
        await made.ok(f"/v1/pay-statements/{line['interpreter_id']}/2016-05/reopen",
                      {"reason": "Agreed"})  # fmt: skip
        paid = ("--interpreter", line["interpreter_id"])
        again = await made.command("close", "2016-05", *paid, "--json")
        assert (again["state"], again["revision"]) == ("issued", 2)

        for side, less in (("charge", 700), ("pay", 400)):
            after = await made.agreed(side)
            assert after.cents == before[side].cents - less
            assert after.billable == before[side].billable - 15
        more = await made.command("close", "2016-05", "--json")
        assert [one["issued"] for one in more] == [[], []]
        assert await audited(pool, made.network.id) == []


async def disputed_and_corrected(made: Centre) -> dict[str, Any]:
    """Have an institution dispute a session of May, and give it 7.00 and 15 minutes less."""
    found = await made.look(f"/v1/usage/entries?{MAY}")
    entry: dict[str, Any] = next(
        one for one in found["items"]
        if one["kind"] == "session" and one["charge"]["amount_minor"] > 700
        and one["billable_minutes"] > 15
    )  # fmt: skip
    owner = read_id(INSTITUTION, entry["institution_id"])
    institution = await made.network.caller("institution", institution_id=owner)
    booking = entry["booking_id"]
    dispute = await made.ok(
        f"/v1/bookings/{booking}/dispute", {"reason": "We waited for 15 minutes"}, institution
    )
    adjustment = {"minutes": -15, "charge_minor": -700, "pay_minor": -400, "reason_code": "waited"}
    answer = {"answer": "So it was", "outcome": "upheld", "correction": {"adjustment": adjustment}}
    coordinator = await made.network.caller("coordinator")
    await made.ok(f"/v1/disputes/{dispute['id']}/answer", answer, coordinator)
    return entry


async def test_the_command_says_in_one_sentence_what_cannot_be(
    pool: Pool, clock: Clock, database: str
) -> None:
    async with serving(pool, clock) as served:
        made = await centre(served, pool, clock, database)
        someone = (await made.may.parties("institution"))[0]
        for arguments, sentence in (
            (("close", "May"), "May is no month"),
            (("close", "2199-12"), "The month is not over"),
            (("show", "2016-05", "--institution", "ins_x"), "no id of one"),
            (("reopen", "2016-05", "--reason", "x"), "say whose"),
            (("reopen", "2016-05", "--institution", someone, "--reason", "x"), "is not issued"),
        ):
            told = await anyio.to_thread.run_sync(run_months, database, *arguments)
            assert (told.returncode, told.stdout) == (2, ""), told
            assert sentence in told.stderr
            assert told.stderr.count("\n") == 1


async def test_what_people_read_has_every_party_and_the_sum(
    pool: Pool, clock: Clock, database: str
) -> None:
    async with serving(pool, clock) as served:
        made = await centre(served, pool, clock, database)
        sums = await made.may.reported("charge", "institution")
        told = await anyio.to_thread.run_sync(
            run_months, database, "show", "2016-05", "--side", "charge"
        )
        assert told.returncode == 0, told.stderr
        for one in await made.may.parties("institution"):
            assert one in told.stdout
        assert f"{sums.cents // 100}.{sums.cents % 100:02} EUR" in told.stdout
