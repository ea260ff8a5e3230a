"""The contract as a document: valid, complete, and the one that is committed."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # has no stubs
from openapi_spec_validator import OpenAPIV31SpecValidator
from typer.testing import CliRunner

from interpreters.application.webhook_messages import message_body
from interpreters.asgi import openapi_document
from interpreters.cli import openapi

COMMITTED = Path(__file__).parents[2] / "openapi" / "interpreters.json"
DOCUMENT: dict[str, Any] = json.loads(openapi_document())
OPERATIONS = [
    (path, method, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]


def test_it_is_valid_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_it_is_the_committed_one() -> None:
    """`python -m interpreters openapi > openapi/interpreters.json` writes it anew."""
    assert COMMITTED.read_bytes() == openapi_document()


def test_the_command_takes_a_data_folder_as_every_other() -> None:
    printed = CliRunner().invoke(openapi.app, ["--data-dir", "nowhere"])
    assert (printed.exit_code, printed.stdout_bytes) == (0, openapi_document())


def test_it_is_written_the_same_each_time() -> None:
    assert openapi_document() == openapi_document()


def test_it_holds_the_contract_and_nothing_else() -> None:
    others = {path for path in DOCUMENT["paths"] if not path.startswith("/v1/")}
    assert others == {"/health/live", "/health/ready", "/metrics"}
    assert "/v1/institutions/{id}/sites/{site_id}" in DOCUMENT["paths"]


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(names) == len(set(names))
    assert all(re.fullmatch("[a-z][A-Za-z]+", name) for name in names)


def test_every_id_in_a_path_has_its_pattern() -> None:
    patterns = {
        (path, one["name"]): one["schema"].get("pattern")
        for path, _, operation in OPERATIONS
        for one in operation.get("parameters", ())
        if one["in"] == "path"
    }
    assert patterns["/v1/institutions/{id}", "id"] == "^ins_[0-7][0-9A-HJKMNP-TV-Z]{25}$"
    assert patterns["/v1/clients/{id}", "id"] == "^cli_[0-7][0-9A-HJKMNP-TV-Z]{25}$"
    without = {path for (path, name), pattern in patterns.items() if pattern is None}
    assert all("_id}" not in path and "/{id}" not in path for path in without), without


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_an_operation_says_what_it_answers_and_refuses(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    assert operation["summary"]
    good = [status for status in operation["responses"] if status.startswith("2")]
    assert good in (["200", "202"], ["201", "202"], good[:1]), path  # long work is an operation
    for status, response in operation["responses"].items():
        if status.startswith("4"):
            assert set(response["content"]) == {"application/problem+json"}
    if path.startswith("/v1") and "security" not in operation:
        assert {"401", "403"} <= set(operation["responses"])
    if "{" in path:
        assert "404" in operation["responses"]
    if method == "patch":
        assert "412" in operation["responses"]


def test_no_number_is_wider_than_a_browser_can_hold() -> None:
    def numbers(node: Any) -> list[int | float]:
        if isinstance(node, dict):
            bounds = (node.get(name) for name in ("minimum", "maximum"))
            here = [one for one in bounds if isinstance(one, int | float)]
            return here + [one for child in node.values() for one in numbers(child)]
        if isinstance(node, list):
            return [one for child in node for one in numbers(child)]
        return []

    assert all(abs(one) <= 2**53 - 1 for one in numbers(DOCUMENT))


def test_what_is_posted_to_addresses_is_described_by_type() -> None:
    """The list is the contract's, and the ping."""
    assert set(DOCUMENT["webhooks"]) == {
        "request.created", "request.searching", "request.partly_filled", "request.filled",
        "request.unfilled", "request.changed", "request.cancelled", "offer.sent",
        "offer.accepted", "offer.declined", "offer.expired", "offer.taken", "offer.withdrawn",
        "booking.confirmed", "booking.started", "booking.completed", "booking.cancelled",
        "booking.given_back", "booking.no_show", "booking.disputed", "usage.recorded",
        "statement.issued", "endpoint.ping",
    }  # fmt: skip
    names = [one["post"]["operationId"] for one in DOCUMENT["webhooks"].values()]
    assert len(set(names) | {one["operationId"] for _, _, one in OPERATIONS}) == (
        len(names) + len(OPERATIONS)
    )


def test_what_is_posted_fits_its_description() -> None:
    at = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    schema = {
        "$ref": "#/components/schemas/WebhookMessage",
        "components": DOCUMENT["components"],
    }
    told = json.loads(message_body("endpoint.ping", at, None))
    validator = Draft202012Validator(schema)
    assert list(validator.iter_errors(told)) == []
    assert list(validator.iter_errors({**told, "timestamp": 1})) != []
