"""The ledger as a file and usage as a picture: the same numbers as the entries."""

import csv
import io
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from api import Api
from conftest import Clock
from interpreters.application import usage_exports
from interpreters.database import Pool
from interpreters.domain.ids import show_id
from usage_story import SPRING, told

pytestmark = pytest.mark.anyio
EXPORT = f"/v1/usage/entries/export?{SPRING}"
CHART = f"/v1/usage/chart?{SPRING}"
SVG = "{http://www.w3.org/2000/svg}"


async def read(caller: Api, path: str) -> list[dict[str, str]]:
    response = await caller.get(path)
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("portion", [1, 2, 6, 2000])
async def test_the_file_has_every_entry_once_and_their_sums(
    pool: Pool, clock: Clock, monkeypatch: pytest.MonkeyPatch, portion: int
) -> None:
    monkeypatch.setattr(usage_exports, "PORTION", portion)
    async with told(pool, clock) as story:
        finance = await story.network.caller("finance")
        rows = await read(finance, EXPORT)
        listed = (await finance.get("/v1/usage/entries")).json()["items"]
        assert sorted(row["id"] for row in rows) == sorted(one["id"] for one in listed)
        assert [row["day"] for row in rows] == sorted(row["day"] for row in rows)
        assert sum(Decimal(row["charge"]) for row in rows) == Decimal("100.00")
        assert sum(Decimal(row["pay"]) for row in rows) == Decimal("65.00")
        held = [row for row in rows if row["kind"] in ("session", "adjustment")]
        assert sum(int(row["billable_minutes"]) for row in held) == 135


async def test_an_institution_reads_its_own_without_pay(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        centre = await story.network.caller("institution", institution_id=story.centre)
        rows = await read(centre, EXPORT)
        assert {row["institution"] for row in rows} == {"Centre"}
        assert len(rows) == 5
        assert "pay" not in rows[0]
        other = await centre.get(f"{EXPORT}&institution_id={show_id('ins', story.school)}")
        assert other.status_code == 404


async def test_a_day_ends_at_midnight_of_the_network(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        finance = await story.network.caller("finance")
        # A session at 00:30 in Riga on 1 June is still May in UTC.
        may = await read(finance, "/v1/usage/entries/export?from=2026-05-01&to=2026-06-01")
        june = await read(finance, "/v1/usage/entries/export?from=2026-06-01&to=2026-06-02")
        assert [row["day"] for row in may] == ["2026-05-20"]
        assert [row["day"] for row in june] == ["2026-06-01", "2026-06-01"]


async def test_interpreters_have_no_ledger_and_no_chart(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        interpreter = await story.network.caller("interpreter", interpreter_id=story.interpreter)
        assert (await interpreter.get(EXPORT)).status_code == 403
        assert (await interpreter.get(CHART)).status_code == 403


async def test_a_chart_says_what_the_report_counts(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        finance = await story.network.caller("finance")
        response = await finance.get(f"{CHART}&group_by=language")
        assert response.headers["content-type"].startswith("image/svg+xml")
        said = ET.fromstring(response.content).findtext(f"{SVG}desc") or ""
        assert "Dari: 2026-05 1, 2026-06 1 sessions." in said
        assert said.count("2026-05 0, 2026-06 1 sessions.") == 1  # Arabic


async def test_a_chart_hides_what_a_report_hides(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        finance = await story.network.caller("finance")
        response = await finance.get(f"{CHART}&group_by=mode&suppress_below=4&counter=clients")
        said = ET.fromstring(response.content).findtext(f"{SVG}desc") or ""
        assert "few" in said
        assert " 1" not in said.replace("2026-0", "")


async def test_a_chart_has_one_grouping(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        finance = await story.network.caller("finance")
        response = await finance.get(f"{CHART}&group_by=mode,language")
        assert response.status_code == 422
        assert response.json()["errors"][0]["pointer"] == "/group_by"
