"""Imports: rosters, clients and institutions from a table, all of its rows or none.

A small table is imported at once; a larger one becomes an operation that the worker carries out.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from interpreters.application.calls import run
from interpreters.application.import_clients import (
    check_institution,
    plan_clients,
    write_clients,
)
from interpreters.application.import_institutions import plan_institutions, write_institutions
from interpreters.application.import_interpreters import plan_interpreters, write_interpreters
from interpreters.application.import_plans import Plan
from interpreters.application.operations import Operation, finish_operation, start_operation
from interpreters.database import Db, Pool
from interpreters.domain.callers import Caller, Role, permit
from interpreters.domain.errors import Forbidden
from interpreters.domain.import_files import read_file
from interpreters.domain.import_rows import Reader, read_rows
from interpreters.domain.imports import (
    Entry,
    ImportInProgress,
    Kind,
    Mode,
    Report,
    RowError,
    Table,
    bounded,
    has_errors,
)
from interpreters.sql import audit, networks, operations

__all__ = [
    "Job",
    "Operation",
    "Progress",
    "Report",
    "Upload",
    "carry_out",
    "import_file",
    "import_upload",
    "read_job",
]

AT_ONCE: Final = 500  # rows answered in the call itself
TURN: Final = 0.1  # seconds between two looks whether it is one's turn
TURNS: Final = 50
MAY: Final[dict[Kind, tuple[str, tuple[Role, ...]]]] = {
    "interpreters": ("roster:write", ("coordinator",)),
    "institutions": ("institutions:write", ("coordinator",)),
    "clients": ("clients:write", ("coordinator", "consultant", "institution")),
}


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file, and what is to be done with it; `institution_id` is for clients."""

    kind: Kind
    mode: Mode
    data: bytes
    institution_id: UUID | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A table on its way into the network, and who sent it: what an operation keeps."""

    kind: Kind
    mode: Mode
    table: Table
    caller: Caller
    institution_id: UUID | None
    country: str | None


class Progress:
    """How far an import is: each row counts half when it is read, half when it is written."""

    def __init__(self) -> None:
        self.read = 0
        self.written = 0
        self.total = 0
        self.stopped = False

    @property
    def done(self) -> int:
        """Rows done, of `total`."""
        return min(self.total, (self.read + self.written) // 2)

    def tell_read(self, rows: int) -> None:
        """Note how many rows are read; the reading ends where nobody waits for it any more."""
        self.read = rows
        if self.stopped:
            raise asyncio.CancelledError

    def tell_written(self, rows: int) -> None:
        """Note how many rows are written."""
        self.written = rows


async def import_file(
    db: Db, caller: Caller, *, upload: Callable[[], Upload], read: Reader, now: datetime
) -> Report | Operation:
    """Import a file, or look what an import would do; more than 500 rows become an operation.

    Raises:
        Forbidden: the role, the key or the institution may not.
        Invalid: the file cannot be read as a table.
        ImportHasErrors: it was to be committed.
        ImportInProgress: another one does not end.
    """
    if caller.role not in ("coordinator", "consultant", "institution"):
        raise Forbidden
    if caller.scopes.isdisjoint(scope for scope, roles in MAY.values() if caller.role in roles):
        raise Forbidden("This needs a scope that the key was not given")
    job = await _job(db, caller, upload)
    if len(job.table.lines) > AT_ONCE:
        return await start_operation(
            db,
            caller,
            kind=f"import:{job.kind}",
            total=len(job.table.lines),
            given=msgspec.msgpack.encode(job),
            now=now,
        )
    progress = Progress()
    entries, errors = await _read(job, read, now, progress)
    report = await _report(db, job, entries, errors, now, progress)
    if report.errors and report.mode == "commit":
        raise has_errors(report)
    return report


async def import_upload(
    pool: Pool,
    caller: Caller,
    *,
    upload: Upload,
    read: Reader,
    now: datetime,
    progress: Progress,
) -> Report:
    """Import a file of any size here and now: for the command line. Errors are in the report.

    Raises:
        Forbidden, Invalid, ImportInProgress: as `import_file` does.
    """
    network_id = caller.network_id
    job = await run(pool, network_id, lambda db: _job(db, caller, lambda: upload))
    return await carry_out(pool, job=job, read=read, now=now, progress=progress)


async def carry_out(
    pool: Pool,
    *,
    job: Job,
    read: Reader,
    now: datetime,
    progress: Progress,
    operation_id: UUID | None = None,
) -> Report:
    """Import a table: read it aside, write it in one transaction, which ends the operation too.

    Raises:
        ImportInProgress: another import of the kind is under way.
    """
    progress.total = len(job.table.lines)
    entries, errors = await _read(job, read, now, progress)

    async def work(db: Db) -> Report:
        report = await _report(db, job, entries, errors, now, progress)
        if operation_id is not None:
            ended = await finish_operation(
                db,
                network_id=job.caller.network_id,
                operation_id=operation_id,
                succeeded=not (report.errors and report.mode == "commit"),
                result=msgspec.json.encode(report),
                now=now,
            )
            if not ended:
                raise ImportInProgress
        return report

    return await run(pool, job.caller.network_id, work)


def read_job(given: bytes) -> Job:
    """Return what an operation keeps."""
    return msgspec.msgpack.decode(given, type=Job)


async def _job(db: Db, caller: Caller, upload: Callable[[], Upload]) -> Job:
    sent = upload()
    scope, roles = MAY[sent.kind]
    permit(caller, scope, *roles)
    institution_id = None
    if sent.kind == "clients":
        institution_id = await check_institution(db, caller, institution_id=sent.institution_id)
    country = (await networks.get(db, network_id=caller.network_id)).country
    table = await asyncio.to_thread(read_file, sent.data, country=country)
    return Job(
        kind=sent.kind,
        mode=sent.mode,
        table=table,
        caller=caller,
        institution_id=institution_id,
        country=country,
    )


async def _read(
    job: Job, read: Reader, now: datetime, progress: Progress
) -> tuple[list[Entry], list[RowError]]:
    """Read the rows beside everything else that this process does."""
    try:
        return await asyncio.to_thread(
            read_rows,
            job.kind,
            job.table,
            country=job.country,
            read=read,
            now=now,
            tell=progress.tell_read,
        )
    finally:
        progress.stopped = True


async def _report(
    db: Db,
    job: Job,
    entries: Sequence[Entry],
    errors: Sequence[RowError],
    now: datetime,
    progress: Progress,
) -> Report:
    """Plan, and write what was planned when it is to be committed and nothing is wrong."""
    if job.mode == "commit":
        await _take_turn(db, job)
    await operations.plan_anew(db, anew=True)
    plan = await _plan(db, job, entries, now)
    await operations.plan_anew(db, anew=False)
    found = bounded([*errors, *plan.errors])
    if job.mode == "commit" and not found:
        write: Any = {
            "interpreters": write_interpreters,
            "clients": write_clients,
            "institutions": write_institutions,
        }[job.kind]
        if plan.created or plan.changed:
            await write(db, job.caller, plan=plan, now=now, tell=progress.tell_written)
            await audit.write(
                db, caller=job.caller, action=f"imported-{job.kind}", subject_kind="network",
                subject_ids=[job.caller.network_id], now=now,
            )  # fmt: skip
    return Report(
        kind=job.kind,
        mode=job.mode,
        rows=len(job.table.lines),
        created=len(plan.created),
        changed=len(plan.changed),
        unchanged=plan.unchanged,
        errors=found,
    )


async def _plan(db: Db, job: Job, entries: Sequence[Entry], now: datetime) -> Plan[Any]:
    if job.kind == "interpreters":
        return await plan_interpreters(db, job.caller, entries=entries, now=now)
    if job.kind == "institutions":
        return await plan_institutions(db, job.caller, entries=entries, now=now)
    return await plan_clients(
        db, job.caller, entries=entries, institution_id=job.institution_id, now=now
    )


async def _take_turn(db: Db, job: Job) -> None:
    """Wait for another import of the kind: who comes second sees what the first has made.

    Raises:
        ImportInProgress: it takes longer than five seconds.
    """
    mark = job.caller.network_id.bytes + f"import:{job.kind}".encode()
    number = int.from_bytes(hashlib.sha256(mark).digest()[:8], "big", signed=True)
    for _ in range(TURNS):
        if await operations.try_hold(db, number=number):
            return
        await asyncio.sleep(TURN)
    raise ImportInProgress
