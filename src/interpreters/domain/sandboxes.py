"""The sandbox: a network's twin, where test keys try everything and nobody is called.

Its interpreters follow a script, which the request may choose (`test_scenario`).
"""

from typing import Final, Literal, TypeAlias, get_args
from uuid import UUID

Scenario: TypeAlias = Literal["accepts", "nobody_accepts", "gives_back", "no_show"]
SCENARIOS: Final[tuple[Scenario, ...]] = get_args(Scenario)
ANSWER_SECONDS: Final = 5  # a scripted interpreter answers after so long


def twin_of(network_id: UUID) -> UUID:
    """Return the id of a network's sandbox, and of a sandbox's network: the last bit differs.

    So either is found without a look-up, and a random id meets no other network's twin.
    """
    return UUID(int=network_id.int ^ 1)
