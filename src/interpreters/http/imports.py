"""`/v1/imports`: rosters, clients and institutions from a table."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import imports
from interpreters.application.imports import Operation, Report, Upload
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, Invalid, Refusal
from interpreters.domain.imports import (
    MOST_BYTES,
    FileTooLarge,
    ImportHasErrors,
    ImportInProgress,
    Kind,
    Mode,
    RowError,
)
from interpreters.http.doors import BodyTooLarge, Call, door
from interpreters.http.fields import In, InstitutionId
from interpreters.http.forms import FORM, SPARE, read_form, same_form
from interpreters.http.import_bodies import read_row
from interpreters.http.media import UnsupportedMediaType
from interpreters.http.operations import OperationView
from interpreters.http.reading import read_body

TAG = "Imports"
LONGEST_FIELD: Final = 200  # bytes of a part that is no file


class ImportFields(In, frozen=True, kw_only=True):
    """What is said beside the file."""

    kind: Kind
    mode: Mode = "preview"
    institution_id: InstitutionId | None = None


class ImportQuery(In, frozen=True, kw_only=True):
    """What may be said in the address instead; where both say it, the form counts."""

    kind: Kind | None = None
    mode: Mode | None = None
    institution_id: InstitutionId | None = None

    def said(self) -> dict[str, str]:
        """Return what the address says."""
        return {
            name: value for name, value in msgspec.structs.asdict(self).items() if value is not None
        }


class ImportForm(In, frozen=True, kw_only=True):
    """A table to be imported: CSV or XLSX, at most 10 MB and 20,000 rows.

    `preview` only tells what a `commit` would do. `institution_id` says whose clients they are
    where no column does.
    """

    kind: Kind
    mode: Mode = "preview"
    institution_id: InstitutionId | None = None
    file: Annotated[str, Meta(extra_json_schema={"contentMediaType": "application/octet-stream"})]


class ImportView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the rows, or would; with errors nothing is stored.

    `row` is the number a spreadsheet shows, the header's is 1.
    """

    kind: Kind
    mode: Mode
    rows: int
    created: int
    changed: int
    unchanged: int
    errors: list[RowError]
    operation: None = None


@door("POST", "/v1/imports", query=ImportQuery, body=ImportForm, media=FORM, answer=ImportView,
      accepted=OperationView, most=MOST_BYTES + SPARE, tag=TAG,
      refusals=(Forbidden, FileTooLarge, ImportHasErrors, ImportInProgress,
                UnsupportedMediaType))  # fmt: skip
async def import_file(call: NamedDependency[Call]) -> Response[bytes]:
    """Import a table, all of it or nothing; more than 500 rows become an operation (202).

    The columns and what may stand in them: docs/imports.md.
    """
    upload = call.form(lambda: _upload(call), canonical=lambda: _same(call))

    async def work(db: Db, caller: Caller) -> Report | Operation:
        return await imports.import_file(db, caller, upload=upload, read=read_row, now=call.now)

    return await call.once(
        work, _view, status=lambda made: 200 if isinstance(made, Report) else 202
    )


def _view(made: Report | Operation, caller: Caller) -> ImportView | OperationView:
    if isinstance(made, Operation):
        return OperationView.of(made, caller)
    return ImportView(
        kind=made.kind,
        mode=made.mode,
        rows=made.rows,
        created=made.created,
        changed=made.changed,
        unchanged=made.unchanged,
        errors=list(made.errors),
    )


def _upload(call: Call) -> Upload:
    """Return what was sent, the form's fields before those of the address.

    Raises:
        FileTooLarge: the body is larger than a file may be.
        Invalid: with every error of the fields.
    """
    parts, addressed = _parts(call), call.query(ImportQuery)().said()
    data = parts.pop("file", None)
    errors: list[FieldError] = []
    if data is None:
        errors.append(FieldError(pointer="/file", code="required", detail="This is required"))
    fields: Any = None
    try:
        texts = addressed | {name: _text(name, part) for name, part in parts.items()}
        fields = read_body(ImportFields, msgspec.json.encode(texts), now=call.now)
    except Invalid as refusal:
        errors += refusal.errors
    if errors or data is None:
        raise Invalid(errors)
    return Upload(
        kind=fields.kind,
        mode=fields.mode,
        data=data,
        institution_id=ids.read_optional(ids.INSTITUTION, fields.institution_id),
    )


def _parts(call: Call) -> dict[str, bytes]:
    try:
        raw = call.raw
    except BodyTooLarge:
        raise FileTooLarge from None
    return read_form(call.request, raw, names=(*ImportFields.__struct_fields__, "file"))


def _text(name: str, part: bytes) -> str:
    try:
        text = part.decode()
    except UnicodeDecodeError:
        text = ""
    if not text or len(part) > LONGEST_FIELD:
        raise Invalid([FieldError(pointer=f"/{name}", code="invalid", detail="This is no text")])
    return text


def _same(call: Call) -> bytes:
    """Return what makes two calls the same; what cannot be read will be refused anyway."""
    try:
        address = call.request.url.query.encode()
        return same_form(_parts(call)) + (b"?" + address if address else b"")
    except FileTooLarge:
        raise
    except Refusal:
        return call.raw


ROUTES = (import_file,)
