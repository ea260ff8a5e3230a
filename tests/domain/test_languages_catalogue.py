"""The data files hold together: each name means one thing, and each code exists."""

import csv
import re
import unicodedata
from collections import Counter
from importlib.resources import files

import pytest

from interpreters.domain.language_folding import fold
from interpreters.domain.languages import (
    NeedsVariety,
    describe,
    gate,
    name_in,
    neighbours,
    resolve,
)
from interpreters.domain.wording import PAGE_LANGUAGES

PAGES = ("en", "lv", "ro", "bg", "uk", "ru")


def rows(name: str) -> list[dict[str, str]]:
    text = files("interpreters.domain").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


LANGUAGES = {row["code"]: row for row in rows("languages.csv")}
ALIASES = rows("language_aliases.csv")
MEMBERS = rows("language_members.csv")
RELATIONS = rows("spoken_relations.csv")
NAMES = rows("language_names.csv")
BOOKABLE = [code for code, row in LANGUAGES.items() if row["asks"] == "no"]
FOLDED = {row["member"]: row["macro"] for row in MEMBERS if row["how"] == "fold"}
FILES = ["languages", "language_aliases", "language_members", "language_names", "language_tags",
         "spoken_relations"]  # fmt: skip
# Page languages beside the six of the catalogue, and the script of every letter of a name.
FURTHER = {"fa": "ARABIC", "ar": "ARABIC", "ur": "ARABIC", "ps": "ARABIC", "ta": "TAMIL",
           "fr": "LATIN"}  # fmt: skip
# Keyboards of one language do not write the letters of the other: they would look right, and sort
# and search wrong.
FOREIGN_LETTERS = {"fa": "\u064a\u0643\u0649", "ar": "\u06cc\u06a9\u06af\u067e\u0686\u0698"}


def meant_by(text: str) -> set[str]:
    try:
        return {resolve(text).language.code}
    except NeedsVariety as asked:
        return {option["code"] for option in asked.extra["options"]}


def meaning_of(codes: str) -> set[str]:
    """The languages a code column stands for; several are parted by a bar."""
    return {found for code in codes.split("|") for found in meant_by(code)}


@pytest.mark.parametrize("name", FILES)
def test_every_row_says_where_it_comes_from(name: str) -> None:
    assert [row for row in rows(f"{name}.csv") if not row["source"]] == []


def test_every_alias_means_the_language_of_its_row() -> None:
    wrong = [row for row in ALIASES if meant_by(row["alias"]) != meaning_of(row["code"])]

    assert wrong == []
    assert len(ALIASES) > 1000


def test_an_alias_of_a_wider_language_asks_and_never_picks() -> None:
    wide = [row["alias"] for row in ALIASES if LANGUAGES.get(row["code"], {}).get("asks") == "yes"]

    assert len(wide) > 50
    assert [alias for alias in wide if len(meant_by(alias)) < 2] == []


def test_every_name_of_the_catalogue_means_its_language() -> None:
    wrong = [
        (code, name)
        for code, row in LANGUAGES.items()
        for name in (*(row[page] for page in PAGES), row["autonym"])
        # two or three Latin letters are read as a code: "ga" is Irish before it is Ga
        if name and not re.fullmatch("[a-z]{2,3}", fold(name)) and meant_by(name) != meant_by(code)
    ]

    assert wrong == []


def test_no_name_or_alias_belongs_to_two_languages() -> None:
    owners: dict[str, set[str]] = {}
    for row in ALIASES:
        owners.setdefault(fold(row["alias"]), set()).add(row["code"])
    for code, row in LANGUAGES.items():
        for name in (*(row[page] for page in PAGES), row["autonym"]):
            if name:
                owners.setdefault(fold(name), set()).add(code)
    for row in NAMES:
        owners.setdefault(fold(row["name"]), set()).add(row["code"])

    assert {name: codes for name, codes in owners.items() if len(codes) > 1} == {}


def test_every_language_that_can_be_booked_has_its_name_in_all_six_page_languages() -> None:
    bookable = [row for row in LANGUAGES.values() if row["asks"] == "no"]

    assert [row["code"] for row in bookable if not all(row[page] for page in PAGES)] == []
    assert [row["code"] for row in bookable if not row["autonym"]] == []


def test_every_page_language_has_names_of_its_own_for_all_that_can_be_booked() -> None:
    named = {(row["code"], row["ui"]) for row in NAMES}

    assert {*PAGES, *FURTHER} == set(PAGE_LANGUAGES)
    assert [(one, page) for page in FURTHER for one in BOOKABLE if (one, page) not in named] == []


def test_each_language_is_named_once_for_a_page_and_only_where_it_is_known() -> None:
    counted = Counter((row["code"], row["ui"]) for row in NAMES)

    assert [key for key, count in counted.items() if count > 1] == []
    assert {row["code"] for row in NAMES} <= LANGUAGES.keys()
    assert {row["ui"] for row in NAMES} == {*FURTHER, "fa-AF"}


def test_a_name_is_written_in_the_script_of_its_page() -> None:
    foreign = [
        row
        for row in NAMES
        if any(
            FURTHER[row["ui"][:2]] not in unicodedata.name(letter)
            for letter in row["name"]
            if letter.isalpha() or unicodedata.category(letter) == "Lm"
        )
        or set(row["name"]) & set(FOREIGN_LETTERS.get(row["ui"][:2], ""))
    ]

    assert foreign == []


