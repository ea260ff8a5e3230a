"""`/v1/users`: the people who sign in, for coordinators."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, TypeAlias

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import UNSET, Meta, UnsetType

from interpreters.application import users
from interpreters.application.invitations import NoAddress
from interpreters.application.users import (
    InterpreterHasUser,
    LastCoordinator,
    User,
    UserFilter,
    UserInactive,
    UserOrder,
)
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, NotFound, Stale
from interpreters.domain.people import PersonRole
from interpreters.domain.stages import InterpreterSuspended
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import (
    Email,
    Id,
    In,
    InstitutionId,
    InterpreterId,
    Name,
    PageLanguage,
    Phone,
    e164,
    given,
    page_language_tag,
)
from interpreters.http.lists import List, ListQuery, page_of

TAG = "People"
Roles: TypeAlias = Annotated[list[PersonRole], Meta(min_length=1, max_length=4)]


class UserIn(In, frozen=True, kw_only=True):
    """Somebody new. `email` or `phone` is needed, but for somebody on the roster, who has one.

    A consultant has an `institution_id`, an interpreter an `interpreter_id`, nobody else.
    """

    roles: Roles
    email: Email | None = None
    phone: Phone | None = None
    display_name: Name | None = None
    language: PageLanguage | None = None
    institution_id: InstitutionId | None = None
    interpreter_id: InterpreterId | None = None

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """Each role once."""
        yield from _each_once(value, pointer)

    def order(self) -> UserOrder:
        """Return the order in the application's words."""
        return UserOrder(**_converted(msgspec.structs.asdict(self)))


class UserPatch(In, frozen=True, kw_only=True):
    """The fields to change. A role that goes takes its institution or interpreter with it."""

    roles: Roles | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    email: Email | UnsetType | None = UNSET
    phone: Phone | UnsetType | None = UNSET
    display_name: Name | UnsetType | None = UNSET
    language: PageLanguage | UnsetType | None = UNSET
    institution_id: InstitutionId | UnsetType | None = UNSET
    interpreter_id: InterpreterId | UnsetType | None = UNSET

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """Each role once."""
        yield from _each_once(value, pointer)

    def change(self) -> dict[str, Any]:
        """Return what was sent, in the application's words."""
        return _converted(given(**msgspec.structs.asdict(self)))


class UserQuery(ListQuery, frozen=True, kw_only=True):
    """Which people."""

    role: PersonRole | None = None
    active: bool | None = None
    institution_id: InstitutionId | None = None

    def filter(self) -> UserFilter:
        """Return the filter in the application's words."""
        return UserFilter(
            role=self.role,
            active=self.active,
            institution_id=ids.read_optional(ids.INSTITUTION, self.institution_id),
        )


class UserView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who signs in; `joined_at` is when they first did."""

    id: Id
    display_name: str | None
    email: str | None
    phone: str | None
    language: str | None
    roles: list[PersonRole]
    institution_id: Id | None
    interpreter_id: Id | None
    active: bool
    invited_at: datetime | None
    joined_at: datetime | None
    created_at: datetime
    version: int

    @classmethod
    def of(cls, one: User, _: Caller) -> "UserView":
        """Shape a person."""
        return cls(
            id=ids.show_id(ids.USER, one.id),
            display_name=one.display_name,
            email=one.email,
            phone=one.phone,
            language=one.language,
            roles=list(one.roles),  # type: ignore[arg-type]  # a person is no institution
            institution_id=ids.show_some(ids.INSTITUTION, one.institution_id),
            interpreter_id=ids.show_some(ids.INTERPRETER, one.interpreter_id),
            active=one.active,
            invited_at=one.invited_at,
            joined_at=one.joined_at,
            created_at=one.created_at,
            version=one.version,
        )


@door("POST", "/v1/users", body=UserIn, answer=UserView, status=201,
      refusals=(Forbidden, InterpreterHasUser, InterpreterSuspended, NoAddress),
      tag=TAG)  # fmt: skip
async def create_user(call: NamedDependency[Call]) -> Response[bytes]:
    """Add somebody and send them a link that signs them in once, within 7 days."""
    body = call.body(UserIn)

    async def work(db: Db, caller: Caller) -> User:
        return await users.create_user(
            db, caller, order=lambda: body().order(), base_url=call.base_url, now=call.now
        )

    return await call.once(work, UserView.of, status=201)


@door("GET", "/v1/users", query=UserQuery, answer=List[UserView], refusals=(Forbidden,), tag=TAG)
async def list_users(call: NamedDependency[Call]) -> Response[bytes]:
    """People who sign in, newest first."""
    query = call.query(UserQuery)

    async def work(db: Db, caller: Caller) -> Page:
        found = await users.list_users(
            db, caller, wanted=lambda: query().filter(), page=lambda: query().slice
        )
        return page_of(found, query(), lambda one: UserView.of(one, caller))

    return await call.ask(work, lambda page, _: page)


@door("GET", "/v1/users/{id:str}", answer=UserView, refusals=(Forbidden, NotFound), tag=TAG)
async def show_user(call: NamedDependency[Call]) -> Response[bytes]:
    """One person."""
    return await call.ask(
        lambda db, caller: users.show_user(db, caller, user_id=call.id(ids.USER)), UserView.of
    )


@door("PATCH", "/v1/users/{id:str}", body=UserPatch, answer=UserView,
      refusals=(Forbidden, NotFound, Stale, LastCoordinator, InterpreterHasUser,
                InterpreterSuspended), tag=TAG)  # fmt: skip
async def change_user(call: NamedDependency[Call]) -> Response[bytes]:
    """Change somebody, from their next call on; `active: false` signs them out everywhere.

    Whoever gets another address is told at the old one. If-Match guards against a change in
    between.
    """
    body = call.body(UserPatch)
    return await call.ask(
        lambda db, caller: users.change_user(
            db,
            caller,
            user_id=call.id(ids.USER),
            if_match=call.if_match,
            change=lambda: body().change(),
            now=call.now,
        ),
        UserView.of,
    )


@door("POST", "/v1/users/{id:str}/invite", answer=UserView,
      refusals=(Forbidden, NotFound, UserInactive, NoAddress), tag=TAG)  # fmt: skip
async def invite_user(call: NamedDependency[Call]) -> Response[bytes]:
    """Send somebody a new link; older ones end."""
    return await call.once(
        lambda db, caller: users.invite_user(
            db, caller, user_id=call.id(ids.USER), base_url=call.base_url, now=call.now
        ),
        UserView.of,
    )


def _converted(fields: dict[str, Any]) -> dict[str, Any]:
    """Return ids as UUIDs, the number as E.164, the language as a page language."""
    for name, prefix in (("institution_id", ids.INSTITUTION), ("interpreter_id", ids.INTERPRETER)):
        if fields.get(name) is not None:
            fields[name] = ids.read_id(prefix, fields[name])
    if fields.get("phone") is not None:
        fields["phone"] = e164(fields["phone"])
    if fields.get("language") is not None:
        fields["language"] = page_language_tag(fields["language"])
    if "roles" in fields:
        fields["roles"] = tuple(fields["roles"])
    return fields


def _each_once(value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
    roles = value.get("roles")
    if not isinstance(roles, list):
        return
    for place, role in enumerate(roles):
        if isinstance(role, str) and role in roles[:place]:
            yield FieldError(
                pointer=f"{pointer}/roles/{place}", code="duplicate", detail="Each role once"
            )


ROUTES = (create_user, list_users, show_user, change_user, invite_user)
