"""`…/erase`: a person goes, what is counted or owed stays. Clients: `DELETE /v1/clients/{id}`."""

from collections.abc import Awaitable, Callable
from typing import Literal
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency

from interpreters.application import erasures
from interpreters.application.erasures import HasBookings, OwnAccount
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound
from interpreters.http.doors import Call, door

TAG = "Personal data"


class ErasedView(msgspec.Struct, frozen=True, kw_only=True):
    """Who is erased."""

    id: str
    erased: Literal[True] = True


@door("POST", "/v1/interpreters/{id:str}/erase", answer=ErasedView,
      refusals=(Forbidden, NotFound, HasBookings), tag=TAG)  # fmt: skip
async def erase_interpreter(call: NamedDependency[Call]) -> Response[bytes]:
    """Erase an interpreter: bookings and the ledger keep the id, nobody is behind it."""
    one = call.id(ids.INTERPRETER)
    return await _erased(
        call,
        ids.INTERPRETER,
        one,
        lambda db, caller: erasures.erase_interpreter(db, caller, interpreter_id=one, now=call.now),
    )


@door("POST", "/v1/users/{id:str}/erase", answer=ErasedView,
      refusals=(Forbidden, NotFound, HasBookings, OwnAccount), tag=TAG)  # fmt: skip
async def erase_user(call: NamedDependency[Call]) -> Response[bytes]:
    """Erase somebody who signs in; of one who interprets, the interpreter too."""
    one = call.id(ids.USER)
    return await _erased(
        call,
        ids.USER,
        one,
        lambda db, caller: erasures.erase_user(db, caller, user_id=one, now=call.now),
    )


async def _erased(
    call: Call, prefix: str, one: UUID, work: Callable[[Db, Caller], Awaitable[None]]
) -> Response[bytes]:
    return await call.once(work, lambda _, __: ErasedView(id=ids.show_id(prefix, one)))


ROUTES = (erase_interpreter, erase_user)
