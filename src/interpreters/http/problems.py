"""The one table from refusals to status codes, and the shape of a problem (RFC 9457)."""

import traceback
from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from interpreters.database import BUSY, GONE
from interpreters.domain.errors import FieldError, Invalid, Refusal
from interpreters.domain.refusal_words import sentence_of, told_refusal
from interpreters.domain.wording import page_language

MEDIA_TYPE: Final = "application/problem+json"
log = structlog.get_logger()

# Every refusal not named here is a conflict with the present state of things.
STATUS: Final[dict[str, HTTPStatus]] = {
    "malformed": HTTPStatus.BAD_REQUEST,
    "unauthorized": HTTPStatus.UNAUTHORIZED,
    "forbidden": HTTPStatus.FORBIDDEN,
    "not-found": HTTPStatus.NOT_FOUND,
    "method-not-allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "not-acceptable": HTTPStatus.NOT_ACCEPTABLE,
    "precondition-failed": HTTPStatus.PRECONDITION_FAILED,
    "body-too-large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "address-too-long": HTTPStatus.REQUEST_URI_TOO_LONG,
    "too-many-requests": HTTPStatus.TOO_MANY_REQUESTS,
    "too-many-attempts": HTTPStatus.TOO_MANY_REQUESTS,
    "too-many-applications": HTTPStatus.TOO_MANY_REQUESTS,
    "applications-closed": HTTPStatus.NOT_FOUND,
    "invitation-over": HTTPStatus.GONE,
    "wrong-code": HTTPStatus.UNAUTHORIZED,
    "attempt-over": HTTPStatus.UNAUTHORIZED,
    "wrong-passkey": HTTPStatus.UNAUTHORIZED,
    "passkey-cloned": HTTPStatus.UNAUTHORIZED,
    "sign-in-again": HTTPStatus.FORBIDDEN,
    "passkey-refused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "cross-site": HTTPStatus.FORBIDDEN,
    "validation": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unknown-language": HTTPStatus.UNPROCESSABLE_ENTITY,
    "needs-variety": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unknown-time-zone": HTTPStatus.UNPROCESSABLE_ENTITY,
    "invalid-address": HTTPStatus.UNPROCESSABLE_ENTITY,
    "private-address": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unsupported-encoding": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "unsupported-media-type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "import-has-errors": HTTPStatus.UNPROCESSABLE_ENTITY,
    "file-too-large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "idempotency-key-reused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "too-many-streams": HTTPStatus.SERVICE_UNAVAILABLE,
}


class Unavailable(Refusal):
    """The database cannot be reached; nothing was stored."""

    code = "unavailable"
    title = "The database cannot be reached; try again in a moment"


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """RFC 9457 with a stable `code`; `errors` names every wrong field by its JSON pointer.

    `detail` is English, for developers. `user_message` is for a person, in the language that
    `Accept-Language` asks for as far as pages speak it, else in English.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    user_message: str
    errors: list[FieldError] | None = None
    suggestions: list[Any] | None = None
    options: list[Any] | None = None
    next_commitment_at: datetime | None = None
    extensible_minutes: int | None = None
    reasons: list[Any] | None = None


def status_of(code: str) -> HTTPStatus:
    """Return the status a refusal's code answers with."""
    return STATUS.get(code, HTTPStatus.CONFLICT)


def on_refusal(request: Request[Any, Any, Any], refusal: Refusal) -> Response[bytes]:
    """Answer a refusal of the domain."""
    headers = {"WWW-Authenticate": "Bearer"} if refusal.code == "unauthorized" else {}
    if status_of(refusal.code) is HTTPStatus.TOO_MANY_REQUESTS:
        headers["Retry-After"] = str(refusal.extra.get("retry_after", 1))
    return _response(request, problem_of(refusal), headers)


