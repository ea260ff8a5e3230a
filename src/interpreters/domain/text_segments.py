"""How many text messages a body is paid as: 3GPP TS 23.038 §6.2.1 and TS 23.040 §9.2.3.24.1.

One message carries 140 octets: 160 characters of seven bits, or 70 of sixteen where one character
is outside the GSM alphabet. A longer body loses 6 octets of each part to the header that joins
them: 153 or 67. No character is cut in two. Tables of single nations are not used, because
providers do not.
"""

import itertools
from collections.abc import Iterable
from typing import Final

# §6.2.1, sixteen to a row; the escape (1B) is no character.
BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
EXTENDED: Final = frozenset("\f^{}\\[~]|€")  # §6.2.1.1: two places each, the escape first
SEVEN_BIT: Final = (160, 153)  # places of the only part, of each of several
SIXTEEN_BIT: Final = (70, 67)
LAST_OF_SIXTEEN: Final = "\uffff"  # what lies above takes two places, a surrogate pair


def segments(body: str) -> int:
    """Return the number of messages; an empty body is one."""
    if BASIC.issuperset(body) or (BASIC | EXTENDED).issuperset(body):
        return _parts((2 if one in EXTENDED else 1 for one in body), *SEVEN_BIT)
    return _parts((2 if one > LAST_OF_SIXTEEN else 1 for one in body), *SIXTEEN_BIT)


def _parts(sizes: Iterable[int], alone: int, each: int) -> int:
    total, again = itertools.tee(sizes)
    if sum(total) <= alone:
        return 1
    parts, filled = 1, 0
    for size in again:
        if filled + size > each:
            parts, filled = parts + 1, 0
        filled += size
    return parts
