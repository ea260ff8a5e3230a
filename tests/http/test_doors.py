"""Every door of the application, walked: what each must say of itself."""

import importlib
import inspect
import pkgutil
from collections import Counter
from collections.abc import Iterator

import pytest
from litestar.handlers import HTTPRouteHandler

import interpreters
from interpreters.asgi import build_litestar
from interpreters.domain.errors import Refusal
from interpreters.http.doors import Door
from interpreters.http.problems import STATUS


def handlers() -> Iterator[tuple[str, HTTPRouteHandler]]:
    for route in build_litestar().routes:
        for handler in getattr(route, "route_handlers", ()):
            if handler.http_methods != {"OPTIONS"}:
                yield route.path, handler


HANDLERS = list(handlers())


def test_there_are_doors() -> None:
    assert len(HANDLERS) > 20


def test_nothing_runs_in_a_thread() -> None:
    for path, handler in HANDLERS:
        assert inspect.iscoroutinefunction(inspect.unwrap(handler.fn)), path
        for guard in handler.resolve_guards():
            assert inspect.iscoroutinefunction(getattr(guard, "ref", guard)), path
        for provider in handler.resolve_dependencies().values():
            assert inspect.iscoroutinefunction(provider.dependency), path


STREAM = "/v1/stream"  # answers no JSON, and never ends: the document cannot say it


def test_every_door_of_v1_is_described() -> None:
    for path, handler in HANDLERS:
        if path.startswith("/v1") and path != STREAM:
            assert isinstance(handler.opt.get("door"), Door), path
            assert inspect.getdoc(handler.fn), path


def test_only_languages_and_coming_in_need_no_token() -> None:
    public = {
        path
        for path, handler in HANDLERS
        if path.startswith("/v1") and path != STREAM and handler.opt["door"].public
    }
    assert public == {
        "/v1/languages",
        "/v1/languages/{code:str}",
        "/v1/applications",
        "/v1/sign-in",
        "/v1/sign-in/verify",
        "/v1/sign-in/passkey",
        "/v1/sign-in/passkey/options",
    }


def test_every_refusal_a_door_names_is_one() -> None:
    for path, handler in HANDLERS:
        if isinstance(described := handler.opt.get("door"), Door):
            assert all(issubclass(one, Refusal) for one in described.refusals), path


def refusals() -> list[type[Refusal]]:
    """Every refusal of every module of the project."""
    for found in pkgutil.walk_packages(interpreters.__path__, "interpreters."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    kinds, left = [], [Refusal]
    while left:
        kind = left.pop()
        kinds += kind.__subclasses__()
        left += kind.__subclasses__()
    return [one for one in kinds if one.__module__.startswith("interpreters.")]


def test_codes_are_unique_kebab_case_and_said_with_a_title() -> None:
    kinds = refusals()
    codes = Counter(one.code for one in kinds)
    assert [code for code, count in codes.items() if count > 1] == []
    for one in kinds:
        assert one.code == one.code.lower().replace("_", "-"), one
        assert one.title, one


def test_the_table_of_statuses_names_only_codes_that_are_said() -> None:
    assert set(STATUS) - {one.code for one in refusals()} == set()


@pytest.mark.parametrize("status", sorted(set(STATUS.values())))
def test_no_refusal_is_our_fault(status: int) -> None:
    assert 400 <= status < 500 or status == 503
