"""The parts of an iCalendar file (RFC 5545 §3) that say when, and nothing of what they say about.

One pass over the file, no recursion: titles, places and people are skipped unread.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

DEEPEST: Final = 8  # VCALENDAR, VTIMEZONE and STANDARD are three
MOST_PARTS: Final = 50_000
READ: Final = frozenset(
    {
        "UID", "SEQUENCE", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE",
        "RECURRENCE-ID", "TRANSP", "STATUS", "FREEBUSY",
        "TZID", "X-LIC-LOCATION", "TZOFFSETFROM", "TZOFFSETTO",
    }
)  # fmt: skip
KINDS: Final = frozenset({"VEVENT", "VFREEBUSY", "VTIMEZONE", "STANDARD", "DAYLIGHT"})
FOLD: Final = re.compile(rb"\r?\n[ \t]")
# Name, parameters of which values in quotes may hold anything, value. No two ways to match.
LINE: Final = re.compile(
    r'([A-Za-z0-9-]+)((?:;[^";:=]+=[^";:]*(?:"[^"]*"[^";:]*)*)*):(.*)', re.DOTALL
)
PARAMETER: Final = re.compile(r';([^";:=]+)=([^";:]*(?:"[^"]*"[^";:]*)*)')


class UnreadableCalendar(Exception):
    """It cannot be read as a calendar. `code` says why, in kebab-case; nothing of it is told."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Line(msgspec.Struct, frozen=True):
    """One property: its parameters, names in capitals, and its value as it stands."""

    parameters: Mapping[str, str]
    value: str


class Part(msgspec.Struct):
    """A component: its properties by name, and the parts inside it."""

    kind: str
    lines: dict[str, list[Line]]
    parts: list["Part"]

    def first(self, name: str) -> Line | None:
        """Return the first property of that name."""
        found = self.lines.get(name)
        return found[0] if found else None

    def value(self, name: str) -> str:
        """Return the value of the first property of that name, "" without one."""
        found = self.first(name)
        return found.value.strip() if found else ""


def read_parts(data: bytes) -> list[Part]:
    """Return the events, free/busy times and time zones of a file.

    Raises:
        UnreadableCalendar: `not-a-calendar`, `broken-off`, `wrong-structure`, `too-large`.
    """
    open_parts: list[Part] = []
    found: list[Part] = []
    number = 0
    for line in _unfolded(data):
        name, _, rest = line.partition(":")
        word, inner = name.upper(), rest.strip().upper()
        if not open_parts and (word, inner) != ("BEGIN", "VCALENDAR"):
            raise UnreadableCalendar("not-a-calendar" if not number else "wrong-structure")
        if word == "BEGIN":
            number += 1
            if len(open_parts) >= DEEPEST or number > MOST_PARTS:
                raise UnreadableCalendar("too-large")
            open_parts.append(Part(inner, {}, []))
        elif word == "END":
            _close(open_parts, inner, found)
        elif open_parts[-1].kind in KINDS:
            _add(open_parts[-1], line)
    if open_parts or not number:
        raise UnreadableCalendar("broken-off" if number else "not-a-calendar")
    return found


def _unfolded(data: bytes) -> Iterator[str]:
    text = FOLD.sub(b"", data.removeprefix(b"\xef\xbb\xbf")).decode("utf-8", errors="replace")
    for line in text.split("\n"):
        if stripped := line.rstrip("\r"):
            yield stripped


def _close(open_parts: list[Part], kind: str, found: list[Part]) -> None:
    part = open_parts.pop()
    if part.kind != kind:
        raise UnreadableCalendar("wrong-structure")
    if len(open_parts) == 1 and kind in KINDS:
        found.append(part)
    elif open_parts and kind in {"STANDARD", "DAYLIGHT"}:
        open_parts[-1].parts.append(part)


def _add(part: Part, line: str) -> None:
    name = re.split("[:;]", line, maxsplit=1)[0].upper()
    if name not in READ:
        return
    read = LINE.fullmatch(line)
    if read is None:
        return
    parameters = {
        one.strip().upper(): value.strip().strip('"') for one, value in PARAMETER.findall(read[2])
    }
    part.lines.setdefault(name, []).append(Line(parameters, read[3]))
