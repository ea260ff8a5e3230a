"""What a person who signs in belongs to: a consultant's institution, an interpreter's roster."""

from collections.abc import AsyncIterator
from uuid import UUID

from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Invalid, Refusal
from interpreters.domain.people import role_errors
from interpreters.domain.stages import InterpreterSuspended
from interpreters.sql import institutions, interpreters, users
from interpreters.sql.users import User


class InterpreterHasUser(Refusal):
    """An interpreter signs in as one person only."""

    code = "interpreter-has-user"
    title = "This interpreter signs in as another user already"


async def check_owners(db: Db, caller: Caller, user: User) -> None:
    """Do nothing for somebody whose roles have their owners, all in the network, and an address.

    Raises:
        Invalid: one is missing, too many or unknown.
        InterpreterHasUser, InterpreterSuspended.
    """
    errors = list(
        role_errors(
            user.roles, institution_id=user.institution_id, interpreter_id=user.interpreter_id
        )
    )
    errors += [error async for error in _unknown(db, caller.network_id, user)]
    if user.email is None and user.phone is None and user.interpreter_id is None:
        detail = "A telephone number or an e-mail address is needed"
        errors.append(FieldError(pointer="/email", code="required", detail=detail))
    if errors:
        raise Invalid(errors)
    await _check_interpreter(db, caller.network_id, user)


async def _unknown(db: Db, network_id: UUID, user: User) -> AsyncIterator[FieldError]:
    """Yield an error for each owner that is not in the network."""
    detail = "There is none such"
    if user.institution_id is not None and not await institutions.find(
        db, network_id=network_id, institution_id=user.institution_id
    ):
        yield FieldError(pointer="/institution_id", code="unknown-institution", detail=detail)
    if user.interpreter_id is not None and not await interpreters.find(
        db, network_id=network_id, interpreter_id=user.interpreter_id
    ):
        yield FieldError(pointer="/interpreter_id", code="unknown-interpreter", detail=detail)


async def _check_interpreter(db: Db, network_id: UUID, user: User) -> None:
    """Refuse an interpreter who signs in as somebody else, or may not sign in at all."""
    if user.interpreter_id is None:
        return
    other = await users.of_interpreter(
        db, network_id=network_id, interpreter_id=user.interpreter_id
    )
    if other is not None and other.id != user.id:
        raise InterpreterHasUser
    found = await interpreters.lock(db, network_id=network_id, interpreter_id=user.interpreter_id)
    if user.active and found is not None and found.stage == "suspended":
        raise InterpreterSuspended
