"""`/v1/interpreters/{id}/credentials`: papers that expire."""

import msgspec
from litestar import Response
from litestar.di import NamedDependency

from interpreters.application import credentials
from interpreters.application.credentials import Credential, CredentialOrder
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, Invalid, NotFound
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import Day, Id, In, Name, Reference
from interpreters.http.interpreters import interpreter_of
from interpreters.http.lists import List, ListQuery, page_of

TAG = "Roster"


class CredentialIn(In, frozen=True, kw_only=True):
    """A paper; it is valid on both days named, without them at any time."""

    kind: Reference
    number: Name | None = None
    issued_on: Day | None = None
    expires_on: Day | None = None

    def order(self) -> CredentialOrder:
        """Return the order in the application's words.

        Raises:
            Invalid: it expires before it was issued.
        """
        if self.issued_on and self.expires_on and self.expires_on < self.issued_on:
            detail = "It cannot expire before it was issued"
            error = FieldError(pointer="/expires_on", code="ends-before-start", detail=detail)
            raise Invalid([error])
        return CredentialOrder(**msgspec.structs.asdict(self))


class CredentialView(msgspec.Struct, frozen=True, kw_only=True):
    """A paper."""

    id: Id
    kind: str
    number: str | None
    issued_on: Day | None
    expires_on: Day | None

    @classmethod
    def of(cls, one: Credential, _: Caller) -> "CredentialView":
        """Shape a paper."""
        return cls(
            id=ids.show_id(ids.CREDENTIAL, one.id),
            kind=one.kind,
            number=one.number,
            issued_on=one.issued_on,
            expires_on=one.expires_on,
        )


@door("POST", "/v1/interpreters/{id:str}/credentials", body=CredentialIn, answer=CredentialView,
      status=201, refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def add_credential(call: NamedDependency[Call]) -> Response[bytes]:
    """Keep a paper of an interpreter."""
    body = call.body(CredentialIn)

    async def work(db: Db, caller: Caller) -> Credential:
        return await credentials.add_credential(
            db,
            caller,
            interpreter_id=interpreter_of(call),
            order=lambda: body().order(),
            now=call.now,
        )

    return await call.once(work, CredentialView.of, status=201)


@door("GET", "/v1/interpreters/{id:str}/credentials", query=ListQuery, answer=List[CredentialView],
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def list_credentials(call: NamedDependency[Call]) -> Response[bytes]:
    """Papers, newest first, also those that ran out."""
    query = call.query(ListQuery)

    async def work(db: Db, caller: Caller) -> Page:
        found = await credentials.list_credentials(
            db,
            caller,
            interpreter_id=interpreter_of(call),
            before=lambda: query().before,
            limit=lambda: query().size + 1,
        )
        return page_of(found, query(), lambda one: CredentialView.of(one, caller))

    return await call.ask(work, lambda page, _: page)


@door("DELETE", "/v1/interpreters/{id:str}/credentials/{credential_id:str}", answer=None,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def remove_credential(call: NamedDependency[Call]) -> Response[bytes]:
    """Take a paper away."""
    return await call.ask(
        lambda db, caller: credentials.remove_credential(
            db,
            caller,
            interpreter_id=interpreter_of(call),
            credential_id=call.id(ids.CREDENTIAL, "credential_id"),
        ),
        lambda nothing, _: nothing,
    )


ROUTES = (add_credential, list_credentials, remove_credential)
