"""How a typed name is folded before it is compared: two names are the same when their folds are."""

import re
import unicodedata
from typing import Final

APOSTROPHES: Final = (
    "\u2018\u2019\u201b\u02bb\u02bc\u02bd\u02b9\u02c8\u2032\u00b4\u0060\uff07\ua78c"
)
INVISIBLE: Final = "\u00ad\u061c\u0640\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
PUNCTUATION: Final = re.compile(r"[\s()\[\]{}<>,;:/|\\_.\u060c\u2010-\u2015\u2212\uff08\uff09-]+")

# What people type around a name: "dari valoda", "limba română", "арабский язык".
WORDS_AFTER: Final = (
    "language", "valoda", "valodu", "valodā", "език", "язык", "мова", "мову", "dili", "tili",
)  # fmt: skip
WORDS_BEFORE: Final = ("limba", "limbă", "زبان", "ژبه", "اللغة", "لغة", "език", "язык", "мова")

SAME_LETTERS: Final = str.maketrans(
    {
        **dict.fromkeys(APOSTROPHES, "'"),
        **dict.fromkeys(INVISIBLE),
        "\u064a": "\u06cc",  # Arabic yeh and alef maksura are typed for the Persian yeh
        "\u0649": "\u06cc",
        "\u0643": "\u06a9",  # and the Arabic kaf for the Persian one
    }
)
# Letters that carry their mark inside, so that no decomposition takes it off.
PLAIN_LETTERS: Final = str.maketrans("łøđıħŧə", "lodihte")
# Marks of Latin, Greek and Cyrillic, of Hebrew points and of Arabic vowels. Those of the
# Indic scripts are letters, and stay.
MARKS: Final = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u0655\u0670]|'")


def fold(text: str) -> str:
    """Return the form in which names are compared: NFKC, casefolded, one space between words."""
    plain = unicodedata.normalize("NFKC", text.translate(SAME_LETTERS)).casefold()
    plain = unicodedata.normalize("NFKC", plain).translate(SAME_LETTERS)
    return PUNCTUATION.sub(" ", plain).strip()


def loosen(folded: str) -> str:
    """Return a fold without its diacritics: `pustu` for `puštu`."""
    bare = MARKS.sub("", unicodedata.normalize("NFKD", folded)).translate(PLAIN_LETTERS)
    return unicodedata.normalize("NFC", bare)
