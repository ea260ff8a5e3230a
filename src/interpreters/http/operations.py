"""`/v1/operations/{id}`: work that takes longer than a call."""

from typing import Any, Literal

import msgspec
from litestar import Response
from litestar.di import NamedDependency

from interpreters.application import operations
from interpreters.application.operations import Operation
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import NotFound
from interpreters.domain.imports import Report
from interpreters.http.doors import Call, door
from interpreters.http.fields import Id

TAG = "Operations"


class OperationView(msgspec.Struct, frozen=True, kw_only=True):
    """Work under way: `done` of `total` rows. `result` is there at the end, for a day.

    It is what the call would have answered; of an operation that failed, with its errors.
    """

    id: Id
    kind: Literal["import"]
    state: Literal["waiting", "running", "succeeded", "failed"]
    done: int
    total: int | None
    result: Report | None

    @classmethod
    def of(cls, one: Operation, _: Caller) -> "OperationView":
        """Shape an operation."""
        kind: Any = one.kind.partition(":")[0]
        state: Any = one.state
        return cls(
            id=ids.show_id(ids.OPERATION, one.id),
            kind=kind,
            state=state,
            done=one.done,
            total=one.total,
            result=None if one.result is None else msgspec.json.decode(one.result, type=Report),
        )


@door("GET", "/v1/operations/{id:str}", answer=OperationView, refusals=(NotFound,), tag=TAG)
async def show_operation(call: NamedDependency[Call]) -> Response[bytes]:
    """How far an operation is, and what came of it; its owner's and coordinators' to see."""
    return await call.ask(
        lambda db, caller: operations.show_operation(
            db, caller, operation_id=call.id(ids.OPERATION)
        ),
        OperationView.of,
    )


ROUTES = (show_operation,)
