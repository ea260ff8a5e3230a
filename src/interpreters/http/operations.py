"""`/v1/operations/{id}`: work that takes longer than a call."""

from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import UNSET, UnsetType

from interpreters.application import operations
from interpreters.application.file_exports import ExportedFile
from interpreters.application.operations import Operation
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import NotFound
from interpreters.domain.imports import Report
from interpreters.http.doors import Call, door
from interpreters.http.fields import Id

TAG = "Operations"
PLAN: Final = "plan"
EXPORT: Final = "export"


class FileView(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was made, and where it is for a day; `rows` below its head."""

    href: str
    name: str
    media_type: str
    bytes: int
    rows: int

    @classmethod
    def of(cls, operation_id: UUID, one: ExportedFile) -> "FileView":
        """Shape the file that an operation made."""
        return cls(
            href=f"/v1/operations/{ids.show_id(ids.OPERATION, operation_id)}/file",
            name=one.name,
            media_type=one.media_type,
            bytes=one.bytes,
            rows=one.rows,
        )


class OperationView(msgspec.Struct, frozen=True, kw_only=True):
    """Work under way: `done` of `total` rows. `result` is there at the end, for a day.

    It is what the call would have answered; of an operation that failed, with its errors. Of a
    plan `plan_id` is there instead, of an export the `file`.
    """

    id: Id
    kind: Literal["import", "plan", "export"]
    state: Literal["waiting", "running", "succeeded", "failed"]
    done: int
    total: int | None
    result: Report | None
    plan_id: str | None = None
    file: FileView | UnsetType | None = UNSET

    @classmethod
    def of(cls, one: Operation, _: Caller) -> "OperationView":
        """Shape an operation."""
        kind: Any = one.kind.partition(":")[0]
        state: Any = one.state
        plan, result = None, one.result
        file: FileView | UnsetType | None = UNSET
        if kind == EXPORT:
            file, result = _file(one), None
        if kind == PLAN and result is not None:
            plan, result = ids.show_id(ids.PLAN, UUID(bytes=result)), None
        return cls(
            id=ids.show_id(ids.OPERATION, one.id),
            kind=kind,
            state=state,
            done=one.done,
            total=one.total,
            result=None if result is None else msgspec.json.decode(result, type=Report),
            plan_id=plan,
            file=file,
        )


def _file(one: Operation) -> FileView | None:
    if one.result is None:
        return None
    return FileView.of(one.id, msgspec.json.decode(one.result, type=ExportedFile))


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
