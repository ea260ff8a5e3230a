"""The contract, called in sequences: what one call made is what the next ones are about.

Ids that an answer names go into the paths of later calls, in any order that makes sense or none:
states are reached that single calls do not reach. `FUZZ_EXAMPLES=500` tries longer.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from fuzzed import CHECKS, SCHEMA, Served, serving_to_all
from interpreters.domain.callers import Role

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "5"))
STEPS = 20


@pytest.fixture(scope="module")
def served(template: str) -> Iterator[Served]:
    with serving_to_all(template, "stateful") as made:
        yield made


@pytest.mark.parametrize("role", ["coordinator", "institution", "interpreter"])
def test_sequences_of_calls_are_answered_as_the_document_says(served: Served, role: Role) -> None:
    before = served.cases
    token = {"Authorization": f"Bearer {served.tokens[role]}"}

    class Sequences(SCHEMA.as_state_machine()):  # type: ignore[misc]  # made at run time
        def get_call_kwargs(self, case: schemathesis.Case) -> dict[str, Any]:
            return {"base_url": served.url, "headers": token, "timeout": 20}

        def validate_response(self, response: Any, case: schemathesis.Case, **_: Any) -> None:
            served.cases += 1
            case.validate_response(response, checks=CHECKS, headers=token)

    run_state_machine_as_test(
        Sequences,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert served.cases > before
