"""The policies that are compared: each is a ladder, which is data; and weights, likewise.

- `ladder`: the usual one, as a network has it that changed nothing.
- `broadcast`: everybody who fits at once. A wave is whom a search looks at closely, the best
  twenty, and the next one follows without a gap.
- `one_by_one`: one at a time, with the usual gaps; the next one at once after a no.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias, get_args

import msgspec

from interpreters.domain.ladders import STANDARD

PolicyName: TypeAlias = Literal["ladder", "broadcast", "one_by_one"]
POLICIES: Final[tuple[PolicyName, ...]] = get_args(PolicyName)

Rules: TypeAlias = Mapping[str, Any]  # fields of a network

RULES: Final[Mapping[PolicyName, Rules]] = {
    "ladder": {},
    "broadcast": {
        "ladder": {
            "threshold": 0.9999999999,
            "gaps": [{"lead": None, "gap": 0}],
            "now_gap": 0,
        }
    },
    "one_by_one": {"ladder": {"threshold": 0.01}},
}

FAIRNESS: Final = (0, 5, 10, 21)  # points of 100; 10 are usual
UNUSED: Final = 21  # points of parts that no simulated request has, and of fairness, together


def with_threshold(threshold: float) -> Rules:
    """Return the usual ladder, but for how sure a wave should be of one yes."""
    return {"ladder": {"threshold": threshold}}


def with_gaps(factor: float) -> Rules:
    """Return the usual ladder with the times between its waves so many times as long."""
    gaps = [
        msgspec.to_builtins(msgspec.structs.replace(one, gap=round(one.gap * factor)))
        for one in STANDARD.gaps
    ]
    return {"ladder": {"gaps": gaps, "now_gap": round(STANDARD.now_gap * factor)}}


# Other settings than the usual ones, by the name of their network's copy: title and rules.
SETTINGS: Final[Mapping[str, tuple[str, Rules]]] = {
    "threshold_60": ("threshold 0.60", with_threshold(0.60)),
    "threshold_70": ("threshold 0.70", with_threshold(0.70)),
    "threshold_95": ("threshold 0.95", with_threshold(0.95)),
    "gaps_half": ("gaps halved", with_gaps(0.5)),
    "gaps_double": ("gaps doubled", with_gaps(2)),
}


def with_fairness(points: int) -> Rules:
    """Return weights with so many points for fairness, taken from wishes that nobody utters."""
    return {"weights": {"fairness": points, "requested": UNUSED - points, "dialect": 0}}
