"""`docs/problems.md` lists every code that can be answered, with its status, and no other."""

import ast
import functools
import importlib
import pkgutil
import re
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import pytest
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.testing import RequestFactory

import interpreters
from interpreters.domain.errors import Refusal
from interpreters.domain.refusal_words import APART, EXAMPLE, FIELDS, REFUSALS, sentence_of
from interpreters.domain.wording import HOLE, messages
from interpreters.http.problems import on_http_exception, on_surprise, status_of

Node = TypeVar("Node", bound=ast.AST)
ROOT: Final = Path(__file__).parents[2]
SOURCE: Final = ROOT / "src/interpreters"
ROW: Final = re.compile(r"^\| `([a-z-]+)` \| ([0-9]*) ?\|", re.MULTILINE)
CODE: Final = re.compile(r"[a-z]+(-[a-z]+)*")
HELPER: Final = """
class Reader:
    def _wrong(self, pointer, code, detail):
        self.errors.append(made(pointer, code, detail))

    def read(self):
        self._wrong("/name", "unknown-field", "Unknown")

def no(code, detail):
    return FieldError(pointer="", code=code, detail=detail)

no("duplicate", "Twice")
no(code="conflicting", detail="Either")
"""
REQUEST: Final[Request[Any, Any, Any]] = RequestFactory().get("/")
# What a person does not know by this name, or must not be told.
JARGON: Final = re.compile(
    r"\b(waves?|seats?|ladders?|idempotency|json|tokens?|pointers?|webhooks?|endpoints?|http)\b",
    re.IGNORECASE,
)


def test_every_problem_is_listed_with_its_status() -> None:
    wanted = {one.code: status_of(one.code).value for one in _refusals()}

    assert _listed("## Problems", "## Fields") == wanted | dict(_framework())


def test_every_code_of_a_field_is_listed() -> None:
    wanted = _all_field_codes()

    listed = _listed("## Fields", None)

    assert wanted
    assert set(listed) == wanted


def test_every_code_has_a_sentence_for_a_person_and_no_sentence_is_of_no_code() -> None:
    refusals = {one.code for one in _refusals()} | {code for code, _ in _framework()}
    fields = _all_field_codes()

    assert refusals - set(FIELDS) == set(REFUSALS)
    assert fields == set(FIELDS) - refusals
    assert set(APART) <= set(FIELDS)


def test_the_sentences_are_listed_to_be_translated_and_hold_nothing_that_was_sent() -> None:
    told = {*FIELDS.values(), *APART.values(), *REFUSALS.values()}

    assert told <= messages()
    assert {hole for one in told for hole in HOLE.findall(one)} == {"example"}
    assert [one for one in told if JARGON.search(one)] == []
    assert [one for one in told if not one.endswith(".") or len(one) > len(EXAMPLE) * 10] == []
    assert sentence_of("a-code-that-nobody-knows") in told


def test_codes_are_kebab_case_and_each_belongs_to_one_refusal() -> None:
    codes = [one.code for one in _refusals()]

    assert sorted(set(codes)) == sorted(codes)
    assert [one for one in codes if CODE.fullmatch(one) is None] == []


@pytest.mark.parametrize(
    ("source", "codes"),
    [
        ('raise FieldProblem("in-the-past", "It is")', {"in-the-past"}),
        ('FieldError(pointer="/to", code="required", detail="")', {"required"}),
        (
            HELPER,
            {"unknown-field", "duplicate", "conflicting"},
        ),
        ('code = "required" if missing else "invalid"\nFieldError(code=code)',
         {"required", "invalid"}),
        ('def _code(text):\n    return "wrong-type"', {"wrong-type"}),
        ('Spoken(code="prs")', set()),
    ],
)  # fmt: skip
def test_codes_are_found_however_they_are_written(
    source: str, codes: set[str], tmp_path: Path
) -> None:
    file = tmp_path / "written.py"
    file.write_text(source)

    assert set(_field_codes(file)) == codes


def _refusals() -> list[type[Refusal]]:
    """Every kind of refusal, in whatever module it stands."""
    for module in pkgutil.walk_packages(interpreters.__path__, "interpreters."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return list(_below(Refusal))


def _below(root: type[Refusal]) -> Iterator[type[Refusal]]:
    for one in root.__subclasses__():
        yield one
        yield from _below(one)


def _framework() -> Iterator[tuple[str, int]]:
    """What is answered before a handler runs, and when something is broken."""
    for status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
        answer = on_http_exception(REQUEST, HTTPException(status_code=status.value))
        yield msgspec.json.decode(answer.content)["code"], int(answer.status_code or 200)
    answer = on_surprise(REQUEST, ZeroDivisionError())
    yield msgspec.json.decode(answer.content)["code"], int(answer.status_code or 200)


def _listed(start: str, end: str | None) -> dict[str, int]:
    text = (ROOT / "docs/problems.md").read_text(encoding="utf-8").split(start)[1]
    rows = ROW.findall(text if end is None else text.split(end)[0])
    assert len({code for code, _ in rows}) == len(rows)
    return {code: int(status or 0) for code, status in rows}


@functools.cache
def _all_field_codes() -> set[str]:
    return set(_field_codes(*SOURCE.rglob("*.py")))


def _field_codes(*files: Path) -> Iterator[str]:
    """The codes that modules give to errors of fields.

    Whatever takes a `code` and a `detail` makes such an error: `FieldError`, and all helpers, a
    module's own or imported by their names.
    """
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    shared = {name: at for tree in trees for name, at in _makers(tree) if name[0] != "_"}
    for tree in trees:
        makers = {"FieldError": 0, "FieldProblem": 0} | shared | dict(_makers(tree))
        calls = [one for one in _all(ast.Call, tree) if _name(one) in makers]
        if calls:
            yield from _assigned(tree)
        for call in calls:
            given = [word.value for word in call.keywords if word.arg == "code"]
            yield from _constants([*given, *call.args[makers[_name(call)] :][:1]])
        for one in _all(ast.FunctionDef, tree):
            if one.name == "_code":
                yield from _constants([made.value for made in _all(ast.Return, one)])


def _makers(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The names of a module's helpers, and where the code stands among their arguments."""
    for one in _all(ast.FunctionDef, tree):
        names = [argument.arg for argument in one.args.args if argument.arg != "self"]
        if {"code", "detail"} <= set(names) and "title" not in names:
            yield one.name, names.index("code")


def _all(kind: type[Node], tree: ast.AST) -> Iterator[Node]:
    return (one for one in ast.walk(tree) if isinstance(one, kind))


def _name(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="self"), attr=name):
            return name
    return ""


def _assigned(node: ast.AST) -> Iterator[str]:
    """Texts given to a variable `code`; a class's `code` is a refusal's own."""
    for one in ast.iter_child_nodes(node):
        if isinstance(one, ast.ClassDef):
            continue
        if isinstance(one, ast.Assign) and [ast.unparse(t) for t in one.targets] == ["code"]:
            yield from _constants([one.value])
        yield from _assigned(one)


def _constants(values: Sequence[ast.expr | None]) -> Iterator[str]:
    for value in values:
        if isinstance(value, ast.IfExp):
            yield from _constants([value.body, value.orelse])
        elif isinstance(value, ast.Constant) and CODE.fullmatch(str(value.value)):
            yield str(value.value)
