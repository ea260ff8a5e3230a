"""`/board/users`: the people who sign in: invited, given roles, signed out for good."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post

from interpreters.application import users
from interpreters.application.invitations import NoAddress
from interpreters.application.users import (
    InterpreterHasUser,
    LastCoordinator,
    User,
    UserFilter,
    UserInactive,
)
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, Invalid, Stale
from interpreters.domain.ids import INSTITUTION, INTERPRETER, USER, read_id, show_id
from interpreters.domain.stages import InterpreterSuspended
from interpreters.http.reading import read_body
from interpreters.http.users import UserIn, UserPatch, UserView
from interpreters.web.entrance import see_other
from interpreters.web.fields import Fields, asked_fields, body_of, own_fields
from interpreters.web.network_institutions import every_institution
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

AnyRequest = Request[Any, Any, Any]
PATH: Final = "/board/users/{id:str}"
PAGE: Final = 200
MOST: Final = 2000
ROLES: Final = ("coordinator", "finance", "consultant", "interpreter")
REFUSED: Final = (
    LastCoordinator, InterpreterHasUser, InterpreterSuspended, NoAddress, UserInactive, Forbidden,
)  # fmt: skip


@get("/board/users", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def list_users(request: AnyRequest) -> Response[str]:
    """Show who signs in, by name."""
    visit = await visiting(request, "coordinator")
    asked = asked_fields(request)
    role: Any = asked.get("role") if asked.get("role") in ROLES else None
    active = None if asked.get("active") == "all" else True
    wanted = UserFilter(role=role, active=active)

    async def work(db: Db, caller: Caller) -> tuple[list[User], dict[UUID, str]]:
        found = await _every(db, caller, wanted)
        return found, {one.id: one.name for one in await every_institution(db, caller)}

    found, names = await visit.ask(work)
    sought = asked.get("name").casefold()
    return visit.page(
        "network_users.html",
        found=[
            one for one in found
            if sought in f"{one.display_name or ''} {one.email or ''}".casefold()
        ],
        names=names,
        said=asked,
        roles=ROLES,
        user_id=lambda one: show_id(USER, one.id),
        done=asked.get("done"),
    )  # fmt: skip


@get("/board/users/new", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_new(request: AnyRequest) -> Response[str]:
    """Show the form of somebody new."""
    visit = await visiting(request, "coordinator")
    return await _form(visit, Fields([("role_consultant", "yes")]))


@post("/board/users/new", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def add(request: AnyRequest) -> Response[Any]:
    """Add somebody, who is sent a link to come in with."""
    visit = await visiting(request, "coordinator")
    fields = await own_fields(request)

    async def work(db: Db, caller: Caller) -> User:
        body = read_body(UserIn, body_of(_body(fields)), now=visit.now)
        return await users.create_user(
            db, caller, order=body.order, base_url=request.app.state.base_url, now=visit.now
        )

    try:
        await visit.once(fields, work, UserView.of)
    except Invalid as wrong:
        return await _form(visit, fields, errors=visit.trouble(wrong))
    except REFUSED as refused:
        return await _form(visit, fields, refused=refused.code)
    return see_other("/board/users?done=invited")


@get(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_user(request: AnyRequest) -> Response[str]:
    """Show somebody as a form."""
    visit = await visiting(request, "coordinator")
    found = await _found(visit)
    done = asked_fields(request).get("done")
    return await _form(visit, _as_fields(found), found=found, done=done)


@post(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def change(request: AnyRequest) -> Response[Any]:
    """Change somebody: their roles, their address, whether they may sign in."""
    visit = await visiting(request, "coordinator")
    fields, found = await own_fields(request), await _found(visit)
    version = fields.number("version")

    async def work(db: Db, caller: Caller) -> User:
        sent = dict.fromkeys(("email", "phone", "display_name", "institution_id")) | {
            name: one for name, one in _body(fields).items() if one is not None
        }
        sent["active"] = not fields.ticked("shut_out")
        body = read_body(UserPatch, msgspec.json.encode(sent), now=visit.now)
        return await users.change_user(
            db, caller, user_id=found.id, change=body.change, now=visit.now,
            if_match=version if isinstance(version, int) else None,
        )  # fmt: skip

    try:
        await visit.once(fields, work, UserView.of)
    except Invalid as wrong:
        return await _form(visit, fields, found=found, errors=visit.trouble(wrong))
    except Stale:
        return await _form(visit, _as_fields(found), found=found, refused="stale")
    except REFUSED as refused:
        return await _form(visit, fields, found=found, refused=refused.code)
    return see_other(f"/board/users/{request.path_params['id']}?done=changed")


@post(f"{PATH}/invite", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def invite(request: AnyRequest) -> Response[Any]:
    """Send somebody a new link; older ones end."""
    visit = await visiting(request, "coordinator")
    fields, found = await own_fields(request), await _found(visit)

    async def work(db: Db, caller: Caller) -> User:
        return await users.invite_user(
            db, caller, user_id=found.id, base_url=request.app.state.base_url, now=visit.now
        )

    try:
        await visit.once(fields, work, UserView.of)
    except REFUSED as refused:
        return await _form(visit, _as_fields(found), found=found, refused=refused.code)
    return see_other("/board/users?done=invited")


async def _every(db: Db, caller: Caller, wanted: UserFilter) -> list[User]:
    found: list[User] = []
    while len(found) < MOST:
        before = found[-1].id if found else None
        page = await users.list_users(db, caller, wanted=lambda: wanted, page=_slice(before))
        found += page
        if len(page) < PAGE:
            break
    return sorted(
        found, key=lambda one: ((one.display_name or one.email or "~").casefold(), one.id)
    )


def _slice(before: UUID | None) -> Any:
    return lambda: (before, PAGE)


async def _found(visit: Visit) -> User:
    user_id = read_id(USER, visit.request.path_params["id"])
    return await visit.ask(lambda db, caller: users.show_user(db, caller, user_id=user_id))


def _body(fields: Fields) -> dict[str, Any]:
    roles = [one for one in ROLES if fields.ticked(f"role_{one}")]
    return {
        "roles": roles,
        "email": fields.some("email"),
        "phone": fields.some("phone"),
        "display_name": fields.some("display_name"),
        "institution_id": fields.some("institution_id") if "consultant" in roles else None,
        "interpreter_id": fields.some("interpreter_id") if "interpreter" in roles else None,
    }


def _as_fields(one: User) -> Fields:
    return Fields(
        [
            ("email", one.email or ""), ("phone", one.phone or ""),
            ("display_name", one.display_name or ""), ("version", str(one.version)),
            ("institution_id",
             show_id(INSTITUTION, one.institution_id) if one.institution_id else ""),
            ("interpreter_id",
             show_id(INTERPRETER, one.interpreter_id) if one.interpreter_id else ""),
            ("shut_out", "" if one.active else "yes"),
            *((f"role_{role}", "yes") for role in one.roles),
        ]
    )  # fmt: skip


async def _form(
    visit: Visit, fields: Fields, *, found: User | None = None,
    errors: Mapping[str, str] | None = None, refused: str = "", done: str = "",
) -> Response[str]:  # fmt: skip
    known = await visit.ask(every_institution)
    shown_id = "" if found is None else show_id(USER, found.id)
    return visit.page(
        "network_user.html",
        422 if errors else 409 if refused else 200,
        found=found,
        id=shown_id,
        action=f"/board/users/{shown_id or 'new'}",
        said=fields,
        roles=ROLES,
        institutions=[(show_id(INSTITUTION, one.id), one.name) for one in known],
        errors=errors or {},
        refused=refused,
        done=done,
    )


ROUTES = (list_users, show_new, add, show_user, change, invite)
