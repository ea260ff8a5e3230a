"""Statements: a month of an institution and of an interpreter, added up by hand.

The network is in Riga. Sessions are an hour from 10:00 in May 2026; every one costs 45.00 and
earns 30.00 unless it is said otherwise.
"""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdf
import pytest
from python_calamine import CalamineWorkbook

from api import Api, Network, serving
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.ids import BOOKING, INSTITUTION, INTERPRETER, show_id
from interpreters.sql.bookings import Booking
from ledger import Ledger, at

pytestmark = pytest.mark.anyio
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BASE = {"kind": "base", "minutes": 60, "charge_minor": 4000, "pay_minor": 3000}
WAY = {"kind": "travel", "km": 10, "charge_minor": 500, "pay_minor": 0}
RULE = {
    "tariff": {"id": "tar_06CKQ0000000000000000000", "name": "=2026", "valid_from": "2026-01-01"},
    "rate": {"charge_per_hour_minor": 4000, "pay_per_hour_minor": 3000},
}


class Books:
    """A school, a police station and two interpreters, with sessions that were held."""

    def __init__(self, network: Network, ledger: Ledger) -> None:
        self.network, self.ledger = network, ledger

    async def open(self) -> "Books":
        self.school_key = await self.ledger.institution("مدرسه School 12", "education")
        self.police_key = await self.ledger.institution("Police", "justice")
        self.person_key = await self.ledger.interpreter()
        self.site = await self.ledger.site(self.school_key, "=1+1 Main")
        self.client = await self.ledger.client(self.school_key, "LV-SECRET", "TV")
        self.finance = await self.network.caller("finance")
        self.school = await self.network.caller("institution", institution_id=self.school_key)
        self.police = await self.network.caller("consultant", institution_id=self.police_key)
        self.person = await self.network.caller("interpreter", interpreter_id=self.person_key)
        return self

    async def held(self, when: str, **entry: Any) -> Booking:
        wanted = await self.ledger.request(
            institution_id=entry.pop("institution", self.school_key), client_ids=[self.client],
            language="prs", mode="phone", starts_at=at(when), minutes=60, state="closed",
            topic="health", site_id=self.site,
        )  # fmt: skip
        booking = await self.ledger.booking(wanted, self.person_key, "completed")
        await self.enter(booking, **entry)
        return booking

    async def enter(self, booking: Booking, **entry: Any) -> None:
        values = {"actual": 60, "charge": 4500, "pay": 3000, "lines": [BASE, WAY], "rule": RULE}
        await self.ledger.entry(
            booking, entry.pop("kind", "session"), [self.client], **(values | entry)
        )

    def of(self, month: str, what: str = "") -> str:
        return f"/v1/statements/{show_id(INSTITUTION, self.school_key)}/{month}{what}"

    def paid(self, month: str, what: str = "") -> str:
        return f"/v1/pay-statements/{show_id(INTERPRETER, self.person_key)}/{month}{what}"


async def books(network: Network, pool: Pool) -> Books:
    return await Books(network, Ledger(pool, network.id)).open()


async def ok(response: Any) -> Any:
    assert response.status_code == 200, response.text
    return response.json()


async def show(api: Api, path: str) -> Any:
    return await ok(await api.get(path))


