"""Printed statements: letters of every script in their places, tags for those who listen."""

import io
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pypdf
import pytest

from interpreters.application.statement_pages import page_of
from interpreters.application.statements import Document, Party
from interpreters.domain.statements import StatementLine, totals_of
from interpreters.gateways.pdf import typeset
from interpreters.sql.networks import Network

pytestmark = pytest.mark.anyio
DARI = "مکتب استقلال"
TAMIL = "தமிழ் பள்ளி"


def line(**fields: Any) -> StatementLine:
    given: dict[str, Any] = {
        "entry_id": UUID(int=1), "booking_id": UUID(int=2), "kind": "session",
        "day": date(2026, 5, 4), "language": "prs", "mode": "phone", "site_id": None,
        "site_name": None, "booked_minutes": 60, "actual_minutes": 1075, "billable_minutes": 1080,
        "amount_minor": 123450, "currency": "EUR", "lines": (), "rule": {}, "corrects_id": None,
        "reason_code": None, "disputed": False,
    }  # fmt: skip
    return StatementLine(**(given | fields))


def document(name: str, *lines: StatementLine, language: str | None = None) -> Document:
    network = Network(
        network_id=UUID(int=3), name="Centre", time_zone="Europe/Riga", currency="EUR",
        country="LV", working_language=language, created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    return Document(
        party=Party(side="charge", id=UUID(int=4), name=name), network=network,
        network_name="Centre", month=date(2026, 5, 1), statement=None, revision=1, replaces=None,
        lines=lines, totals=totals_of(lines),
    )  # fmt: skip


async def printed(made: Document) -> tuple[pypdf.PdfReader, str]:
    reader = pypdf.PdfReader(io.BytesIO(await typeset("statement", page_of(made))))
    return reader, "\n".join(page.extract_text() for page in reader.pages)


@pytest.mark.parametrize("language", ["eng", "lav", "ron", "bul", "ukr", "pes", "arb", None])
async def test_a_page_is_tagged_and_says_what_language_it_is_in(language: str | None) -> None:
    reader, _ = await printed(document("School", line(), language=language))
    root: Any = reader.trailer["/Root"]
    wanted = {"lav": "lv", "ron": "ro", "bul": "bg", "ukr": "uk", "pes": "fa", "arb": "ar"}
    assert str(root["/Lang"]).startswith(wanted.get(language or "", "en"))
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid" in root["/Metadata"].get_data()


async def test_dates_and_money_are_written_as_the_language_does() -> None:
    _, english = await printed(document("School", line()))
    assert "€1,234.50" in english
    assert "5/4/26" in english
    assert "1,075" in english
    _, latvian = await printed(document("School", line(), language="lav"))
    assert "1 234,50 €" in latvian.replace("\N{NO-BREAK SPACE}", " ")
    assert "04.05.26" in latvian
    assert "2026. g. maijs" in latvian


@pytest.mark.parametrize("name", [DARI, TAMIL, "Школа № 5", "Ķekavas pamatskola"])
async def test_names_in_every_script_have_all_their_letters(name: str) -> None:
    reader, text = await printed(document(name, line(site_name=name)))
    fonts = {
        str(font["/BaseFont"])
        for page in reader.pages
        for font in (one.get_object() for one in page["/Resources"]["/Font"].values())
    }  # type: ignore[index]  # pages have fonts
    if name in (DARI, TAMIL):
        script = "Arabic" if name == DARI else "Tamil"
        assert any(f"NotoSans{script}" in one for one in fonts)
        assert set(name) - set(" ") <= set(text)
    else:
        assert name in text


async def test_a_name_in_letters_that_no_font_has_is_printed_all_the_same() -> None:
    _, text = await printed(document("学校 School", line()))
    assert "School" in text


async def test_a_long_month_runs_over_pages_with_its_heads() -> None:
    reader, text = await printed(document("School", *[line() for _ in range(200)]))
    assert len(reader.pages) > 3
    assert text.count("Minutes booked") == len(reader.pages)
    assert "€246,900.00" in text


async def test_the_same_page_has_the_same_bytes() -> None:
    made = page_of(document(DARI, line()))
    assert await typeset("statement", made) == await typeset("statement", made)
