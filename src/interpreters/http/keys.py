"""`/v1/institutions/{id}/keys`: keys for an institution's software."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import keys
from interpreters.application.keys import Key, KeyOrder, MadeKey, TooManyKeys
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import FutureInstant, In, Name, utc
from interpreters.http.lists import List, ListQuery, page_of

TAG = "Keys"


class KeyIn(In, frozen=True, kw_only=True):
    """A new key; no scopes means all that an institution may have.

    `name` says which software it is for: of one name two keys may work at a time, so that one can
    be changed for the other. A `test` key works in the sandbox only.
    """

    scopes: Annotated[list[Name], Meta(max_length=50)] = msgspec.field(default_factory=list)
    expires_at: FutureInstant | None = None
    mode: Literal["live", "test"] = "live"
    name: Name | None = None

    def order(self) -> KeyOrder:
        """Return the order in the application's words."""
        return KeyOrder(
            scopes=tuple(self.scopes),
            expires_at=None if self.expires_at is None else utc(self.expires_at),
            mode=self.mode,
            name=self.name,
        )


class KeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its token."""

    id: str
    role: str
    scopes: list[str]
    mode: Literal["live", "test"]
    name: str | None
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, one: Key) -> "KeyView":
        """Shape a key."""
        return cls(
            id=ids.show_id(ids.KEY, one.id),
            role=one.role,
            scopes=list(one.scopes),
            mode=one.mode,
            name=one.name,
            expires_at=one.expires_at,
            revoked_at=one.revoked_at,
            last_used_at=one.last_used_at,
            created_at=one.created_at,
        )


class MadeKeyView(KeyView, frozen=True, kw_only=True):
    """A new key. `token` is shown this once: it is not stored, and a replay has null here."""

    token: str | None

    @classmethod
    def made(cls, one: MadeKey, _: Caller) -> "MadeKeyView":
        """Shape a key with its token."""
        return cls(**msgspec.structs.asdict(KeyView.of(one.key)), token=one.token)


@door("POST", "/v1/institutions/{id:str}/keys", body=KeyIn, answer=MadeKeyView, status=201,
      refusals=(Forbidden, NotFound, TooManyKeys), tag=TAG)  # fmt: skip
async def create_key(call: NamedDependency[Call]) -> Response[bytes]:
    """Make a key for an institution's software; its token is answered this once."""
    body = call.body(KeyIn)

    async def work(db: Db, caller: Caller) -> MadeKey:
        return await keys.create_institution_key(
            db,
            caller,
            institution_id=call.id(ids.INSTITUTION),
            order=lambda: body().order(),
            now=call.now,
        )

    return await call.once(work, MadeKeyView.made, status=201)


@door("GET", "/v1/institutions/{id:str}/keys", query=ListQuery, answer=List[KeyView],
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def list_keys(call: NamedDependency[Call]) -> Response[bytes]:
    """An institution's keys, newest first, without their tokens."""
    query = call.query(ListQuery)

    async def work(db: Db, caller: Caller) -> Page:
        found = await keys.list_keys(
            db, caller, institution_id=call.id(ids.INSTITUTION), page=lambda: query().slice
        )
        return page_of(found, query(), KeyView.of)

    return await call.ask(work, lambda page, _: page)


@door("DELETE", "/v1/institutions/{id:str}/keys/{key_id:str}", answer=None, status=204,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def revoke_key(call: NamedDependency[Call]) -> Response[bytes]:
    """End a key at once."""
    return await call.ask(
        lambda db, caller: keys.revoke_key(
            db,
            caller,
            institution_id=call.id(ids.INSTITUTION),
            key_id=call.id(ids.KEY, "key_id"),
            now=call.now,
        ),
        lambda _, __: None,
    )


ROUTES = (create_key, list_keys, revoke_key)
