"""What pages write with: languages as forms show them."""

from datetime import date

import pytest

from interpreters.domain.languages import resolve
from interpreters.domain.wording import CHOICES
from interpreters.web.formats import Formats


@pytest.mark.parametrize("language", CHOICES)
@pytest.mark.parametrize("code", ["prs", "lav", "apc", "ckb", "pus"])
def test_a_form_shows_a_language_by_a_name_that_leads_back_to_it(language: str, code: str) -> None:
    shown = Formats(language, "Europe/Riga").language_written(code)
    assert resolve(shown).language.code == code


def test_what_is_no_code_stays_as_it_was_written() -> None:
    tell = Formats("en", "Europe/Riga")
    assert tell.language_written("prs") == "Dari"
    assert [tell.language_written(one) for one in ("klingonish", "Farsi Dari", "")] == [
        "klingonish", "Farsi Dari", "",
    ]  # fmt: skip


def test_days_of_other_years_have_their_year() -> None:
    assert Formats("en", "Europe/Riga").dated(date(2017, 8, 16)) == "Aug 16, 2017"


def test_countries_are_told_by_name() -> None:
    assert Formats("en", "Europe/Riga").country_called("SY") == "Syria"
    assert Formats("lv", "Europe/Riga").country_called("AF") == "Afganist\u0101na"
    assert Formats("en", "Europe/Riga").country_called("QQ") == "QQ"
