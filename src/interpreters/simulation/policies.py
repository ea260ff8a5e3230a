"""The policies that are compared: each is a ladder, which is data.

- `ladder`: the usual one, as a network has it that changed nothing.
- `broadcast`: everybody who fits at once. A wave is whom a search looks at closely, the best
  twenty, and the next one follows without a gap.
- `one_by_one`: one at a time, with the usual gaps; the next one at once after a no.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias, get_args

PolicyName: TypeAlias = Literal["ladder", "broadcast", "one_by_one"]
POLICIES: Final[tuple[PolicyName, ...]] = get_args(PolicyName)

LADDERS: Final[Mapping[PolicyName, Mapping[str, Any]]] = {
    "ladder": {},
    "broadcast": {
        "threshold": 0.9999999999,
        "gaps": [{"lead": None, "gap": 0}],
        "now_gap": 0,
    },
    "one_by_one": {"threshold": 0.01},
}