async def test_a_month_has_its_entries_and_their_sums(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        await made.held("2026-05-04 07:00")
        second = await made.held("2026-05-31 20:59")  # 23:59 in Riga
        await made.held("2026-05-31 21:00")  # midnight: June
        await made.enter(second, kind="adjustment", booked=0, actual=15, billable=15, charge=-500,
                         pay=750, lines=[])  # fmt: skip
        shown = await show(made.finance, made.of("2026-05"))
        assert (shown["month"], shown["number"], shown["state"]) == ("2026-05", None, "draft")
        assert [(one["date"], one["kind"], one["amount"]["amount_minor"])
                for one in shown["lines"]] == [
            ("2026-05-04", "session", 4500), ("2026-05-31", "session", 4500),
            ("2026-05-31", "adjustment", -500),
        ]  # fmt: skip
        totals = shown["totals"]
        assert totals["amounts"] == [{"amount_minor": 8500, "currency": "EUR"}]
        assert (totals["entries"], totals["sessions"]) == (3, 2)
        assert (totals["booked_minutes"], totals["actual_minutes"]) == (120, 135)
        assert totals["billable_minutes"] == 135
        assert (await show(made.finance, made.of("2026-04")))["lines"] == []


async def test_neither_side_sees_the_other_ones_money(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        await made.held("2026-05-04 07:00")
        charged = await made.school.get(made.of("2026-05"))
        paid = await made.person.get(made.paid("2026-05"))
        assert "pay" not in charged.text
        assert "charge" not in paid.text
        assert paid.json()["totals"]["amounts"] == [{"amount_minor": 3000, "currency": "EUR"}]
        for shown in (charged, paid):
            assert "LV-SECRET" not in shown.text
            assert "health" not in shown.text


async def test_statements_are_their_own_ones_and_nobody_elses(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        other = await network.caller("interpreter", interpreter_id=await made.ledger.interpreter())
        assert (await made.police.get(made.of("2026-05"))).status_code == 404
        assert (await other.get(made.paid("2026-05"))).status_code == 404
        assert (await made.person.get(made.of("2026-05"))).status_code == 403
        assert (await made.school.get(made.paid("2026-05"))).status_code == 403
        assert (await made.school.post(made.of("2026-05", "/issue"))).status_code == 403
        for month in ("2026-13", "2026-5", "26-05", "9999-01"):
            assert (await made.finance.get(made.of(month))).status_code == 404


async def test_an_issued_month_has_a_number_and_stays_as_it_is(pool: Pool, clock: Clock) -> None:
    clock.now = datetime(2026, 6, 2, 9, tzinfo=UTC)
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        late = await made.held("2026-05-04 07:00")
        issued = await ok(await made.finance.post(made.of("2026-05", "/issue")))
        assert (issued["number"], issued["state"]) == ("2026-000001", "issued")
        clock.now += timedelta(days=1)
        assert await ok(await made.finance.post(made.of("2026-05", "/issue"))) == issued
        await made.enter(late, kind="adjustment", charge=-500, pay=0, lines=[])
        assert await show(made.school, made.of("2026-05")) == issued
        following = await show(made.school, made.of("2026-06"))
        assert [one["amount"]["amount_minor"] for one in following["lines"]] == [-500]
        assert (await show(made.school, made.of("2026-07")))["lines"] == []


async def test_a_month_that_is_not_over_is_issued_only_if_that_is_said(
    pool: Pool, clock: Clock
) -> None:
    clock.now = datetime(2026, 5, 31, 20, 59, 59, tzinfo=UTC)  # a second before midnight in Riga
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        refused = await made.finance.post(made.of("2026-05", "/issue"))
        assert (refused.status_code, refused.json()["code"]) == (409, "month-not-over")
        early = await ok(await made.finance.post(made.of("2026-04", "/issue"), {"early": True}))
        assert early["number"] == "2026-000001"
        clock.now += timedelta(seconds=1)
        over = await ok(await made.finance.post(made.of("2026-05", "/issue")))
        assert over["number"] == "2026-000002"


async def test_a_session_that_has_not_ended_holds_its_month_open(pool: Pool, clock: Clock) -> None:
    clock.now = datetime(2026, 6, 2, 9, tzinfo=UTC)
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        wanted = await made.ledger.request(
            institution_id=made.school_key, client_ids=[made.client], language="prs", mode="phone",
            starts_at=at("2026-05-31 20:00"), minutes=60, state="filled",
        )  # fmt: skip
        await made.ledger.booking(wanted, made.person_key, "in_progress")
        for path in (made.of("2026-05", "/issue"), made.paid("2026-05", "/issue")):
            refused = await made.finance.post(path)
            assert (refused.status_code, refused.json()["code"]) == (409, "month-has-open-sessions")
            assert refused.json()["detail"].startswith("1 session")
        closed = await ok(await made.finance.post("/v1/statements/close", {"month": "2026-05"}))
        assert (closed["issued"], closed["waiting"]) == ([], [])  # nothing is entered yet
        issued = await made.finance.post(made.of("2026-05", "/issue"), {"leave_open": True})
        assert issued.status_code == 200


async def test_a_month_opened_again_gets_a_new_number(pool: Pool, clock: Clock) -> None:
    clock.now = datetime(2026, 6, 2, 9, tzinfo=UTC)
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        booking = await made.held("2026-05-04 07:00")
        again = made.of("2026-05", "/reopen")
        refused = await made.finance.post(again, {"reason": "A correction"})
        assert (refused.status_code, refused.json()["code"]) == (409, "statement-not-issued")
        await ok(await made.finance.post(made.of("2026-05", "/issue")))
        draft = await ok(await made.finance.post(again, {"reason": "A correction"}))
        assert (draft["state"], draft["number"], draft["replaces"]) == (
            "draft",
            None,
            "2026-000001",
        )
        await made.enter(booking, kind="adjustment", charge=-500, pay=0, lines=[])
        clock.now += timedelta(seconds=1)
        issued = await ok(await made.finance.post(made.of("2026-05", "/issue")))
        assert (issued["number"], issued["replaces"]) == ("2026-000002", "2026-000001")
        assert issued["revision"] == 2
        assert issued["totals"]["amounts"] == [{"amount_minor": 4000, "currency": "EUR"}]
        listed = (await show(made.school, "/v1/statements"))["items"]
        assert [(one["number"], one["state"], one["reason"]) for one in listed] == [
            ("2026-000002", "issued", None), ("2026-000001", "reopened", None),
        ]  # fmt: skip
        told = (await show(made.finance, "/v1/statements?state=reopened"))["items"]
        assert [one["reason"] for one in told] == ["A correction"]
        assert (await show(made.police, "/v1/statements"))["items"] == []


async def test_those_whose_statement_is_issued_are_told(pool: Pool, clock: Clock) -> None:
    clock.now = datetime(2026, 6, 2, 9, tzinfo=UTC)
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        await ok(await made.finance.post(made.of("2026-05", "/issue")))
        await ok(await made.finance.post(made.of("2026-05", "/reopen"), {"reason": "A look"}))
        await ok(await made.finance.post(made.paid("2026-05", "/issue")))
        coordinator = await network.caller("coordinator")
        for api, count in ((made.school, 1), (made.police, 0), (made.person, 0), (coordinator, 2)):
            found = (await show(api, "/v1/events"))["items"]
            assert [one["type"] for one in found] == ["statement.issued"] * count
            assert [one["data"]["state"] for one in found] == ["issued"] * count


async def test_closing_a_month_issues_whatever_is_entered_until_its_end(
    pool: Pool, clock: Clock
) -> None:
    clock.now = datetime(2026, 6, 2, 9, tzinfo=UTC)
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        for when in ("2026-03-02 07:00", "2026-05-04 07:00", "2026-06-01 07:00"):
            await made.held(when)
        await made.held("2026-05-05 07:00", institution=made.police_key)
        closed = await ok(await made.finance.post("/v1/statements/close", {"month": "2026-05"}))
        assert [(one["month"], one["number"]) for one in closed["issued"]] == [
            ("2026-03", "2026-000001"), ("2026-05", "2026-000002"), ("2026-05", "2026-000003"),
        ]  # fmt: skip
        assert (closed["left"], closed["waiting"]) == (0, [])
        again = await ok(await made.finance.post("/v1/statements/close", {"month": "2026-05"}))
        assert again["issued"] == []
        paid = await ok(
            await made.finance.post("/v1/statements/close", {"month": "2026-05", "side": "pay"})
        )
        assert [one["number"] for one in paid["issued"]] == ["P2026-000001", "P2026-000002"]
        listed = (await show(made.person, "/v1/pay-statements?month=2026-05"))["items"]
        assert [one["totals"]["amounts"][0]["amount_minor"] for one in listed] == [6000]


async def test_what_only_the_interpreter_is_owed_makes_no_institution_a_statement(
    pool: Pool, clock: Clock
) -> None:
    """An expense that nobody is charged for stands on the pay statement alone."""
    clock.now = datetime(2026, 6, 2, 9, tzinfo=UTC)
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        booking = await made.held("2026-05-04 07:00")
        order = {"month": "2026-05"}
        first = await ok(await made.finance.post("/v1/statements/close", order))
        await made.enter(
            booking, kind="adjustment", charge=0, pay=900, lines=[], reason_code="expense"
        )
        again = await ok(
            await made.finance.post("/v1/statements/close", {"month": "2026-06", "early": True})
        )
        assert (len(first["issued"]), again["issued"]) == (1, [])
        paid = await show(made.person, made.paid("2026-05"))
        assert [one["amount"]["amount_minor"] for one in paid["lines"]] == [3000, 900]


async def test_every_file_has_the_same_lines_and_sums(pool: Pool, clock: Clock) -> None:
    clock.now = datetime(2026, 6, 2, 9, tzinfo=UTC)
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        for day in ("04", "05", "06"):
            await made.held(f"2026-05-{day} 07:00")
        await made.held("2026-05-07 07:00", rule=None, charge=0, pay=0, lines=[])
        await ok(await made.finance.post(made.of("2026-05", "/issue")))
        files = {media: await _file(made, media) for media in ("text/csv", XLSX, "application/pdf")}
        text = files["text/csv"].decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert text.endswith("\r\n")
        assert [row["amount"] for row in rows] == ["45.00", "45.00", "45.00", "0.00"]
        assert (rows[0]["base"], rows[0]["travel"], rows[0]["other"]) == ("40.00", "5.00", "0.00")
        assert (rows[0]["site"], rows[0]["tariff"]) == ("'=1+1 Main", "'=2026")
        assert [row["unpriced"] for row in rows] == ["", "", "", "yes"]
        book = CalamineWorkbook.from_filelike(io.BytesIO(files[XLSX]))
        head, *cells = book.get_sheet_by_name("Lines").to_python()
        assert [row[head.index("amount")] for row in cells] == [45.0, 45.0, 45.0, 0.0]
        assert str(cells[0][head.index("date")]) == "2026-05-04"
        assert cells[0][head.index("site")] == "=1+1 Main"
        totals = book.get_sheet_by_name("Totals").to_python()
        assert totals[6] == ["amount", 135.0, "EUR"]
        pages = pypdf.PdfReader(io.BytesIO(files["application/pdf"]))
        printed = "\n".join(page.extract_text() for page in pages.pages)
        assert "2026-000001" in printed
        assert b"pdfuaid" in files["application/pdf"]
        assert "LV-SECRET" not in text + printed


async def _file(made: Books, media: str) -> bytes:
    """Return a file, which is the same a second time."""
    first, second = [
        await made.school.get(made.of("2026-05"), headers={"Accept": media}) for _ in range(2)
    ]
    assert first.status_code == 200, first.text
    assert first.headers["content-type"].startswith(media)
    assert "2026-000001" in first.headers["content-disposition"]
    assert first.content == second.content
    return first.content


async def test_what_is_not_offered_is_refused(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        refused = await made.school.get(made.of("2026-05"), headers={"Accept": "image/png"})
        assert (refused.status_code, refused.json()["code"]) == (406, "not-acceptable")
        assert "text/csv" in refused.json()["options"]
        for accept in ("*/*", "application/*;q=0.5, text/html", ""):
            plain = await made.school.get(made.of("2026-05"), headers={"Accept": accept})
            assert plain.headers["content-type"] == "application/json"


async def test_a_disputed_session_is_marked(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        made = await books(network, pool)
        booking = await made.held("2026-05-04 07:00")

        async def write(db: Any, **_: Any) -> None:
            await db.execute(
                "INSERT INTO approvals (network_id, booking_id, state, created_at, version) "
                "VALUES ($1, $2, 'disputed', $3, 1)",
                network.id, booking.id, clock.now,
            )  # fmt: skip

        await made.ledger._run(write)
        [line] = (await show(made.school, made.of("2026-05")))["lines"]
        assert (line["disputed"], line["booking_id"]) == (True, show_id(BOOKING, booking.id))
