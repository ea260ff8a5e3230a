"""The data files hold together: each name means one thing, and each code exists."""

import csv
import re
from importlib.resources import files

import pytest

from interpreters.domain.language_folding import fold
from interpreters.domain.languages import (
    NeedsVariety,
    describe,
    gate,
    neighbours,
    resolve,
)

PAGES = ("en", "lv", "ro", "bg", "uk", "ru")


def rows(name: str) -> list[dict[str, str]]:
    text = files("interpreters.domain").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


LANGUAGES = {row["code"]: row for row in rows("languages.csv")}
ALIASES = rows("language_aliases.csv")
MEMBERS = rows("language_members.csv")
RELATIONS = rows("spoken_relations.csv")
FOLDED = {row["member"]: row["macro"] for row in MEMBERS if row["how"] == "fold"}
FILES = ["languages", "language_aliases", "language_members", "language_tags", "spoken_relations"]


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

    assert {name: codes for name, codes in owners.items() if len(codes) > 1} == {}


def test_every_language_that_can_be_booked_has_its_name_in_all_six_page_languages() -> None:
    bookable = [row for row in LANGUAGES.values() if row["asks"] == "no"]

    assert [row["code"] for row in bookable if not all(row[page] for page in PAGES)] == []
    assert [row["code"] for row in bookable if not row["autonym"]] == []


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
