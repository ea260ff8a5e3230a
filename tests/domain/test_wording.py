"""What is said to people, in their language: complete, fitting, and in the right direction."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from jinja2.ext import extract_from_ast

import interpreters
from interpreters.domain import wording
from interpreters.domain.pseudo_languages import PSEUDO
from interpreters.domain.wording import (
    CHOICES,
    COMPLETE,
    PAGE_LANGUAGES,
    comma,
    direction,
    gaps,
    missing,
    page_language,
    page_tag,
    plural,
    say,
)

PACKAGE = Path(interpreters.__file__).parent
SPEAKING = {"say", "plural", "t", "tn", "template"}
MINUTES = ("{count} minute", "{count} minutes")


def messages(language: str) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], bool]]:
    """Yield (English forms, translated forms, fuzzy) of every message."""
    for catalogue in wording.catalogues(language):
        for one in catalogue:
            if one.id:
                english = (one.id,) if isinstance(one.id, str) else tuple(one.id)
                told = (one.string,) if isinstance(one.string, str) else tuple(one.string)
                yield english, told, one.fuzzy


def listed() -> set[str]:
    return {english[0] for english, _, _ in messages("en")}


def spoken_in_code() -> tuple[set[str], set[str]]:
    """Return the messages given to what speaks, and every text, of the product's modules."""
    said, texts = set(), set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in SPEAKING:
                at = node.args[1:2]
                said |= {one.value for one in at if isinstance(one, ast.Constant)}
    return {one for one in said if isinstance(one, str)}, texts


def spoken_on_pages() -> set[str]:
    environment = Environment(autoescape=True)
    said = set()
    for path in (PACKAGE / "web" / "templates").glob("*.html"):
        tree = environment.parse(path.read_text(encoding="utf-8"))
        for _, _, found in extract_from_ast(tree, ("t", "tn")):
            said.add(found[0] if isinstance(found, tuple) else found)
    return said - {None}  # those are said through a variable


@pytest.mark.parametrize("language", COMPLETE)
def test_a_complete_language_says_everything_and_guesses_nothing(language: str) -> None:
    assert missing(language) == []
    assert [english for english, _, fuzzy in messages(language) if fuzzy] == []


@pytest.mark.parametrize("language", CHOICES)
def test_no_language_says_what_is_not_listed(language: str) -> None:
    assert {english[0] for english, _, _ in messages(language)} <= listed()


@pytest.mark.parametrize("language", CHOICES)
def test_a_translation_has_the_holes_of_its_message(language: str) -> None:
    """A form for exactly one or two may leave the number out, as Arabic does."""
    for english, told, _ in messages(language):
        wanted = {hole for one in english for hole in wording.HOLE.findall(one)}
        for text in filter(None, told):
            holes = set(wording.HOLE.findall(text))
            assert holes == wanted or (len(told) > 1 and wanted - holes == {"count"}), text


@pytest.mark.parametrize("language", CHOICES)
def test_one_message_is_told_one_way(language: str) -> None:
    told: dict[str, tuple[str, ...]] = {}
    for english, here, _ in messages(language):
        assert told.setdefault(english[0], here) == here, english


@pytest.mark.parametrize("language", PAGE_LANGUAGES)
def test_every_catalogue_says_how_its_language_counts(language: str) -> None:
    found = list(wording.catalogues(language))
    assert len({one.plural_expr for one in found}) == 1
    for catalogue in found:
        assert isinstance(catalogue, Catalog)
        assert str(catalogue.locale) == language
        told = [one.string for one in catalogue if isinstance(one.string, tuple)]
        assert all(len(one) == catalogue.num_plurals for one in told)


def test_everything_said_is_listed_and_everything_listed_is_said() -> None:
    said, texts = spoken_in_code()
    assert (said | spoken_on_pages()) - listed() == set()
    assert listed() - spoken_on_pages() - texts == set()


def test_holes_are_filled_as_they_are_and_never_twice() -> None:
    assert say("lv", "Room: {room}", room="{room} 4") == "Telpa: {room} 4"
    with pytest.raises(KeyError):
        say("lv", "Room: {room}")


