"""The contract, called at random: whatever fits or breaks the document is answered as it says.

`FUZZ_EXAMPLES=500` tries longer than the everyday run does. The order is the same each time.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from fuzzed import DOCUMENT, SCHEMA, Served, serving_to_all
from interpreters.domain.callers import Role

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "5"))
ON_THE_PHONE = ("/v1/interpreters", "/v1/offers", "/v1/bookings")  # what interpreters use
CALLS = [
    (role, method, path)
    for path, methods in DOCUMENT["paths"].items()
    for method in methods
    for role in ("coordinator", "institution", "interpreter")
    if path.startswith("/v1/" if role != "interpreter" else ON_THE_PHONE)
]


@pytest.fixture(scope="module")
def served(template: str) -> Iterator[Served]:
    with serving_to_all(template, "contract") as made:
        yield made


@pytest.mark.parametrize(("role", "method", "path"), CALLS)
def test_an_operation_answers_as_the_document_says(
    served: Served, role: Role, method: str, path: str
) -> None:
    operation = SCHEMA[path][method.upper()]
    cases = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, choice=st.integers(0, 9))
    def called(case: schemathesis.Case, choice: int) -> None:
        if choice > 1:  # mostly on things that are there
            case.path_parameters.update(_known(served, path, case.path_parameters))
        served.call(case, role)

    before = served.cases
    called()
    assert served.cases > before


def _known(served: Served, path: str, wanted: dict[str, Any]) -> dict[str, str]:
    """Return ids that are there for the parameters of the path, where there are any."""
    found = {}
    for one in SCHEMA.raw_schema["paths"][path].values():
        for parameter in one.get("parameters", ()):
            pattern = parameter["schema"].get("pattern", "")
            ids = served.known.get(pattern[1:4], [])
            if parameter["in"] == "path" and parameter["name"] in wanted and ids:
                found[parameter["name"]] = ids[0]
    return found