def told_problem(
    problem: Problem, headers: Iterable[tuple[bytes, bytes]]
) -> tuple[bytes, dict[str, str]]:
    """Return a problem's JSON for whoever sent these headers, and the headers it goes with."""
    problem.user_message, language = told_refusal(_told_code(problem), _accepted(headers))
    return msgspec.json.encode(problem), {
        "Content-Language": language,
        "Vary": "Accept-Language",
    }


def problem_of(refusal: Refusal) -> Problem:
    """Return the problem a refusal is answered with, in English."""
    if isinstance(refusal, Invalid):
        return _invalid(refusal)
    problem = _problem(refusal.code, refusal.title, str(refusal))
    problem.suggestions = refusal.extra.get("suggestions")
    problem.options = refusal.extra.get("options")
    problem.errors = refusal.extra.get("errors")
    problem.next_commitment_at = refusal.extra.get("next_commitment_at")
    problem.extensible_minutes = refusal.extra.get("extensible_minutes")
    problem.reasons = refusal.extra.get("reasons")
    return problem


def on_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Answer what the framework refuses before a handler runs."""
    status = HTTPStatus(error.status_code)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _internal(request, error)
    codes = {404: "not-found", 405: "method-not-allowed", 413: "body-too-large", 400: "malformed"}
    code = codes.get(status.value, status.phrase.lower().replace(" ", "-"))
    problem = _problem(code, status.phrase, status.phrase)
    problem.status = status.value
    return _response(request, problem, dict(error.headers or {}))


def on_lost_database(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer 503 while the database cannot be reached: nothing was stored, try again."""
    if isinstance(error, ValueError):  # the driver's, for a value it cannot send: our mistake
        return _internal(request, error)
    log.warning("database-unavailable", error=type(error).__name__)
    problem = _problem(Unavailable.code, Unavailable.title, Unavailable.title)
    return _response(request, problem, {"Retry-After": "2"})


def on_surprise(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer 500, or 503 when the database went away beneath some other error."""
    lost = isinstance(error, (*GONE, *BUSY))
    return on_lost_database(request, error) if lost else _internal(request, error)


def _internal(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer 500 and log where it happened: never what was sent, nor the values in the error."""
    frames = [
        f"{frame.filename}:{frame.lineno}:{frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    log.error("unexpected", error=type(error).__name__, at=frames[-6:])
    problem = _problem("internal", "Something went wrong here", "It is logged and not your fault")
    problem.status = HTTPStatus.INTERNAL_SERVER_ERROR
    return _response(request, problem, {})


def _invalid(refusal: Invalid) -> Problem:
    """The problem takes the field's own code where just one field is wrong."""
    only = refusal.errors[0] if len(refusal.errors) == 1 else None
    general = {"required", "unknown-field", "wrong-type", "out-of-range", "invalid"}
    code = only.code if only and only.code not in general else "validation"
    problem = _problem(code, refusal.title, str(refusal))
    problem.status = HTTPStatus.UNPROCESSABLE_ENTITY
    problem.errors = list(refusal.errors)
    if only is not None:
        problem.options = list(only.options) if only.options is not None else None
        problem.suggestions = list(only.suggestions) if only.suggestions is not None else None
    return problem


def _problem(code: str, title: str, detail: str) -> Problem:
    return Problem(
        type=f"/problems/{code}",
        title=title,
        status=status_of(code).value,
        detail=detail,
        code=code,
        user_message=sentence_of(code),
    )


def _told_code(problem: Problem) -> str:
    """Return the code whose sentence a person reads: of just one wrong field its own."""
    errors = problem.errors or []
    return errors[0].code if problem.code == Invalid.code and len(errors) == 1 else problem.code


def _accepted(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the language the caller likes best; a header may come in several lines."""
    said = [value for name, value in headers if name.lower() == b"accept-language"]
    return page_language(b",".join(said).decode("latin-1"))


def _response(
    request: Request[Any, Any, Any], problem: Problem, headers: dict[str, str]
) -> Response[bytes]:
    body, told = told_problem(problem, request.scope["headers"])
    return Response(
        body, status_code=problem.status, media_type=MEDIA_TYPE, headers={**headers, **told}
    )
