"""Languages: from what people type to the one language an interpreter must speak.

The identity is the spoken (or signed) language, an ISO 639-3 individual code. Names match
exactly or not at all: a wrong language is worse than a question.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, islice
from typing import Final

import msgspec

from interpreters.domain.errors import NotFound, Refusal
from interpreters.domain.language_catalogue import (
    LOOKS_LIKE_A_CODE,
    Language,
    Meaning,
    Modality,
    catalogue,
    loose_index,
)
from interpreters.domain.language_codes import living_languages
from interpreters.domain.language_folding import WORDS_AFTER, WORDS_BEFORE, fold, loosen
from interpreters.domain.language_neighbours import Neighbour, gate, neighbours
from interpreters.domain.language_search import LONGEST_QUERY, alike, containing
from interpreters.domain.language_tags import tag_meanings

__all__ = [
    "Language",
    "Modality",
    "NeedsVariety",
    "Neighbour",
    "Resolved",
    "UnknownLanguage",
    "describe",
    "gate",
    "look_up",
    "members",
    "name_in",
    "neighbours",
    "resolve",
    "resolve_any",
    "search",
]

SUGGESTIONS: Final = 5
SIGN_LANGUAGE: Final = "Sign Language"


class UnknownLanguage(Refusal):
    """No language has this name or code. `suggestions` are guesses for a person to choose from."""

    code = "unknown-language"
    title = "No language is known by this name"


class NeedsVariety(Refusal):
    """The name covers languages that do not understand each other. `options` are those."""

    code = "needs-variety"
    title = "This name covers several languages: say which one is spoken"


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """The language meant, and the dialect when what was typed said more than the language."""

    language: Language
    dialect: str | None


def resolve(text: str) -> Resolved:
    """Return the language that a code, a BCP 47 tag, a name or an alias stands for.

    Raises:
        UnknownLanguage: nothing is called so.
        NeedsVariety: several languages are ("Kurdish", "Chinese"), and one must be chosen.
    """
    found = _find(text)
    if not found:
        suggested = islice(_distinct(alike(text)), SUGGESTIONS)
        raise UnknownLanguage(suggestions=[language.as_answer() for language in suggested])
    first, *others = found
    if others:
        raise NeedsVariety(options=[one.language.as_answer() for one in found])
    return first


def resolve_any(texts: Iterable[str]) -> tuple[Language, ...]:
    """Return the languages of `{"any_of": […]}` in the order given, each once.

    Raises:
        UnknownLanguage, NeedsVariety: as `resolve` does, for the first that it refuses.
    """
    languages = [resolve(text).language for text in texts]
    return tuple({language.code: language for language in languages}.values())


@cache
def describe(code: str) -> Language:
    """Return the language of a stored code, also of a wider one such as `kur`.

    Raises:
        UnknownLanguage: it is no code of a living language.
    """
    known = catalogue()
    if code in known.languages:
        return known.languages[code]
    if code in known.folds:
        wider = known.members[known.folds[code].codes[0]]
        return next(one.language for one in wider if one.language.code == code)
    name = living_languages().get(code)
    if name is None:
        raise UnknownLanguage(suggestions=[])
    signed = SIGN_LANGUAGE in name
    return Language(
        code=code, bcp47=code, name=name, autonym=name, modality="signed" if signed else "spoken"
    )


def look_up(text: str) -> Language:
    """Return the language at an address: a stored code as it is, anything else as resolved.

    Raises:
        NotFound: it stands for nothing.
        NeedsVariety: it is a name, or a short code, of several languages.
    """
    if text in catalogue().languages:
        return describe(text)
    try:
        return resolve(text).language
    except UnknownLanguage as unknown:
        raise NotFound from unknown


def name_in(code: str, ui_language: str) -> str:
    """Return the name of a stored code in a page language (`fa-AF` has some of its own beside
    those of `fa`), in English where there is none.

    Raises:
        UnknownLanguage: it is no code of a living language.
    """
    names = catalogue().names.get(code, {})
    wider = ui_language.partition("-")[0]
    return names.get(ui_language) or names.get(wider) or describe(code).name


def members(code: str) -> tuple[Language, ...]:
    """Return the languages under a wider one, the most asked for first; empty for others."""
    return tuple(one.language for one in catalogue().members.get(code, ()))


def search(q: str, limit: int = 20) -> list[Language]:
    """Return languages for a person to choose from: an exact match, then names that start with
    `q`, then names that contain it, and only when there is none of these, names like it.

    A wider language is answered by its members. An empty `q` lists the catalogue by name.
    """
    if not fold(q[:LONGEST_QUERY]):
        return list(_by_name()[:limit])
    exact = (one.language for one in _find(q))
    found = list(islice(_distinct(containing(q), exact), limit))
    return found or list(islice(_distinct(alike(q)), limit))


def _find(text: str) -> tuple[Resolved, ...]:
    """What the text stands for: one language, several to choose from, or none."""
    if len(text) > LONGEST_QUERY:
        return ()
    return next(filter(None, map(_resolved, _meanings(text))), ())


def _meanings(text: str) -> Iterator[Meaning]:
    """Yield what the text may mean, the surest reading first."""
    known = catalogue()
    key = fold(text)
    spellings = (key, *_without_the_word_language(key))
    yield from (known.index[one] for one in spellings if one in known.index)
    if LOOKS_LIKE_A_CODE.fullmatch(key):
        yield Meaning((key,))
    yield from tag_meanings(text, known)
    loose = loose_index()
    yield from (loose[bare] for one in spellings if (bare := loosen(one)) in loose)


def _without_the_word_language(key: str) -> Iterator[str]:
    head, _, last = key.rpartition(" ")
    if last in WORDS_AFTER:
        yield head
    first, _, tail = key.partition(" ")
    if tail and first in WORDS_BEFORE:
        yield tail


def _resolved(meaning: Meaning) -> tuple[Resolved, ...]:
    """The meaning's languages: members folded, wider languages opened; empty for no language."""
    known = catalogue()
    found: list[Resolved] = []
    for code in meaning.codes:
        if code in known.folds:
            found += _resolved(known.folds[code])
        elif code in known.asks:
            found += _varieties(code)
        elif code in known.languages or code in living_languages():
            found.append(Resolved(language=describe(code), dialect=None))
    if len(found) == 1 and meaning.dialect:
        return (Resolved(language=found[0].language, dialect=meaning.dialect),)
    return tuple(found)


def _varieties(code: str) -> list[Resolved]:
    """The members of a wider language: those of the catalogue, or all when it has not several."""
    known = catalogue()
    listed = [one for one in members(code) if one.code in known.languages]
    options = listed if len(listed) > 1 else members(code)
    return [Resolved(language=one, dialect=None) for one in options]


def _distinct(
    meanings: Iterable[tuple[str, ...]], first: Iterable[Language] = ()
) -> Iterator[Language]:
    """Yield `first`, then the languages of the meanings, each language once."""
    later = (one.language for codes in meanings for one in _resolved(Meaning(codes)))
    seen: set[str] = set()
    for language in chain(first, later):
        if language.code not in seen:
            seen.add(language.code)
            yield language


@cache
def _by_name() -> tuple[Language, ...]:
    known = catalogue()
    listed = (one for code, one in known.languages.items() if code not in known.asks)
    return tuple(sorted(listed, key=lambda one: one.name))
