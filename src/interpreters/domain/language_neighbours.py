"""Neighbours: whose speech is understood by whom, how well, and when that is good enough.

The grades are editorial (`data/spoken_relations.csv`). No distance between written standards is
used: those call Urdu nearer to English than to Hindi, and Chinese the same as Cantonese.
"""

import csv
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from interpreters.domain.language_catalogue import Language, catalogue

STRICT_TOPICS: Final = frozenset({"legal", "psychology"})
STRICT_GRADE: Final = 95
LOWEST_GRADE: Final = 70


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """An interpreter's language that speakers of another one follow.

    `understood` is 0 to 100; `one_way` says that the other direction does not hold.
    """

    language: Language
    understood: int
    one_way: bool


def neighbours(code: str) -> list[Neighbour]:
    """Return the languages an interpreter could speak to a client of `code`, best first.

    All known relations are answered, also those too weak to use: `gate` says from which grade.
    """
    return list(_relations().get(code, ()))


def gate(topic: str) -> int:
    """Return the lowest grade at which a neighbour may stand in. Below 70 never."""
    return STRICT_GRADE if topic in STRICT_TOPICS else LOWEST_GRADE


@cache
def _relations() -> dict[str, tuple[Neighbour, ...]]:
    """Relations by the client's language. A row that is not one-way holds in both directions,
    with the same grade unless the other direction has its own row.
    """
    grades: dict[tuple[str, str], tuple[int, bool]] = {}
    mirrored: dict[tuple[str, str], tuple[int, bool]] = {}
    text = files("interpreters.domain").joinpath("data", "spoken_relations.csv")
    for row in csv.DictReader(text.read_text(encoding="utf-8").splitlines()):
        client, interpreter = row["client"], row["interpreter"]
        understood, one_way = int(row["understood"]), row["one_way"] == "yes"
        grades[client, interpreter] = (understood, one_way)
        if not one_way:
            mirrored[interpreter, client] = (understood, False)
    found: dict[str, list[Neighbour]] = {}
    for (client, interpreter), (understood, one_way) in (mirrored | grades).items():
        language = catalogue().languages[interpreter]
        neighbour = Neighbour(language=language, understood=understood, one_way=one_way)
        found.setdefault(client, []).append(neighbour)
    return {
        client: tuple(sorted(near, key=lambda one: (-one.understood, one.language.code)))
        for client, near in found.items()
    }
