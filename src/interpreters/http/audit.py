"""`/v1/audit`: who did what to whom, for coordinators."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency

from interpreters.application import audits
from interpreters.application.audits import AuditEntry, AuditSearch
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import Id
from interpreters.http.lists import List, ListQuery, page_of
from interpreters.http.usage import Day

TAG = "Audit"
# What an id of each kind of subject begins with.
PREFIXES: Final = {
    "client": ids.CLIENT,
    "client-link": ids.CLIENT_LINK,
    "client-voice": ids.CLIENT_VOICE,
    "institution": ids.INSTITUTION,
    "interpreter": ids.INTERPRETER,
    "key": ids.KEY,
    "network": ids.NETWORK,
    "operation": ids.OPERATION,
    "passkey": ids.PASSKEY,
    "request": ids.REQUEST,
    "sign-in": ids.SIGN_IN,
    "user": ids.USER,
    "identity-provider": ids.IDENTITY_PROVIDER,
    "webhook-endpoint": ids.WEBHOOK_ENDPOINT,
}


class AuditQuery(ListQuery, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Which entries; days are the network's, `from` is included, `to` is not."""

    subject_id: Id | None = None
    actor_id: Id | None = None
    from_: Day | None = None
    to: Day | None = None

    def search(self) -> AuditSearch:
        """Return the search in the application's words."""
        before, limit = self.slice
        return AuditSearch(
            subject_id=_read(self.subject_id),
            actor_id=_read(self.actor_id),
            since=self.from_,
            until=self.to,
            before=before,
            limit=limit,
        )


class AuditView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody did something to somebody. `actor_id` is a user's or a key's; null for jobs."""

    id: str
    at: datetime
    actor_id: str | None
    role: str | None
    action: str
    subject_kind: str
    subject_id: str | None

    @classmethod
    def of(cls, one: AuditEntry, _: Caller) -> "AuditView":
        """Shape an entry."""
        prefix = PREFIXES.get(one.subject_kind, "sub")
        return cls(
            id=ids.show_id(ids.AUDIT_ENTRY, one.id),
            at=one.at,
            actor_id=ids.show_some(ids.USER, one.user_id) or ids.show_some(ids.KEY, one.key_id),
            role=one.role,
            action=one.action,
            subject_kind=one.subject_kind,
            subject_id=ids.show_some(prefix, one.subject_id),
        )


@door("GET", "/v1/audit", query=AuditQuery, answer=List[AuditView],
      refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def list_audit(call: NamedDependency[Call]) -> Response[bytes]:
    """Who did what to whom, newest first."""
    query = call.query(AuditQuery)

    def shape(found: Sequence[AuditEntry], caller: Caller) -> Page:
        return page_of(found, query(), lambda one: AuditView.of(one, caller))

    return await call.ask(
        lambda db, caller: audits.list_audit(db, caller, search=lambda: query().search()), shape
    )


def _read(text: str | None) -> UUID | None:
    """Return the id of whatever kind of thing."""
    return None if text is None else ids.read_id(text.partition("_")[0], text)


ROUTES = (list_audit,)
