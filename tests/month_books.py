"""A month of a network as every export tells it, each read as its reader would and added up."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

import pypdf
from babel.numbers import format_currency
from python_calamine import CalamineWorkbook

from api import Api

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TIMED: Final = ("session", "adjustment")


class Sums(NamedTuple):
    """What a month comes to; minutes are of sessions and their corrections, money of all."""

    sessions: int
    booked: int
    actual: int
    billable: int
    cents: int


def sums_of(rows: Sequence[dict[str, Any]], money: str) -> Sums:
    """Add up rows with the names of the exports; `money` is the column, in whole units."""
    timed = [row for row in rows if row["kind"] in TIMED]
    booked, actual, billable = (
        sum(int(row[f"{name}_minutes"]) for row in timed)
        for name in ("booked", "actual", "billable")
    )
    return Sums(
        sessions=sum(row["kind"] == "session" for row in rows),
        booked=booked,
        actual=actual,
        billable=billable,
        cents=cents_of(row[money] for row in rows),
    )


def cents_of(amounts: Any) -> int:
    """Add up amounts in whole units."""
    return int(sum((Decimal(str(one)) for one in amounts), Decimal(0)) * 100)


def together(sums: Sequence[Sums]) -> Sums:
    """Add up sums."""
    return Sums(*(sum(column) for column in zip(*sums, strict=True)))


class MonthBooks:
    """One month, asked for in every form."""

    def __init__(self, finance: Api, month: str, days: str) -> None:
        self.finance, self.month, self.days = finance, month, days

    async def parties(self, grouping: str) -> list[str]:
        """Return who stands in the month: the ids of institutions, or of interpreters."""
        found = await self._json(f"/v1/usage?{self.days}&group_by={grouping}")
        entered = [row for row in found["items"] if row["sessions"] or row["late_cancelled"]
                   or row["client_no_shows"]]  # fmt: skip
        return [row[grouping]["id"] for row in entered]

    async def statement(self, path: str) -> Sums:
        """Return a statement's sums, which are the same in JSON, CSV, XLSX and PDF."""
        path = f"{path}/{self.month}"
        told = await self._json(path)
        lines = [line | {"money": Decimal(line["amount"]["amount_minor"]) / 100}
                 for line in told["lines"]]  # fmt: skip
        sums = sums_of(lines, "money")
        assert self._told(told["totals"]) == sums
        rows = read_csv((await self.file(path, "text/csv")).decode("utf-8-sig"))
        assert sums_of(rows, "amount") == sums
        self._check_workbook(await self.file(path, XLSX), sums)
        pages = pypdf.PdfReader(io.BytesIO(await self.file(path, "application/pdf"))).pages
        printed = " ".join("\n".join(page.extract_text() for page in pages).split())
        total = format_currency(Decimal(sums.cents) / 100, "EUR", locale="lv")
        assert " ".join(total.split()) in printed
        return sums

    async def side(self, side: str) -> Sums:
        """Return the sums of all statements of a side."""
        grouping, door = {"charge": ("institution", "statements"),
                          "pay": ("interpreter", "pay-statements")}[side]  # fmt: skip
        parties = await self.parties(grouping)
        return together([await self.statement(f"/v1/{door}/{one}") for one in parties])

    async def reported(self, money: str, grouping: str) -> Sums:
        """Return the usage report's sums, which are its rows' too, in JSON and in CSV."""
        path = f"/v1/usage?{self.days}&group_by={grouping}"
        found = await self._json(path)
        rows = [self._counted(row, money) for row in found["items"]]
        sums = self._counted(found["totals"], money)
        assert together(rows) == sums
        table = read_csv((await self.file(path, "text/csv")).decode("utf-8-sig"))
        assert cents_of(row[money] for row in table) == sums.cents
        assert sum(int(row["billable_minutes"]) for row in table) == sums.billable
        return sums

    async def exported(self, money: str) -> Sums:
        """Return the ledger's sums, as its export has them and as its list does."""
        text = await self.file(f"/v1/usage/entries/export?{self.days}", "text/csv")
        sums = sums_of(read_csv(text.decode("utf-8-sig")), money)
        listed: list[dict[str, Any]] = []
        path: str | None = f"/v1/usage/entries?{self.days}&limit=50"
        while path is not None:
            page = await self._json(path)
            listed += page["items"]
            path = page["next"]
        for one in listed:
            one["money"] = Decimal(one[money]["amount_minor"]) / 100
        assert sums_of(listed, "money") == sums
        return sums

    async def file(self, path: str, media: str) -> bytes:
        """Return a file."""
        response = await self.finance.get(path, headers={"Accept": media})
        assert response.status_code == 200, response.text
        content: bytes = response.content
        return content

    async def _json(self, path: str) -> Any:
        response = await self.finance.get(path)
        assert response.status_code == 200, response.text
        return response.json()

    def _told(self, totals: dict[str, Any]) -> Sums:
        return Sums(
            totals["sessions"], totals["booked_minutes"], totals["actual_minutes"],
            totals["billable_minutes"], sum(one["amount_minor"] for one in totals["amounts"]),
        )  # fmt: skip

    def _counted(self, row: dict[str, Any], money: str) -> Sums:
        return Sums(
            row["sessions"], row["booked_minutes"], row["actual_minutes"],
            row["billable_minutes"], row[money]["amount_minor"],
        )  # fmt: skip

    def _check_workbook(self, data: bytes, sums: Sums) -> None:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        head, *cells = book.get_sheet_by_name("Lines").to_python()
        rows = [dict(zip(map(str, head), row, strict=True)) for row in cells]
        assert sums_of(rows, "amount") == sums
        totals = {row[0]: row[1] for row in book.get_sheet_by_name("Totals").to_python()[1:]}
        assert cents_of([totals["amount"]]) == sums.cents
        assert totals["billable_minutes"] == sums.billable


def read_csv(text: str) -> list[dict[str, str]]:
    """Return the rows of a table."""
    return list(csv.DictReader(io.StringIO(text, newline="")))
