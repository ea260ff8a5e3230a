"""`/board/imports`: a table looked at row by row, then taken over whole or not at all."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post

from interpreters.application import imports, institutions
from interpreters.application.imports import Operation, Report, Upload
from interpreters.application.operations import show_operation as look
from interpreters.application.tables import Table, csv_of
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Invalid
from interpreters.domain.ids import INSTITUTION, OPERATION, read_id, read_optional, show_id
from interpreters.domain.imports import (
    MOST_BYTES,
    FileTooLarge,
    ImportHasErrors,
    ImportInProgress,
    Mode,
    RowError,
)
from interpreters.http.forms import SPARE, read_form
from interpreters.http.import_bodies import read_row
from interpreters.http.imports import ImportFields
from interpreters.http.media import UnsupportedMediaType
from interpreters.http.operations import OperationView
from interpreters.http.reading import Malformed, read_body
from interpreters.http.tables import CSV, file
from interpreters.web.fields import asked_fields, check_own_page
from interpreters.web.import_words import told_by, told_text
from interpreters.web.rendering import NotOurPage
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

AnyRequest = Request[Any, Any, Any]
PATH: Final = "/board/imports"
# A file that was looked at travels in the page that shows it, so that it is chosen once.
KEPT: Final = 1024 * 1024
MOST: Final = MOST_BYTES + SPARE + KEPT * 2
SHOWN: Final = 200
PARTS: Final = ("kind", "mode", "institution_id", "file", "kept", "name", "key")


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent: which table, whose clients, the file and its name."""

    kind: Any
    institution_id: Any
    data: bytes
    name: str
    mode: Mode


@get(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_import(request: AnyRequest) -> Response[str]:
    """Show where to choose a table."""
    visit = await visiting(request, "coordinator")
    return await _page(visit, kind=asked_fields(request).get("kind", "interpreters"))


@post(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS,
      request_max_body_size=MOST)  # fmt: skip
async def import_table(request: AnyRequest) -> Response[Any]:
    """Look what a table would do, or take it over."""
    visit = await visiting(request, "coordinator")
    try:
        sent = await _sent(request, visit)
    except Invalid as wrong:
        return await _page(visit, errors=visit.trouble(wrong), status=422)
    except (Malformed, UnsupportedMediaType) as error:
        raise NotOurPage from error
    return await _carried_out(visit, sent)


@post(f"{PATH}/rejected", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS,
      request_max_body_size=MOST)  # fmt: skip
async def keep_rejected(request: AnyRequest) -> Response[Any]:
    """Return what is wrong in a table as a file: row, column, what stands there, what to write."""
    visit = await visiting(request, "coordinator")
    try:
        sent = await _sent(request, visit)
    except Invalid as wrong:
        return await _page(visit, errors=visit.trouble(wrong), status=422)
    found = await _imported(visit, msgspec.structs.replace(sent, mode="preview"))
    told = told_by(sent.kind, visit.language)
    table = rejected(
        found.errors if isinstance(found, Report) else (),
        lambda one: told_text(visit.language, told(one)),
    )
    return file(csv_of(table), CSV, "rejected-rows.csv")


@get(f"{PATH}/{{id:str}}", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_progress(request: AnyRequest) -> Response[str]:
    """Show how far a large table is, and what came of it."""
    visit = await visiting(request, "coordinator")
    operation_id = read_id(OPERATION, request.path_params["id"])
    found = await visit.ask(lambda db, caller: look(db, caller, operation_id=operation_id))
    view = OperationView.of(found, visit.caller)
    return visit.page(
        "roster_import_progress.html",
        view=view,
        report=view.result,
        told=None if view.result is None else told_by(view.result.kind, visit.language),
        shown=SHOWN,
    )


def rejected(errors: Sequence[RowError], told: Callable[[RowError], str]) -> Table:
    """Return the rows with errors as a table; `told` says what is wrong and what to write."""
    return Table(
        name="Rejected",
        columns=("row", "column", "value", "code", "detail"),
        rows=[(one.row, one.column, one.value, one.code, told(one)) for one in errors],
    )


async def _carried_out(visit: Visit, sent: Form) -> Response[Any]:
    values = {"kind": sent.kind, "institution_id": sent.institution_id, "name": sent.name}
    try:
        found = await _imported(visit, sent)
    except Invalid as wrong:
        return await _page(visit, errors=visit.trouble(wrong), status=422, **values)
    except ImportHasErrors:
        found = await _imported(visit, msgspec.structs.replace(sent, mode="preview"))
    except (ImportInProgress, FileTooLarge) as refused:
        return await _page(visit, refused=refused.code, status=409, **values)
    if isinstance(found, Operation):
        address = f"{PATH}/{show_id(OPERATION, found.id)}"
        return Response(b"", status_code=303, headers={"Location": address})
    kept = base64.b64encode(sent.data).decode() if len(sent.data) <= KEPT else ""
    return await _page(visit, report=found, kept=kept, **values)


async def _imported(visit: Visit, sent: Form) -> Report | Operation:
    upload = Upload(
        kind=sent.kind,
        mode=sent.mode,
        data=sent.data,
        institution_id=read_optional(INSTITUTION, sent.institution_id),
    )

    async def work(db: Db, caller: Caller) -> Report | Operation:
        return await imports.import_file(
            db, caller, upload=lambda: upload, read=read_row, now=visit.now
        )

    return await visit.ask(work)


async def _sent(request: AnyRequest, visit: Visit) -> Form:
    """Return what the form says.

    Raises:
        NotOurPage: another site's page sent it.
        Invalid: a field is wrong, or there is no file.
    """
    check_own_page(request)
    parts = read_form(request, await request.body(), names=PARTS)
    texts = {name: parts.get(name, b"").decode("utf-8", "replace") for name in PARTS[:3]}
    said = {name: text for name, text in texts.items() if text}
    fields = read_body(ImportFields, msgspec.json.encode(said), now=visit.now)
    data = parts.get("file") or _unpacked(parts.get("kept", b""))
    if not data:
        raise Invalid([FieldError(pointer="/file", code="required", detail="Which file")])
    return Form(
        kind=fields.kind,
        mode=fields.mode,
        institution_id=fields.institution_id,
        data=data,
        name=parts.get("name", b"").decode("utf-8", "replace")[:200],
    )


def _unpacked(kept: bytes) -> bytes:
    try:
        return base64.b64decode(kept, validate=True)
    except binascii.Error:
        return b""


async def _page(
    visit: Visit, *, kind: str = "interpreters", institution_id: str | None = None,
    name: str = "", report: Report | None = None, kept: str = "", refused: str = "",
    errors: dict[str, str] | None = None, status: int = 200,
) -> Response[str]:  # fmt: skip
    known = await visit.ask(
        lambda db, caller: institutions.list_institutions(db, caller, before=None, limit=SHOWN)
    )
    return visit.page(
        "roster_import.html",
        status,
        kind=kind,
        institution_id=institution_id or "",
        institutions=[(show_id(INSTITUTION, one.id), one.name) for one in known],
        name=name,
        report=report,
        told=None if report is None else told_by(report.kind, visit.language),
        kept=kept,
        refused=refused,
        errors=errors or {},
        shown=SHOWN,
    )


ROUTES = (show_import, import_table, keep_rejected, show_progress)
