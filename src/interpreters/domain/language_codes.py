"""The long tail: every living language of ISO 639-3, read from pycountry only when asked for."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec

INDIVIDUAL: Final = "I"
LIVING: Final = "L"


class IsoRow(msgspec.Struct):
    """One row of pycountry's table; further members are left unread."""

    alpha_3: str
    name: str
    scope: str
    type: str


class IsoTable(msgspec.Struct):
    """pycountry's `iso639-3.json`."""

    rows: list[IsoRow] = msgspec.field(name="639-3")


@cache
def living_languages() -> dict[str, str]:
    """Return code and English name of the 7,000 individual living languages of ISO 639-3.

    Only the names are kept (about 1 MB); pycountry's own objects would take four times that and
    its import 50 ms more, in processes that hardly ever need them.
    """
    spec = find_spec("pycountry")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("pycountry", name="pycountry")
    path = Path(spec.submodule_search_locations[0]) / "databases" / "iso639-3.json"
    table = msgspec.json.decode(path.read_bytes(), type=IsoTable)
    return {
        row.alpha_3: row.name
        for row in table.rows
        if row.scope == INDIVIDUAL and row.type == LIVING
    }
