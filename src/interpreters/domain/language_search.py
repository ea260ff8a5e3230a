"""Finding languages by part of a name, and guessing what a mistyped one may have been.

What is found here is offered to a person who chooses. Nothing here ever decides which language
somebody speaks: that is `languages.resolve`, by exact names alone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from interpreters.domain.language_catalogue import catalogue
from interpreters.domain.language_codes import living_languages
from interpreters.domain.language_folding import fold, loosen

LONGEST_QUERY: Final = 100
SHORTEST_PART: Final = 2  # one letter is inside every name
ALIKE: Final = 0.3  # PostgreSQL's own threshold for trigrams


def containing(query: str) -> Iterator[tuple[str, ...]]:
    """Yield the codes whose names start with the query, then of those that contain it."""
    part = loosen(fold(query[:LONGEST_QUERY]))
    names = _loose_names()
    yield from (codes for name, codes in names if name.startswith(part))
    if len(part) >= SHORTEST_PART:
        yield from (codes for name, codes in names if part in name)
        yield from _in_the_long_tail(part)


def alike(query: str) -> list[tuple[str, ...]]:
    """Return the codes whose names share most trigrams with the query, the likeliest first."""
    wanted = _trigrams(loosen(fold(query[:LONGEST_QUERY])))
    names, postings = _loose_names(), _postings()
    shared = Counter(place for trigram in wanted for place in postings.get(trigram, ()))
    scored = [
        (common / (len(wanted) + len(_trigrams(names[place][0])) - common), place)
        for place, common in shared.items()
        if common >= ALIKE * len(wanted)  # fewer could not reach the threshold
    ]
    ranked = sorted((-score, place) for score, place in scored if score >= ALIKE)
    return [names[place][1] for _, place in ranked]


@cache
def _loose_names() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Names without diacritics and their codes, the shortest first."""
    found = {(loosen(name), meaning.codes) for name, meaning in catalogue().index.items()}
    return tuple(sorted(found, key=lambda one: (len(one[0]), one)))


@cache
def _postings() -> dict[str, list[int]]:
    """Trigram -> the places of the names that have it."""
    postings: dict[str, list[int]] = {}
    for place, (name, _) in enumerate(_loose_names()):
        for trigram in _trigrams(name):
            postings.setdefault(trigram, []).append(place)
    return postings


def _trigrams(name: str) -> set[str]:
    padded: Iterable[str] = (f"  {word} " for word in name.split())
    return {word[at : at + 3] for word in padded for at in range(len(word) - 2)}


def _in_the_long_tail(part: str) -> Iterator[tuple[str, ...]]:
    named = living_languages().items()
    starting = [(code,) for code, name in named if name.casefold().startswith(part)]
    yield from starting
    yield from ((code,) for code, name in named if part in name.casefold())
