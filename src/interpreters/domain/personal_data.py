"""What may not stand in texts about clients: numbers of persons, and in references names too."""

import re
import unicodedata
from datetime import date
from typing import Final

from interpreters.domain.national_ids import find_national_id, plain_form

EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]{2,}")
# With its country, as E.164 knows it: 8 to 15 digits, however grouped.
PHONE: Final = re.compile(
    r"(?:\+|\b(?:tel|phone|mob|tālr|тел|моб)\w*[.:]? ?\+?)\(?\d(?:[ ().-]{0,2}\d){6,14}(?!\d)",
    re.IGNORECASE,
)
ABROAD: Final = re.compile(r"00[1-9]\d{0,2}[ ()-]+\d(?:[ ().-]{0,2}\d){5,11}(?!\d)")
BETWEEN_WORDS: Final = re.compile(r"[\s,;]+")
WITHIN_NAMES: Final = frozenset("'-.\u2019\u02bc\u00b7\u200c")
FEWEST_WORDS: Final = 2


def in_text(text: str, *, today: date) -> str | None:
    """Return the kind of personal number a text holds, or None."""
    return find_national_id(text, today=today)


def in_reference(text: str, *, today: date) -> str | None:
    """Return what a client's reference tells of the person, or None: it should be a code."""
    found = find_national_id(text, today=today, whole=True)
    if found is not None:
        return found
    plain = plain_form(text)
    if EMAIL.search(plain):
        return "e-mail address"
    if PHONE.search(plain) or ABROAD.match(plain.strip()):
        return "telephone number"
    return "name" if _is_name(plain) else None


def _is_name(plain: str) -> bool:
    """Two or more words of letters alone, in any script; one word may be a code."""
    words = [one for one in BETWEEN_WORDS.split(plain.strip()) if one]
    return len(words) >= FEWEST_WORDS and all(_is_word(one) for one in words)


def _is_word(word: str) -> bool:
    """Letters and their marks, with what stands inside names."""
    kinds = {unicodedata.category(one)[0] for one in word if one not in WITHIN_NAMES}
    return "L" in kinds and kinds <= {"L", "M"}
