"""Reports as files: the same rows, safe in a spreadsheet, and their sums those of the ledger."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from api import Api
from conftest import Clock
from interpreters.application.tables import csv_lines
from interpreters.database import Pool
from ledger import at
from usage_story import SPRING, told

pytestmark = pytest.mark.anyio
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def read_csv(caller: Api, path: str) -> list[dict[str, str]]:
    response = await caller.get(path, headers={"Accept": "text/csv"})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/csv")
    assert "attachment" in response.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


async def test_usage_as_csv_has_the_rows_of_the_json(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        finance = await story.network.caller("finance")
        rows = await read_csv(finance, f"/v1/usage?{SPRING}&group_by=institution,month")
        assert [(row["institution"], row["month"], row["sessions"]) for row in rows] == [
            ("Centre", "2026-05", "1"), ("Centre", "2026-06", "1"), ("School", "2026-06", "1"),
        ]  # fmt: skip
        assert sum(Decimal(row["charge"]) for row in rows) == Decimal("100.00")
        assert sum(Decimal(row["pay"]) for row in rows) == Decimal("65.00")


async def test_a_workbook_has_the_rows_and_the_totals(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        finance = await story.network.caller("finance")
        path = f"/v1/usage?{SPRING}&group_by=mode"
        response = await finance.get(path, headers={"Accept": XLSX})
        book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
        assert book.sheet_names == ["Usage", "Totals"]
        head, *rows = book.get_sheet_by_name("Usage").to_python()
        assert sum(row[head.index("charge")] for row in rows) == 100.0
        head, total = book.get_sheet_by_name("Totals").to_python()
        assert (total[head.index("sessions")], total[head.index("clients")]) == (3, 3)


async def test_institutions_have_no_column_of_pay(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        school = await story.network.caller("institution", institution_id=story.school)
        (row,) = await read_csv(school, f"/v1/usage?{SPRING}&group_by=institution")
        assert "pay" not in row
        assert row["sessions"] == "1"


async def test_a_name_that_is_a_formula_is_a_text(pool: Pool, clock: Clock) -> None:
    async with told(pool, clock) as story:
        evil = await story.ledger.institution("=1+1", "ngo")
        client = await story.ledger.client(evil, "E1", None)
        await story.ledger.held(
            story.interpreter, institution_id=evil, language="prs", mode="phone",
            client_ids=[client], starts_at=at("2026-06-01 08:00"), minutes=30, actual=30,
        )  # fmt: skip
        finance = await story.network.caller("finance")
        rows = await read_csv(finance, f"/v1/usage?{SPRING}&group_by=institution")
        assert "'=1+1" in {row["institution"] for row in rows}


def read_rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@given(st.lists(st.lists(st.one_of(st.text(), st.integers(), st.none()), min_size=2, max_size=4)))
def test_no_cell_of_text_begins_a_formula(rows: list[list[Any]]) -> None:
    text = csv_lines(rows).decode()
    for row, read in zip(rows, read_rows(text), strict=True):
        for cell, found in zip(row, read, strict=True):
            if isinstance(cell, str):
                assert not found.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
                assert found in (cell, f"'{cell}")
