"""Rules of the house that no tool checks: sizes, names, words at the top of a file."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

import pytest

ROOT: Final = Path(__file__).parents[1]
PACKAGE: Final = ROOT / "src/interpreters"
SOURCES: Final = sorted(PACKAGE.rglob("*.py"))
TESTS: Final = sorted((ROOT / "tests").rglob("*.py"))
FORBIDDEN_NAMES: Final = {
    "util", "utils", "helper", "helpers", "common", "misc", "manager", "managers", "service",
    "services", "base", "core", "lib", "shared", "stuff", "tools",
}  # fmt: skip
SPEAKING_FLOORS: Final = ("application", "domain", "sql")
# Words of one machine or one person's working day, which mean nothing to a reader.
MACHINE: Final = re.compile(r"/work/|/home/\w+/|/farm/|/Users/\w+/|\bC:\\|TODO|FIXME|XXX")
# Calls that fail when something is wrong.
CHECKS: Final = {"raises", "fail", "run_state_machine_as_test"}
TEXTS: Final = {
    ".py", ".sql", ".md", ".toml", ".yaml", ".yml", ".txt", ".json", ".sh", ".js", ".css", ".html",
}  # fmt: skip
NOT_OURS: Final = {".git", ".venv", ".ci", "node_modules", "data", "dist", ".hypothesis", "static"}

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def functions(path: Path) -> Iterator[Function]:
    """Yield every function of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def statements(function: Function) -> int:
    """Return the lines of a function without its docstring, its signature and its decorators."""
    told = ast.get_docstring(function) is not None
    body = function.body[1:] if told else function.body
    return 0 if not body else (body[-1].end_lineno or 0) - body[0].lineno + 1


def broken(paths: list[Path], rule: Callable[[Path], object]) -> list[str]:
    """Return `file: what the rule says` for the files it finds wrong."""
    told = ((path, rule(path)) for path in paths)
    return [f"{named(path)}: {fault}" for path, fault in told if fault]


def test_every_module_opens_with_what_it_is() -> None:
    def fault(path: Path) -> bool:
        return not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))

    assert len(SOURCES) > 80
    assert broken([*SOURCES, *TESTS], fault) == []


def test_no_file_is_long() -> None:
    assert broken(SOURCES, lambda path: len(lines(path)) if len(lines(path)) > 300 else 0) == []


def test_no_function_is_long() -> None:
    def fault(path: Path) -> list[str]:
        return [
            f"{one.name} at {one.lineno} has {statements(one)} lines"
            for one in functions(path)
            if statements(one) > 40
        ]

    assert broken(SOURCES, fault) == []


def test_imports_stand_at_the_top() -> None:
    """Not inside functions; the command line's dispatch imports by name, and says so."""

    def fault(path: Path) -> list[str]:
        return [
            f"{one.name} at {inner.lineno}"
            for one in functions(path)
            for inner in ast.walk(one)
            if isinstance(inner, ast.Import | ast.ImportFrom)
        ]

    assert broken([*SOURCES, *TESTS], fault) == []


def test_the_house_is_flat() -> None:
    deep = {named(path.parent) for path in SOURCES if len(path.relative_to(PACKAGE).parts) > 2}
    assert deep == set()


def test_no_file_is_a_drawer_for_everything() -> None:
    found = [named(path) for path in [*SOURCES, *TESTS] if path.stem in FORBIDDEN_NAMES]
    assert found == []


@pytest.mark.parametrize("floor", SPEAKING_FLOORS)
def test_public_functions_say_what_they_do(floor: str) -> None:
    def fault(path: Path) -> list[str]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        return [
            f"{one.name} at {one.lineno}"
            for one in tree.body
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
            and not one.name.startswith("_")
            and not ast.get_docstring(one)
        ]

    assert broken(sorted((PACKAGE / floor).glob("*.py")), fault) == []


def test_every_test_asserts_something() -> None:
    def fault(path: Path) -> list[str]:
        checking = {one.name for one in functions(path) if _asserts(one, set())}
        return [
            f"{one.name} at {one.lineno}"
            for one in functions(path)
            if one.name.startswith("test_") and not _asserts(one, checking)
        ]

    files = [path for path in TESTS if path.name.startswith("test_")]
    assert len(files) > 20
    assert broken(files, fault) == []


def _asserts(function: Function, checking: set[str]) -> bool:
    """Tell whether the function asserts, expects a refusal, or calls what asserts."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            if called in checking - {function.name} or called in CHECKS:
                return True
            if called.startswith(("assert_", "check_", "validate")):
                return True
    return False


def test_tests_are_not_skipped_without_a_reason() -> None:
    def fault(path: Path) -> list[str]:
        found = re.findall(
            r"pytest\.mark\.(?:skip\b(?!if)|xfail)|pytest\.skip\(\)",
            path.read_text(encoding="utf-8"),
        )
        return [] if path == Path(__file__) else found

    assert broken(TESTS, fault) == []


def test_nothing_speaks_of_the_machine_it_was_written_on() -> None:
    texts = [
        path
        for path in ROOT.rglob("*")
        if path.suffix in TEXTS
        and path.is_file()
        and path != Path(__file__)
        and not NOT_OURS & set(path.relative_to(ROOT).parts)
    ]
    assert len(texts) > 150
    assert broken(texts, lambda path: MACHINE.findall(path.read_text(encoding="utf-8"))) == []
