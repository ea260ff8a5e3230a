"""`…/export`: what is held about a person, in one document."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Response
from litestar.di import NamedDependency

from interpreters.application import exports
from interpreters.application.exports import Export
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound
from interpreters.http.doors import Call, door

TAG = "Personal data"
PREFIXES: Final = {"client": ids.CLIENT, "interpreter": ids.INTERPRETER, "user": ids.USER}


class ExportView(msgspec.Struct, frozen=True, kw_only=True):
    """What is held about a person: rows by what they are, in the words of the database.

    Inside `held` ids are UUIDs, as they are stored.
    """

    person: str
    person_id: str
    made_at: datetime
    held: dict[str, list[dict[str, Any]]]

    @classmethod
    def of(cls, one: Export, _: Caller) -> "ExportView":
        """Shape an export."""
        return cls(
            person=one.person,
            person_id=ids.show_id(PREFIXES[one.person], one.person_id),
            made_at=one.made_at,
            held={name: [dict(row) for row in rows] for name, rows in one.held.items()},
        )


@door("GET", "/v1/clients/{id:str}/export", answer=ExportView,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def export_client(call: NamedDependency[Call]) -> Response[bytes]:
    """What is held about a client, without anything of others; noted in the audit."""
    return await call.ask(
        lambda db, caller: exports.export_client(
            db, caller, client_id=call.id(ids.CLIENT), now=call.now
        ),
        ExportView.of,
    )


@door("GET", "/v1/interpreters/{id:str}/export", answer=ExportView,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def export_interpreter(call: NamedDependency[Call]) -> Response[bytes]:
    """What is held about an interpreter, for themselves and coordinators; noted in the audit."""
    return await call.ask(
        lambda db, caller: exports.export_interpreter(
            db, caller, interpreter_id=call.id(ids.INTERPRETER), now=call.now
        ),
        ExportView.of,
    )


@door("GET", "/v1/users/{id:str}/export", answer=ExportView,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def export_user(call: NamedDependency[Call]) -> Response[bytes]:
    """What is held about somebody who signs in; noted in the audit."""
    return await call.ask(
        lambda db, caller: exports.export_user(db, caller, user_id=call.id(ids.USER), now=call.now),
        ExportView.of,
    )


@door("GET", "/v1/me/export", answer=ExportView, refusals=(Forbidden,), tag=TAG)
async def export_own(call: NamedDependency[Call]) -> Response[bytes]:
    """What is held about the caller as somebody who signs in; noted in the audit."""
    return await call.ask(
        lambda db, caller: exports.export_own_user(db, caller, now=call.now), ExportView.of
    )


ROUTES = (export_client, export_interpreter, export_user, export_own)
