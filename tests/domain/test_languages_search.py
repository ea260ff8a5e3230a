"""Searching languages: exact first, then beginnings, then parts, then guesses."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.languages import describe, search


def codes(q: str, limit: int = 20) -> list[str]:
    return [one.code for one in search(q, limit)]


@pytest.mark.parametrize(
    ("q", "first"),
    [("dari", "prs"), ("darija", "ary"), ("mandar", "cmn"), ("prs", "prs"), ("ukrain", "ukr"),
     ("пушту", "pus"), ("latvies", "lav"), ("fa-AF", "prs"), ("عربی شا", "apc"), ("آلبان", "sqi"),
     ("الأوكرا", "ukr"), ("زبان اشاره آمریکایی", "ase"), ("லெவண்", "apc")],
)  # fmt: skip
def test_the_exact_one_or_the_one_that_starts_so_comes_first(q: str, first: str) -> None:
    assert codes(q)[0] == first


def test_a_wider_language_is_answered_by_its_members() -> None:
    assert codes("kurdish")[:3] == ["kmr", "ckb", "sdh"]
    assert "kur" not in codes("kurd")
    assert codes("chinese")[:2] == ["cmn", "yue"]


def test_a_part_of_a_name_finds_it() -> None:
    assert "apc" in codes("evantin")


def test_a_slip_finds_what_is_like_it() -> None:
    assert codes("ukrainain")[0] == "ukr"


def test_the_long_tail_is_found_by_code_and_name() -> None:
    assert codes("ghotuo") == ["aaa"]
    assert codes("aaa")[0] == "aaa"


def test_nothing_typed_lists_the_catalogue_by_name() -> None:
    listed = search("", 1000)

    assert [one.name for one in listed] == sorted(one.name for one in listed)
    assert {"prs", "lav", "lsl"} <= {one.code for one in listed}
    assert "kur" not in {one.code for one in listed}


def test_nonsense_finds_nothing() -> None:
    assert codes("qqqqzzzz") == []


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=150), st.integers(1, 50))
def test_any_query_is_answered_with_distinct_languages_up_to_the_limit(q: str, limit: int) -> None:
    found = codes(q, limit)

    assert len(found) == len(set(found)) <= limit
    assert [describe(code).code for code in found] == found


def test_importing_reads_neither_the_data_files_nor_pycountry() -> None:
    program = (
        "import sys; from interpreters.domain import languages, language_catalogue as c,"
        " language_codes as k; assert 'pycountry' not in sys.modules;"
        " assert c.catalogue.cache_info().currsize == 0;"
        " languages.resolve('dari'); assert k.living_languages.cache_info().currsize == 0"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