def test_what_a_page_calls_a_language_means_that_language_when_it_is_typed() -> None:
    wrong = [
        (page, code, told)
        for page in (*FURTHER, "fa-AF")
        for code in LANGUAGES
        if not re.fullmatch("[a-z]{2,3}", fold(told := name_in(code, page)))
        and meant_by(told) != meant_by(code)
    ]

    assert wrong == []


def test_two_languages_are_never_called_the_same_on_one_page() -> None:
    for page in (*PAGE_LANGUAGES, "fa-AF"):
        told = Counter(name_in(code, page) for code in LANGUAGES)
        assert [name for name, count in told.items() if count > 1] == []


@pytest.mark.parametrize(
    "name", ["کردی", "کردي", "الكردية", "kurde", "عربی", "العربية", "arabe", "چینی", "الصينية",
             "ترکی", "الفارسية", "زبان اشاره", "langue des signes"],
)  # fmt: skip
def test_a_name_of_several_languages_asks_back_in_other_page_languages_too(name: str) -> None:
    assert len(meant_by(name)) > 1


ASKED_FOR = """prs pes pus urd arb apc arz acm ary apd aeb arq fra tgk kmr ckb pan pnb cmn yue tur
    uzb hin spa tam ben vie hye ukr rus tir som sqi ron pol lit amh orm kat aze kaz kir mon tha tgl
    por ita deu eng lav est bul srp hrv bos mkd ell hun ces slk wol lin swa bam mnk yor ibo hau aka
    kin rhg mya nep sin tel mal guj haz uig bod heb yid fuc fuf"""
SIGNED = "lsl rms vsi bqn ukl rsl eso lls pso ase bfi gsg fsl tsm ils asf vgt sfb"


@pytest.mark.parametrize("code", ASKED_FOR.split())
def test_the_languages_services_are_asked_for_are_spoken_ones_of_the_catalogue(code: str) -> None:
    assert (LANGUAGES[code]["modality"], LANGUAGES[code]["asks"]) == ("spoken", "no")


@pytest.mark.parametrize("code", SIGNED.split())
def test_sign_languages_are_marked_as_signed(code: str) -> None:
    assert describe(code).modality == "signed"


def test_a_folded_member_belongs_to_one_language_only() -> None:
    assert len(FOLDED) == len([row for row in MEMBERS if row["how"] == "fold"])
    assert set(FOLDED.values()) <= LANGUAGES.keys()
    assert not set(FOLDED) & LANGUAGES.keys()


def test_every_relation_joins_two_bookable_languages_with_a_grade_in_bounds() -> None:
    for row in RELATIONS:
        assert LANGUAGES[row["client"]]["asks"] == "no"
        assert LANGUAGES[row["interpreter"]]["asks"] == "no"
        assert 0 <= int(row["understood"]) <= 100
        assert row["client"] != row["interpreter"]
        assert row["one_way"] in {"yes", "no"}
    assert len({(row["client"], row["interpreter"]) for row in RELATIONS}) == len(RELATIONS)


def test_a_relation_holds_in_both_directions_unless_it_is_one_way() -> None:
    for code in {row["client"] for row in RELATIONS} | {row["interpreter"] for row in RELATIONS}:
        for near in neighbours(code):
            back = [one for one in neighbours(near.language.code) if one.language.code == code]
            assert [one.one_way for one in back] == ([] if near.one_way else [False])


@pytest.mark.parametrize(
    ("client", "interpreter", "understood", "one_way"),
    [
        ("prs", "pes", 70, False), ("pes", "prs", 75, False), ("hin", "urd", 85, False),
        ("ltg", "lav", 95, True), ("srp", "hrv", 95, False), ("hrv", "srp", 95, False),
        ("kmr", "ckb", 10, False), ("yue", "cmn", 10, False),
    ],
)  # fmt: skip
def test_neighbours_run_from_the_client_to_the_interpreter(
    client: str, interpreter: str, understood: int, *, one_way: bool
) -> None:
    found = {one.language.code: one for one in neighbours(client)}

    assert (found[interpreter].understood, found[interpreter].one_way) == (understood, one_way)


def test_neighbours_come_best_first_and_a_language_without_any_has_none() -> None:
    grades = [one.understood for one in neighbours("prs")]

    assert grades == sorted(grades, reverse=True)
    assert neighbours("lsl")[0].understood < gate("health")
    assert neighbours("aaa") == []


@pytest.mark.parametrize(
    ("topic", "grade"),
    [("legal", 95), ("psychology", 95), ("health", 70), ("education", 70), ("other", 70)],
)
def test_legal_and_psychology_need_a_grade_of_95_and_all_else_70(topic: str, grade: int) -> None:
    assert gate(topic) == grade


@pytest.mark.parametrize(
    ("client", "interpreter"), [("ukr", "rus"), ("kmr", "ckb"), ("orm", "amh")]
)
def test_pairs_that_only_look_close_never_pass_the_gate(client: str, interpreter: str) -> None:
    grades = {one.language.code: one.understood for one in neighbours(client)}

    assert grades[interpreter] < gate("health")
