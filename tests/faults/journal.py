"""What the clients of a fault run tried, and what they were answered: the promises to be kept."""

import time
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

import msgspec

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
What: TypeAlias = Literal[
    "ask", "accept", "tap", "decline", "assign", "give-back", "cancel-request", "cancel-booking",
    "check-in", "start", "end",
]  # fmt: skip


class Entry(msgspec.Struct, kw_only=True):
    """One call. `thing` is what it was about: the id in its path, a reference, a link's token.

    `said` is the status of the answer; None while there was none. `made` is the id it answered.
    """

    what: What
    thing: str
    at: float
    said: int | None = None
    code: str | None = None
    made: str | None = None
    seconds: float = 0

    @property
    def promised(self) -> bool:
        return self.said is not None and 200 <= self.said < 300


class Journal:
    """Written down before a call and after its answer, in memory and in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: list[Entry] = []

    def tries(self, what: What, thing: str) -> Entry:
        one = Entry(what=what, thing=thing, at=time.time())
        self.entries.append(one)
        return one

    def answered(self, one: Entry, status: int, body: Any) -> None:
        one.said, one.seconds = status, time.time() - one.at
        if isinstance(body, dict):
            one.made, one.code = body.get("id"), body.get("code")
        with self.path.open("ab") as file:
            file.write(msgspec.json.encode(one) + b"\n")


def uuid_of(shown: str) -> UUID:
    """Return the UUID inside a public id, such as `req_06CKQ…`."""
    number = 0
    for letter in shown.partition("_")[2]:
        number = number << 5 | ALPHABET.index(letter)
    return UUID(int=number)


def show(prefix: str, value: UUID) -> str:
    """Return the public id of a UUID."""
    letters = [ALPHABET[value.int >> 5 * place & 31] for place in range(26)]
    return f"{prefix}_{''.join(reversed(letters))}"
