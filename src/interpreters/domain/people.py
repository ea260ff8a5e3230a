"""Which roles a person may have together, and what each of them needs."""

from collections.abc import Collection, Iterator
from typing import Literal, TypeAlias
from uuid import UUID

from interpreters.domain.callers import SCOPES, Caller, Role
from interpreters.domain.errors import FieldError, Forbidden

PersonRole: TypeAlias = Literal["coordinator", "finance", "consultant", "interpreter"]


def role_errors(
    roles: Collection[Role], *, institution_id: UUID | None, interpreter_id: UUID | None
) -> Iterator[FieldError]:
    """Yield what is missing for the roles, and what none of them has."""
    institution, interpreter = institution_id is not None, interpreter_id is not None
    if "consultant" in roles and not institution:
        yield FieldError(
            pointer="/institution_id",
            code="needs-institution",
            detail="A consultant belongs to an institution",
        )
    if "consultant" not in roles and institution:
        yield FieldError(
            pointer="/institution_id",
            code="not-a-consultant",
            detail="Only a consultant belongs to an institution",
        )
    if "interpreter" in roles and not interpreter:
        yield FieldError(
            pointer="/interpreter_id",
            code="needs-interpreter",
            detail="This role is of somebody on the roster",
        )
    if "interpreter" not in roles and interpreter:
        yield FieldError(
            pointer="/interpreter_id",
            code="not-an-interpreter",
            detail="Only an interpreter stands on the roster",
        )


def refuse_more_than_own(caller: Caller, roles: Collection[Role]) -> None:
    """Let nobody give a role, or change somebody who has it, that may do more than they may.

    Of an interpreter's scopes count those a coordinator can have: a yes is the interpreter's own.

    Raises:
        Forbidden: the caller lacks a scope of one of the roles.
    """
    reach = frozenset(SCOPES["coordinator"])
    wanted = {scope for role in roles for scope in SCOPES[role] if scope in reach}
    if not wanted <= caller.scopes:
        raise Forbidden("Nobody gives a role, or changes its holder, that may do more than they")
