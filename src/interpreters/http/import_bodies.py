"""The reader of imported rows: a row is read as the body of the door that it stands for."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from interpreters.domain.import_rows import What
from interpreters.http.availability import AvailabilityIn
from interpreters.http.clients import ClientIn
from interpreters.http.credentials import CredentialIn
from interpreters.http.fields import In, Reference
from interpreters.http.institutions import InstitutionIn
from interpreters.http.interpreters import InterpreterIn
from interpreters.http.reading import read_body


class ReferenceIn(In, frozen=True, kw_only=True):
    """By what the network's own lists know a thing."""

    external_reference: Reference

    def order(self) -> "ReferenceIn":
        """Return it as it is."""
        return self


BODIES: Final[Mapping[What, Callable[..., Any]]] = {
    "interpreters": InterpreterIn,
    "clients": ClientIn,
    "institutions": InstitutionIn,
    "availability": AvailabilityIn,
    "credential": CredentialIn,
    "reference": ReferenceIn,
}
REPEATED: Final[frozenset[What]] = frozenset({"availability"})


def read_row(what: What, body: Mapping[str, Any], *, now: datetime) -> Mapping[str, Any]:
    """Return what is in a body, in the application's words.

    Raises:
        Invalid: with every error, as the door of that body says it.
    """
    raw = msgspec.json.encode(body)
    return _read_again(what, raw, now) if what in REPEATED else _read(what, raw, now)


def _read(what: What, raw: bytes, now: datetime) -> Mapping[str, Any]:
    kind: Any = BODIES[what]
    return msgspec.structs.asdict(read_body(kind, raw, now=now).order())


@lru_cache(maxsize=1000)
def _read_again(what: What, raw: bytes, now: datetime) -> Mapping[str, Any]:
    """Many people of a roster have the same weekly hours."""
    return _read(what, raw, now)
