"""Reading CSV as offices write it: Unicode or an old code page, commas, semicolons or tabs."""

import csv
import io
import re
from typing import Final

from interpreters.domain.import_columns import is_known
from interpreters.domain.imports import MOST_ROWS, unreadable

SEPARATORS: Final = (",", ";", "\t")
SPARE: Final = 5000  # rows that may be empty besides
# Letters beyond ASCII that the words of a code page's languages are written with.
WESTERN: Final = frozenset("àâäæçèéêëìíîïñòóôöùúûüÿåøßáœ\u2019\u2013\u2014\u201c\u201d€§°\u00b4")
BALTIC: Final = frozenset(
    "āčēģīķļņōŗšūžąęėįųäöõüåæøéó\u2019\u2013\u2014\u201c\u201d\u201e€§°\u00b4"
)
CYRILLIC: Final = frozenset(
    "абвгдежзийклмнопрстуфхцчшщъыьэюяёєіїґўјљњћџђѓќѕ\u2019\u2013\u2014\u201c\u201d\u201e«»№€"
)
CODE_PAGES: Final = {"cp1257": BALTIC, "cp1252": WESTERN, "cp1251": CYRILLIC}
AT_HOME: Final = {
    "cp1257": frozenset({"LV", "LT", "EE"}),
    "cp1251": frozenset({"RU", "BY", "UA", "BG", "RS", "MK", "KZ", "KG"}),
}  # everywhere else cp1252
WORD: Final = re.compile(r"[^\s,;|]*[^\x00-\x7f][^\s,;|]*")
WORD_LENGTH: Final = 3  # a Latin word of so many letters has a plain one
UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


def read_csv(data: bytes, *, country: str | None) -> list[list[str]]:
    """Return every row of the file, in order, the empty ones too.

    Raises:
        Invalid: `unclear-encoding`, `unreadable-file`, `never-closed`, `too-many-rows`.
    """
    text = _text(data, country)
    if "\0" in text:
        raise unreadable("unreadable-file", "The file holds NUL bytes: save it as CSV UTF-8 anew")
    text, separator = _separated(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append(row)
            if len(rows) > MOST_ROWS + SPARE:
                raise unreadable("too-many-rows", f"A file has at most {MOST_ROWS} rows: divide it")
    except csv.Error as error:
        raise _broken(len(rows) + 1, str(error)) from error
    return rows


def _broken(row: int, said: str) -> Exception:
    if "expected after" in said:
        detail = (
            f"Row {row} has text behind a closing quotation mark: write quotation marks "
            'inside a cell twice, ""'
        )
        return unreadable("unreadable-file", detail)
    detail = f'A quotation mark opened in row {row} is never closed: write " inside a cell twice'
    return unreadable("never-closed", detail)


def _text(data: bytes, country: str | None) -> str:
    if data.startswith(UTF16_MARKS):
        return _decoded(data, "utf-16")
    if (wide := _wide(data)) is not None:
        return _decoded(data, wide)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _from_code_page(data, country)


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise unreadable("unclear-encoding", "Save the file as CSV UTF-8") from error


def _wide(data: bytes) -> str | None:
    """Return which UTF-16 it is without a mark: every other byte of plain letters is 0."""
    start = data[:2000]
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if odd > len(start) // 4 and not even:
        return "utf-16-le"
    if even > len(start) // 4 and not odd:
        return "utf-16-be"
    return None


def _from_code_page(data: bytes, country: str | None) -> str:
    """Return the text under the one code page in which every word is made of usual letters.

    Where several are, the country decides; where none is, nobody guesses.

    Raises:
        Invalid: `unclear-encoding`.
    """
    fitting: dict[str, str] = {}
    for page, letters in CODE_PAGES.items():
        try:
            text = data.decode(page)
        except UnicodeDecodeError:
            continue
        if _is_usual(text, letters):
            fitting[page] = text
    home = next((page for page, where in AT_HOME.items() if country in where), "cp1252")
    if len(set(fitting.values())) == 1:
        return next(iter(fitting.values()))
    if home in fitting and country is not None:
        return fitting[home]
    raise unreadable(
        "unclear-encoding",
        "The letters beyond A to Z can be read in several ways: save the file as CSV UTF-8",
    )


def _is_usual(text: str, letters: frozenset[str]) -> bool:
    """Tell whether every word beyond ASCII could be one: usual letters, one alphabet.

    Latin words have plain letters among the others, Cyrillic ones have none.
    """
    is_latin = letters is not CYRILLIC
    for word in WORD.findall(text):
        lower = word.lower()
        foreign = [one for one in lower if one > "\x7f"]
        if not letters.issuperset(foreign):
            return False
        spelled = sum(one.isalpha() for one in foreign)
        plain = any("a" <= one <= "z" for one in lower)
        if (is_latin and spelled >= WORD_LENGTH and not plain) or (
            not is_latin and spelled and plain
        ):
            return False
    return True


def _separated(text: str) -> tuple[str, str]:
    """Return the text and its separator: the one under which most column names are known.

    Excel's own first line, `sep=;`, is obeyed; it is no row.
    """
    first, _, rest = text.partition("\n")
    told = first.strip().strip('"').lower()
    if told.startswith("sep=") and told[4:] in (*SEPARATORS, ""):
        return rest, told[4:] or "\t"
    counted = {one: _names(text, one) for one in SEPARATORS}
    return text, max(SEPARATORS, key=counted.__getitem__)


def _names(text: str, separator: str) -> tuple[int, int]:
    try:
        first = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    except csv.Error:
        return (0, 0)
    return sum(is_known(name) for name in first), len(first)
