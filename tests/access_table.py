"""The table of who is told what, made from `access_rules.py`; as a module, it prints it as CSV."""

import csv
import io
import sys
from collections.abc import Iterator
from typing import Final

import msgspec

from access_rules import CALLERS, OPEN, PERSONAL, RULES, SPELT, WHOLE_NETWORK, Kind, Rule

ONE: Final = ("own", "other", "foreign", "missing", "another kind", "no id")
# A thing within another: both of one side, and what must not be reached through the wrong one.
TWO: Final = (
    ("own", "own"), ("other", "other"), ("foreign", "foreign"), ("own", "other"), ("other", "own"),
    ("own", "foreign"), ("missing", "own"), ("own", "missing"), ("own", "another kind"),
    ("own", "no id"), ("no id", "own"),
)  # fmt: skip
NOT_THERE: Final = "404 not-found"


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One call: a row's route, the things in its path, and who calls."""

    rule: Rule
    things: tuple[str, ...]
    caller: Kind

    @property
    def name(self) -> str:
        return f"{self.rule.route} {'/'.join(self.things)} as {self.caller.name}"


def things_of(rule: Rule) -> tuple[tuple[str, ...], ...]:
    """Return what may stand in the path: a word for each of its things."""
    if not rule.of:
        return ((),)
    if rule.of[0] in OPEN:
        return (("own",), ("missing",))
    if rule.of[-1] in SPELT:
        return tuple((one, one) for one in ONE)
    return TWO if len(rule.of) == 2 else tuple((one,) for one in ONE)


def cells(rule: Rule) -> Iterator[Cell]:
    for things in things_of(rule):
        for caller in CALLERS:
            yield Cell(rule=rule, things=things, caller=caller)


def expected(cell: Cell) -> str:
    """Return what the cell answers: the status, and the code of a no."""
    rule, caller = cell.rule, cell.caller
    if not rule.public:
        if not caller.role:
            return rule.stranger
        if not _may(cell):
            return "403 forbidden"
    return rule.yes if _sees(cell) else NOT_THERE


def expected_broken(cell: Cell) -> str:
    """Return what the cell answers to a body that cannot be read: it is looked at last."""
    told = expected(cell)
    return cell.rule.broken if told == cell.rule.yes else told


def _may(cell: Cell) -> bool:
    """Tell whether somebody of the role, with the key's scopes, may call the route at all."""
    rule, caller = cell.rule, cell.caller
    lacking = caller.pretends or (caller.lacks_scope and rule.scope_of(caller.role))
    return caller.role in rule.may and not lacking and (not rule.people or bool(caller.person))


def _sees(cell: Cell) -> bool:
    """Tell whether all things of the path are there, of one side, and the caller's to see."""
    if not cell.things or set(cell.things) == {"own"}:
        return True
    owned = cell.rule.of[0] not in (*OPEN, *PERSONAL)
    whole = cell.caller.role in WHOLE_NETWORK and owned
    if cell.rule.apart and whole:
        return set(cell.things) <= {"own", "other"}
    return whole and set(cell.things) == {"other"}


def rows() -> Iterator[list[str]]:
    """Yield the table: a head, and a row for each route and the things in its path."""
    yield ["route", "of", "which", *(one.name for one in CALLERS)]
    for rule in RULES:
        for things in things_of(rule):
            made = [Cell(rule=rule, things=things, caller=caller) for caller in CALLERS]
            yield [
                rule.route, "/".join(rule.of), "/".join(things), *(expected(one) for one in made),
            ]  # fmt: skip


def table() -> str:
    """Return the table as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows())
    return text.getvalue()


if __name__ == "__main__":
    sys.stdout.write(table())
