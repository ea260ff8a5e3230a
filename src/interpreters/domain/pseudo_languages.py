"""Languages nobody speaks, to look at pages with: what is long, mirrored or forgotten.

`en-XA` is English with longer, accented words, `ar-XB` the same written from right to left; both
stand in brackets, so that what has none was never given to be translated (after CLDR's and
Android's pseudo-locales). Pages take them by `?lang=` alone; nobody's account can have one.
"""

import re
from typing import Final

PSEUDO: Final = ("en-XA", "ar-XB")
BEGIN, END = (
    "\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}",
    "\N{MATHEMATICAL RIGHT WHITE SQUARE BRACKET}",
)
HOLE: Final = re.compile(r"(\{\w+\})")
ACCENTS: Final = str.maketrans("aceinosuyACEINOSUY", "àçéîñöšüýÀÇÉÎÑÖŠÜÝ")
# A letter more for each so many: translations of short English are a third longer.
LONGER: Final = 3


def pseudo(text: str) -> str:
    """Return a message as the languages nobody speaks say it; its `{holes}` stay."""
    longer = "".join("~" if place % 6 else " " for place in range(len(text) // LONGER))
    parts = (one if HOLE.fullmatch(one) else one.translate(ACCENTS) for one in HOLE.split(text))
    return f"{BEGIN}{''.join(parts)}{longer}{END}"