@pytest.mark.parametrize(
    ("language", "count", "told"),
    [
        ("en", 1, "1 minute"),
        ("en", 60, "60 minutes"),
        ("lv", 1, "1 minūte"),
        ("lv", 11, "11 minūtes"),
        ("lv", 21, "21 minūte"),
        ("ro", 15, "15 minute"),
        ("ro", 60, "60 de minute"),
        ("uk", 22, "22 хвилини"),
        ("uk", 45, "45 хвилин"),
        ("ru", 31, "31 минута"),
        ("ar", 2, "دقيقتان"),
        ("ar", 5, "5 دقائق"),
        ("ar", 60, "60 دقيقة"),
        ("fa", 60, "60 دقیقه"),
    ],
)
def test_numbers_take_the_form_the_language_asks_for(language: str, count: int, told: str) -> None:
    assert plural(language, *MINUTES, count) == told


def test_dari_reads_persian_and_what_nobody_translated_is_english_and_remembered() -> None:
    assert say("fa-AF", "Interpreter") == say("fa", "Interpreter") == "مترجم"
    assert (say("fa-AF", "Copy"), say("fa", "Copy")) == ("کاپی", "رونوشت")
    assert say("lv", "Never said before") == "Never said before"
    assert ("lv", "Never said before") in gaps()
    assert not any(language in COMPLETE and text in listed() for language, text in gaps())


@pytest.mark.parametrize(
    ("header", "asked", "usual", "language"),
    [
        (None, None, None, "en"),
        ("lv", None, None, "lv"),
        ("de, uk;q=0.8, lv;q=0.9", None, None, "lv"),
        ("fa-IR,fa;q=0.9,en;q=0.8", None, None, "fa"),
        ("fa-AF", None, None, "fa-AF"),
        ("en;q=0, ro;q=0.1", None, None, "ro"),
        ("ro;q=nonsense, bg;q=0.2", None, None, "bg"),
        ("lv", None, "prs", "fa-AF"),
        ("lv", "ar", "prs", "ar"),
        ("lv", "klingon", "prs", "fa-AF"),
        ("lv", "apc", None, "ar"),
        (",;,q=;;" * 400, None, None, "en"),
    ],
)
def test_the_page_speaks_what_was_asked_then_what_is_usual_then_what_the_browser_likes(
    header: str | None, asked: str | None, usual: str | None, language: str
) -> None:
    assert page_language(header, asked, usual) == language


@given(st.text(), st.text(), st.text())
def test_whatever_is_sent_a_page_has_a_language(header: str, asked: str, usual: str) -> None:
    language = page_language(header, asked, usual)
    assert language == "fa-AF" or language in PAGE_LANGUAGES


def test_right_to_left_is_known_of_the_scripts_that_are() -> None:
    assert {one for one in PAGE_LANGUAGES if direction(one) == "rtl"} == {"fa", "ar", "ur", "ps"}
    assert direction("fa-AF") == "rtl"


def test_the_languages_people_speak_lead_to_one_they_read() -> None:
    assert [page_tag(one) for one in ("prs", "pes", "apc", "pus", "lav", "tam")] == [
        "fa-AF", "fa", "ar", "ps", "lv", "ta",
    ]  # fmt: skip
    assert page_tag("tir") is None
    assert all(re.fullmatch("[a-z]{3}", one) for one in wording.READ_BY)


def test_languages_nobody_speaks_show_what_was_never_given_to_be_translated() -> None:
    assert say("en-XA", "Room: {room}", room="Ace") == "⟦Rööm: Ace ~~~⟧"
    assert plural("ar-XB", "{count} minute", "{count} minutes", 3).startswith("⟦3 mîñüté")
    assert (direction("en-XA"), direction("ar-XB")) == ("ltr", "rtl")
    assert page_tag("en-XA") == "en"
    assert not set(PAGE_LANGUAGES) & set(PSEUDO)


@pytest.mark.parametrize("language", [*PAGE_LANGUAGES, "fa-AF", *PSEUDO])
def test_facts_are_parted_by_the_comma_of_the_readers_script(language: str) -> None:
    arabic = language.partition("-")[0] in {"ar", "fa", "ps", "ur"}

    assert comma(language) == ("\N{ARABIC COMMA} " if arabic else ", ")
