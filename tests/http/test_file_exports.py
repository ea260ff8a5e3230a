"""Exports that take long: an operation makes the file, which is what the doors answer at once."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from python_calamine import CalamineWorkbook

from api import Api, Network, serving
from conftest import Clock
from interpreters.application import file_exports, workbooks
from interpreters.application.calls import run
from interpreters.application.due import take_due
from interpreters.application.retention import forget_old
from interpreters.database import BUSY, Db, Pool, open_pool
from interpreters.domain.ids import INSTITUTION, OPERATION, read_id, show_id
from interpreters.http.import_bodies import read_row
from interpreters.jobs.operations import do
from interpreters.sql import operations
from ledger import Ledger, at
from sealing import VAULT
from servers import database_url

pytestmark = pytest.mark.anyio
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAY = {"from": "2026-05-01", "to": "2026-06-01"}
# Storing a part of a file takes longer than anything may.
SLOW_DISK = """
    CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_sleep(9); RETURN NEW; END';
    CREATE TRIGGER slow_disk BEFORE INSERT ON export_parts
        FOR EACH ROW EXECUTE FUNCTION slowly();
"""
DAYS = "from=2026-05-01&to=2026-06-01"


class House:
    """A school and a police station with sessions in May, and who asks for them."""

    def __init__(self, network: Network, ledger: Ledger, clock: Clock) -> None:
        self.network, self.ledger, self.clock = network, ledger, clock

    async def open(self, sessions: int = 7) -> "House":
        self.school = await self.ledger.institution("=School 12", "education")
        self.police = await self.ledger.institution("Police", "justice")
        self.person = person = await self.ledger.interpreter()
        client = await self.ledger.client(self.school, "LV-1", "AF")
        for number in range(sessions):
            await self.ledger.held(
                person, client_ids=[client], actual=60, charge=4500 + number, pay=3000,
                institution_id=self.police if number == 0 else self.school, language="prs",
                mode="phone", starts_at=at(f"2026-05-{4 + number % 20:02} 07:00"), minutes=60,
            )  # fmt: skip
        self.finance = await self.network.caller("finance")
        return self

    async def exported(self, api: Api, **body: Any) -> dict[str, Any]:
        """Ask for an export, have it made, and return the operation."""
        response = await api.post("/v1/exports", body)
        assert response.status_code == 202, response.text
        assert response.headers["location"] == f"/v1/operations/{response.json()['id']}"
        operation = response.json()["id"]
        until = self.clock.now + timedelta(seconds=1)
        found = await take_due(
            self.network.pool, kinds=["operation"], now=self.clock.now, until=until, limit=9
        )
        assert [one.id for one in found] == [read_id(OPERATION, operation)]
        await do(
            self.network.pool, network_id=self.network.id, id=read_id(OPERATION, operation),
            read=read_row, clock=self.clock,
        )  # fmt: skip
        told: dict[str, Any] = (await api.get(f"/v1/operations/{operation}")).json()
        assert (told["kind"], told["state"], told["result"]) == ("export", "succeeded", None)
        return told

    async def fetched(self, api: Api, told: dict[str, Any]) -> bytes:
        response = await api.get(told["file"]["href"])
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].split(";")[0] == told["file"]["media_type"]
        assert len(response.content) == told["file"]["bytes"]
        assert told["file"]["name"] in response.headers["content-disposition"]
        content: bytes = response.content
        return content


async def house(network: Network, pool: Pool, clock: Clock, sessions: int = 7) -> House:
    return await House(network, Ledger(pool, network.id), clock).open(sessions)


async def test_entries_are_what_the_ledgers_export_answers(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await house(network, pool, clock)
        told = await made.exported(made.finance, kind="usage_entries", **MAY)
        assert (told["done"], told["total"], told["file"]["rows"]) == (7, 7, 7)
        assert told["file"]["name"] == "usage-entries-2026-05-01-2026-06-01.csv"
        at_once = await made.finance.get(f"/v1/usage/entries/export?{DAYS}")
        assert await made.fetched(made.finance, told) == at_once.content


async def test_a_file_of_many_parts_comes_whole(
    pool: Pool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_exports, "PART", 100)
    async with serving(pool, clock) as network:
        made = await house(network, pool, clock)
        told = await made.exported(made.finance, kind="usage_entries", **MAY)
        assert await network.count("export_parts") == -(-told["file"]["bytes"] // 100)
        at_once = await made.finance.get(f"/v1/usage/entries/export?{DAYS}")
        assert await made.fetched(made.finance, told) == at_once.content


async def test_a_workbook_goes_on_on_another_sheet(
    pool: Pool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "MOST_ROWS", 3)
    async with serving(pool, clock) as network:
        made = await house(network, pool, clock)
        told = await made.exported(made.finance, kind="usage_entries", format="xlsx", **MAY)
        data = await made.fetched(made.finance, told)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        assert book.sheet_names == ["Entries", "Entries 2", "Entries 3"]
        sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
        assert [len(rows) for rows in sheets] == [4, 4, 2]
        head = sheets[0][0]
        assert all(rows[0] == head for rows in sheets)
        charges = [row[head.index("charge")] for rows in sheets for row in rows[1:]]
        assert sum(charges) == pytest.approx(7 * 45 + 0.21)


async def test_a_report_is_the_same_table_as_at_the_door(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await house(network, pool, clock)
        told = await made.exported(
            made.finance, kind="usage", group_by=["institution", "month"], **MAY
        )
        response = await made.finance.get(
            f"/v1/usage?{DAYS}&group_by=institution,month", headers={"Accept": "text/csv"}
        )
        assert await made.fetched(made.finance, told) == response.content


async def test_every_statement_of_a_month_stands_in_one_table(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await house(network, pool, clock)
        path = f"/v1/statements/{show_id(INSTITUTION, made.police)}/2026-05/issue"
        assert (await made.finance.post(path)).status_code == 200
        told = await made.exported(made.finance, kind="statements", month="2026-05")
        text = (await made.fetched(made.finance, told)).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        police = [row for row in rows if row["party"] == "Police"]
        assert [(row["state"], row["amount"]) for row in police] == [("issued", "45.00")]
        school = [row for row in rows if row["party"] == "'=School 12"]
        assert {row["party_id"] for row in school} == {show_id(INSTITUTION, made.school)}
        assert [row["state"] for row in school] == ["draft"] * 6
        paid = await made.exported(made.finance, kind="statements", month="2026-05", side="pay")
        assert paid["file"]["rows"] == 7
        assert "charge" not in (await made.fetched(made.finance, paid)).decode()


async def test_institutions_get_their_own_and_see_nobody_elses(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await house(network, pool, clock)
        police = await network.caller("consultant", institution_id=made.police)
        school = await network.caller("institution", institution_id=made.school)
        told = await made.exported(police, kind="usage_entries", **MAY)
        text = (await made.fetched(police, told)).decode()
        assert told["file"]["rows"] == 1
        assert "pay" not in text.splitlines()[0].split(",")
        for path in (told["file"]["href"], f"/v1/operations/{told['id']}"):
            assert (await school.get(path)).status_code == 404
        other = {"institution_id": show_id(INSTITUTION, made.school)}
        response = await police.post("/v1/exports", {"kind": "usage_entries", **MAY, **other})
        assert response.status_code == 404
        for body in ({"kind": "statements", "month": "2026-05"},
                     {"kind": "usage", "group_by": ["interpreter"], **MAY}):  # fmt: skip
            assert (await police.post("/v1/exports", body)).status_code == 403
        interpreter = await network.caller("interpreter", interpreter_id=made.person)
        assert (await interpreter.post("/v1/exports", {})).status_code == 403


async def test_what_is_missing_is_said(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        finance = await network.caller("finance")
        for body, pointer, code in (
            ({"kind": "usage_entries", "to": "2026-06-01"}, "/from", "required"),
            ({"kind": "statements"}, "/month", "required"),
            ({"kind": "usage", "from": "2026-06-01", "to": "2026-06-01"}, "/to", "out-of-range"),
        ):
            response = await finance.post("/v1/exports", body)
            assert response.status_code == 422
            errors = response.json()["errors"]
            assert [(one["pointer"], one["code"]) for one in errors] == [(pointer, code)]


async def test_a_twin_writes_beside_it_and_one_file_is_left(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await house(network, pool, clock)
        asked = await made.finance.post("/v1/exports", {"kind": "usage_entries", **MAY})
        job = file_exports.read_export(await given(network, asked.json()["id"]))
        for _ in range(2):
            await file_exports.carry_out_export(
                pool, job=job, tables=lambda *_: [], clock=clock, tell=lambda _: None,
                operation_id=read_id(OPERATION, asked.json()["id"]),
            )  # fmt: skip
        told = (await made.finance.get(f"/v1/operations/{asked.json()['id']}")).json()
        at_once = await made.finance.get(f"/v1/usage/entries/export?{DAYS}")
        assert await made.fetched(made.finance, told) == at_once.content
        assert await network.count("export_parts") == 1


async def test_what_takes_too_long_again_and_again_ends(
    pool: Pool, clock: Clock, database: str
) -> None:
    """It would keep this process from everything else that is asked for, for ever."""
    hasty = await open_pool(
        database_url(role="interpreters_app", database=database), vault=VAULT, size=2,
        statement_timeout_seconds=1.5,
    )  # fmt: skip
    async with serving(pool, clock) as network:
        made = await house(network, pool, clock)
        asked = await made.finance.post("/v1/exports", {"kind": "usage_entries", **MAY})
        owner = await asyncpg.connect(database_url(role="postgres", database=database))
        await owner.execute(SLOW_DISK)
        states = []
        for minutes in (1, 10):
            clock.now += timedelta(minutes=minutes)
            with pytest.raises(BUSY):
                await do(
                    hasty, network_id=network.id, id=read_id(OPERATION, asked.json()["id"]),
                    read=read_row, clock=clock,
                )  # fmt: skip
            told = (await made.finance.get(f"/v1/operations/{asked.json()['id']}")).json()
            states.append(told["state"])
        await owner.close()
        await hasty.close()
    assert states == ["running", "failed"]


async def given(network: Network, operation: str) -> bytes:
    """What the operation keeps."""

    async def read(db: Db) -> bytes | None:
        return await operations.input_of(
            db, network_id=network.id, operation_id=read_id(OPERATION, operation)
        )

    kept = await run(network.pool, network.id, read)
    assert kept is not None
    return kept


async def test_the_file_is_forgotten_after_a_day(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await house(network, pool, clock)
        told = await made.exported(made.finance, kind="usage_entries", **MAY)
        clock.now = datetime(2026, 11, 25, 7, 59, tzinfo=UTC)
        await forget_old(pool, network_id=network.id, now=clock.now)
        await made.fetched(made.finance, told)
        clock.now += timedelta(minutes=2)
        await forget_old(pool, network_id=network.id, now=clock.now)
        assert await network.count("export_parts") == 0
        finance = await network.caller("finance")
        assert (await finance.get(told["file"]["href"])).status_code == 404
        again = (await finance.get(f"/v1/operations/{told['id']}")).json()
        assert (again["state"], again["file"]) == ("succeeded", None)
