"""An interpreter's stages: from applying or being invited to being asked, and out again."""

from typing import Final, Literal, TypeAlias

from interpreters.domain.errors import Refusal

Stage: TypeAlias = Literal["applied", "invited", "vetted", "active", "suspended"]
StageVerb: TypeAlias = Literal["invite", "vet", "activate", "suspend"]

# What each verb makes of each stage; where nothing stands, it is refused.
TRANSITIONS: Final[dict[StageVerb, dict[Stage, Stage]]] = {
    "invite": {"applied": "invited", "invited": "invited", "vetted": "vetted", "active": "active"},
    "vet": {"applied": "vetted", "invited": "vetted", "vetted": "vetted", "active": "active"},
    "activate": {"vetted": "active", "suspended": "active", "active": "active"},
    "suspend": {
        "applied": "suspended", "invited": "suspended", "vetted": "suspended",
        "active": "suspended", "suspended": "suspended",
    },
}  # fmt: skip
MAY_SIGN_IN: Final[frozenset[Stage]] = frozenset({"invited", "vetted", "active"})
"""Who only applied is not known yet; who is suspended stays outside."""


class NotVetted(Refusal):
    """Nobody is asked before somebody has looked at who they are."""

    code = "not-vetted"
    title = "This interpreter was not vetted yet"


class InterpreterSuspended(Refusal):
    """Somebody suspended signs in only after being activated again."""

    code = "interpreter-suspended"
    title = "This interpreter is suspended"


def next_stage(*, stage: Stage, verb: StageVerb) -> Stage:
    """Return the stage after the verb; one that already happened changes nothing.

    Raises:
        NotVetted: active before vetted.
        InterpreterSuspended: they must be activated first.
    """
    following = TRANSITIONS[verb].get(stage)
    if following is not None:
        return following
    raise InterpreterSuspended if stage == "suspended" else NotVetted
