"""Every SQL statement of the product, and a small reader of its table references.

The reader knows the SQL that sql/ writes, not all of SQL: what it does not understand, it
refuses, so that a statement in a new form is looked at rather than waved through.
"""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from interpreters import sql

TOKEN: Final = re.compile(
    r"\s+|--[^\n]*|(?P<text>B?'(?:[^']|'')*')|(?P<parameter>\$\d+)|(?P<word>[a-z_][a-z_0-9]*)"
    r'|(?P<quoted>"[^"]+")|(?P<number>\d+(?:\.\d+)?)|(?P<sign>::|<>|<=|>=|&&|<@|@>|\|\||->>?|.)',
    re.IGNORECASE | re.DOTALL,
)
QUERY: Final = {"select", "with", "insert", "update", "delete", "values"}
SET_OPERATIONS: Final = {"union", "intersect", "except"}
AFTER_A_TABLE: Final = {
    "where", "on", "join", "left", "right", "full", "inner", "cross", "natural", "using", "set",
    "group", "order", "limit", "offset", "for", "having", "union", "returning", "values", "select",
    "window", "default",
}  # fmt: skip

Group: TypeAlias = "list[str | Group]"


class Statement(NamedTuple):
    """A constant of sql/ that is run."""

    name: str
    text: str


class Reference(NamedTuple):
    """A table as a query names it, with the query's own conditions beside it."""

    table: str
    alias: str
    verb: str
    level: Group


def every_statement() -> list[Statement]:
    """Return the statements of all modules of sql/, named `module.CONSTANT`."""
    found = []
    for module in pkgutil.iter_modules(sql.__path__):
        made = importlib.import_module(f"{sql.__name__}.{module.name}")
        source = Path(str(made.__file__)).read_text(encoding="utf-8")
        found += [
            Statement(f"{module.name}.{name}", getattr(made, name))
            for name in _constants(ast.parse(source))
        ]
    return found


def _constants(tree: ast.Module) -> Iterator[str]:
    """Yield the names of the constants that are declared as SQL."""
    for node in tree.body:
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and ast.unparse(node.annotation) == "Final[LiteralString]"
        ):
            yield node.target.id


def read(text: str) -> Group:
    """Return the statement's words and signs in lower case, brackets as nested lists."""
    stack: list[Group] = [[]]
    for match in TOKEN.finditer(text):
        token = match.group(match.lastgroup) if match.lastgroup else ""
        if token == "(":
            stack.append([])
        elif token == ")":
            closed = stack.pop()
            stack[-1].append(closed)
        elif token:
            stack[-1].append(token if match.lastgroup == "text" else token.lower())
    assert len(stack) == 1, "brackets do not match"
    return stack[0]


def words(group: Group) -> Iterator[str]:
    """Yield every word of the group and of the groups in it."""
    for one in group:
        if isinstance(one, str):
            yield one
        else:
            yield from words(one)


def groups(group: Group) -> Iterator[Group]:
    """Yield the group and every group in it."""
    yield group
    for one in group:
        if not isinstance(one, str):
            yield from groups(one)


def queries(group: Group) -> Iterator[Group]:
    """Yield every query at its own level: sub-selects, and each arm of a UNION, apart."""
    for one in groups(group):
        if one and isinstance(one[0], str) and one[0] in QUERY:
            arm: Group = []
            for token in one:
                if isinstance(token, str) and token in SET_OPERATIONS:
                    yield arm
                    arm = []
                elif not (arm == [] and token == "all"):
                    arm.append(token)
            yield arm


def common_tables(group: Group) -> set[str]:
    """Return the names that WITH gives, which are not tables."""
    return {
        str(one[place - 1])
        for one in groups(group)
        for place, token in enumerate(one[:-1])
        if token == "as" and isinstance(_after(one, place), list) and "with" in one
    }


def _after(group: Group, place: int) -> object:
    """Return what follows a token; that it is to be kept apart (MATERIALIZED) is no part of it."""
    following = group[place + 1 :]
    return following[1] if following[0] == "materialized" else following[0]


def references(text: str) -> list[Reference]:
    """Return every table reference of the statement."""
    whole = read(text)
    known = common_tables(whole)
    return [
        found for query in queries(whole) for found in _of_level(query) if found.table not in known
    ]


def _of_level(query: Group) -> Iterator[Reference]:
    in_from = False
    for place, token in enumerate(query):
        if token in ("from", "join", "into") or (token == "update" and _is_command(query, place)):
            if _is_distinct_from(query, place):
                continue
            in_from = token == "from"
            yield from _reference(query, place + 1, _verb(query, place))
        elif token == "," and in_from:
            yield from _reference(query, place + 1, "from")
        elif isinstance(token, str) and token in AFTER_A_TABLE - {"left", "cross", "inner"}:
            in_from = False


def _verb(query: Group, place: int) -> str:
    before = query[place - 1] if place else ""
    return "delete" if before == "delete" else str(query[place])


def _is_command(query: Group, place: int) -> bool:
    """Tell `UPDATE t` from `FOR UPDATE`, `FOR NO KEY UPDATE` and `DO UPDATE`."""
    return place == 0 or query[place - 1] not in ("for", "key", "do")


def _is_distinct_from(query: Group, place: int) -> bool:
    return place > 1 and query[place - 1] == "distinct" and query[place - 2] in ("is", "not")


def _reference(query: Group, place: int, verb: str) -> Iterator[Reference]:
    if query[place : place + 1] in (["lateral"], ["only"]):
        place += 1
    table, *rest = query[place:]
    if not isinstance(table, str) or (rest and isinstance(rest[0], list) and verb != "into"):
        return  # a sub-select, which is a level of its own, or a function
    if rest[:1] == ["as"]:
        rest = rest[1:]
    named = bool(rest) and isinstance(rest[0], str) and re.fullmatch("[a-z_]+", rest[0])
    alias = str(rest[0]) if named and rest[0] not in AFTER_A_TABLE else ""
    yield Reference(table, alias, verb, query)
