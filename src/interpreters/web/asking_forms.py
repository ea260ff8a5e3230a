"""How people are asked, as a form: of the network, or of one institution."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from interpreters.domain.ladders import DAY, HOUR, MINUTE, Ladder
from interpreters.web.fields import Fields

HUNDRED: Final = 100
TIMES: Final = ("now_answer", "urgent_lead", "urgent_widen", "urgent_on_call", "on_call_again")
UNITS: Final[Mapping[str, int]] = {"minutes": MINUTE, "hours": HOUR, "days": DAY}


def said_ladder(fields: Fields, was: Ladder) -> dict[str, Any]:
    """Return how people are asked; the edges of the steps stay, their lengths are the form's."""
    made: dict[str, Any] = msgspec.to_builtins(was)
    made["chance"] = _share(fields, "chance")
    made["threshold"] = _share(fields, "threshold")
    made["now_gap"] = fields.number("now_gap")
    for name in TIMES:
        made[name] = _seconds(fields.number(name))
    for at, step in enumerate(made["gaps"]):
        step["gap"] = _seconds(fields.number(f"gap-{at}"))
    for at, step in enumerate(made["answers"]):
        step["seconds"] = _seconds(fields.number(f"answer-{at}"))
    made["quiet_hours"] = fields.get("quiet_hours")
    return made


def ladder_fields(ladder: Ladder) -> list[tuple[str, str]]:
    """Return the form's fields as they are filled from what is stored."""
    return [
        ("chance", str(round(ladder.chance * HUNDRED))),
        ("threshold", str(round(ladder.threshold * HUNDRED))),
        ("now_gap", str(ladder.now_gap)), ("quiet_hours", ladder.quiet_hours),
        *((name, str(getattr(ladder, name) // MINUTE)) for name in TIMES),
        *((f"gap-{at}", str(step.gap // MINUTE)) for at, step in enumerate(ladder.gaps)),
        *((f"answer-{at}", str(step.seconds // MINUTE)) for at, step in enumerate(ladder.answers)),
    ]  # fmt: skip


def ladder_values(ladder: Ladder) -> dict[str, Any]:
    """Return what the form's template needs besides its fields."""
    return {
        "ladder": ladder,
        "gap_leads": [_lead(step.lead) for step in ladder.gaps],
        "answer_leads": [_lead(step.lead) for step in ladder.answers],
    }


def _share(fields: Fields, name: str) -> float | str | None:
    said = fields.number(name)
    return said / HUNDRED if isinstance(said, int) else said


def _seconds(said: int | str | None) -> int | str | None:
    return said * MINUTE if isinstance(said, int) else said


def _lead(seconds: int | None) -> tuple[str, int]:
    """Return a lead time as a unit and how many of it; the last step's is any."""
    if seconds is None:
        return "any", 0
    unit = next(one for one in ("days", "hours", "minutes") if seconds % UNITS[one] == 0
                or one == "minutes")  # fmt: skip
    return unit, seconds // UNITS[unit]
