"""The catalogue of languages: the data files beside this module, read once, on first use."""

import csv
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

from interpreters.domain.language_folding import fold, loosen

Modality = Literal["spoken", "signed"]

UI_LANGUAGES: Final = ("en", "lv", "ro", "bg", "uk", "ru")
# Two or three Latin letters are a code before they are a name: "ga" is Irish, not Ga.
LOOKS_LIKE_A_CODE: Final = re.compile(r"[a-z]{2,3}")


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """A language as people speak or sign it. `code` is ISO 639-3 and the identity."""

    code: str
    bcp47: str
    name: str  # English
    autonym: str
    modality: Modality

    def as_answer(self) -> dict[str, str]:
        """Return the four members by which the API answers a language."""
        return {
            "code": self.code,
            "bcp47": self.bcp47,
            "name": self.name,
            "autonym": self.autonym,
        }


class Meaning(msgspec.Struct, frozen=True):
    """What one name stands for: a code, or several when only the speaker can say which."""

    codes: tuple[str, ...]
    dialect: str | None = None


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One language under a wider one. A folded member is booked as the wider language."""

    language: Language
    folded: bool
    dialect: str | None  # what is kept of it when it is folded


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the data files say, keyed for look-up."""

    languages: Mapping[str, Language]
    asks: frozenset[str]  # wider languages whose members do not understand each other
    names: Mapping[str, Mapping[str, str]]  # code -> page language -> name; not all have one
    members: Mapping[str, tuple[Member, ...]]
    folds: Mapping[str, Meaning]  # a folded member -> its identity and dialect
    index: Mapping[str, Meaning]  # folded name or code -> meaning
    tags: Mapping[str, Meaning]  # BCP 47 tags of two and more subtags


@cache
def catalogue() -> Catalogue:
    """Read the data files (some 40 ms, once in a process)."""
    rows = tuple(_rows("languages.csv"))
    languages = {row["code"]: _language(row) for row in rows}
    members = _members(languages)
    return Catalogue(
        languages=languages,
        asks=frozenset(row["code"] for row in rows if row["asks"] == "yes"),
        names=_names(rows),
        members=members,
        folds={
            member.language.code: Meaning((macro,), member.dialect)
            for macro, listed in members.items()
            for member in listed
            if member.folded
        },
        index=_index(rows, members),
        tags={row["tag"]: _meaning(row) for row in _rows("language_tags.csv") if "-" in row["tag"]},
    )


@cache
def loose_index() -> Mapping[str, Meaning]:
    """Return the index by names without their diacritics; what became ambiguous is left out."""
    loose: dict[str, set[Meaning]] = {}
    for name, meaning in catalogue().index.items():
        loose.setdefault(loosen(name), set()).add(meaning)
    return {name: next(iter(found)) for name, found in loose.items() if len(found) == 1}


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("interpreters.domain").joinpath("data", name).read_text(encoding="utf-8")
    return iter(csv.DictReader(text.splitlines()))


def _language(row: Mapping[str, str]) -> Language:
    return Language(
        code=row["code"],
        bcp47=row["bcp47"],
        name=row["en"],
        autonym=row["autonym"],
        modality="signed" if row["modality"] == "signed" else "spoken",
    )


def _names(rows: tuple[dict[str, str], ...]) -> dict[str, dict[str, str]]:
    """The six columns, and the names of further page languages that the CLDR lacks or has wrong."""
    names = {row["code"]: {ui: row[ui] for ui in UI_LANGUAGES if row[ui]} for row in rows}
    for row in _rows("language_names.csv"):
        names[row["code"]][row["ui"]] = row["name"]
    return names


def _members(languages: Mapping[str, Language]) -> dict[str, tuple[Member, ...]]:
    found: dict[str, list[Member]] = {}
    for row in _rows("language_members.csv"):
        code, name = row["member"], row["name"]
        bare = Language(code=code, bcp47=code, name=name, autonym=name, modality="spoken")
        member = Member(
            language=languages.get(code, bare),
            folded=row["how"] == "fold",
            dialect=name if row["dialect"] == "yes" else None,
        )
        found.setdefault(row["macro"], []).append(member)
    return {macro: tuple(listed) for macro, listed in found.items()}


def _index(
    rows: tuple[dict[str, str], ...], members: Mapping[str, tuple[Member, ...]]
) -> dict[str, Meaning]:
    """Codes first, then the aliases, then the names: an earlier entry is never replaced."""
    index = {row["code"]: Meaning((row["code"],)) for row in rows}
    for row in _rows("language_tags.csv"):
        if "-" not in row["tag"]:
            index.setdefault(row["tag"], _meaning(row))
    folded = [one.language for listed in members.values() for one in listed if one.folded]
    for language in folded:
        index.setdefault(language.code, Meaning((language.code,)))
    for row in _rows("language_aliases.csv"):
        index.setdefault(fold(row["alias"]), _meaning(row))
    names = [(row["code"], row[field]) for row in rows for field in (*UI_LANGUAGES, "autonym")]
    names += [(language.code, language.name) for language in folded]
    names += [(row["code"], row["name"]) for row in _rows("language_names.csv")]
    for code, name in names:
        key = fold(name)
        if key and not LOOKS_LIKE_A_CODE.fullmatch(key):
            index.setdefault(key, Meaning((code,)))
    return index


def _meaning(row: Mapping[str, str]) -> Meaning:
    return Meaning(tuple(row["code"].split("|")), row["dialect"] or None)
