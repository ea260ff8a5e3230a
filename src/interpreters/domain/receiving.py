"""Asked on behalf of another institution: which one that is, and what of a request it may see.

A coordinator asks for one institution on behalf of another: a crisis centre refers somebody to a
court. The court sees that an interpreter is coming, and who; what belongs between the one that asks
and the network it does not.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from interpreters.domain.briefings import BRIEFING
from interpreters.domain.ids import INSTITUTION, read_id

BEHALF: Final = "on_behalf_of"  # its name in a request's details
SHOWN: Final = (BEHALF, BRIEFING)  # the details that the receiving institution sees


def receiver_of(institution_id: UUID, details: Mapping[str, Any]) -> UUID | None:
    """Return the other institution that the request is made on behalf of, if it names one."""
    named = (details.get(BEHALF) or {}).get("institution_id")
    receiver = None if named is None else read_id(INSTITUTION, named)
    return None if receiver == institution_id else receiver


def shown_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a request's details what the receiving institution sees."""
    return {name: details[name] for name in SHOWN if name in details}
