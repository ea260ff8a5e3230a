"""`/v1/me`: what the caller's token stands for, and what people change of themselves."""

from typing import Any, Literal

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import UNSET, UnsetType

from interpreters.application import me
from interpreters.application.me import Me
from interpreters.domain import ids
from interpreters.domain.callers import Caller, Role
from interpreters.domain.errors import Forbidden, Stale
from interpreters.http.doors import Call, door
from interpreters.http.fields import In, Name, PageLanguage, given
from interpreters.http.notify_fields import Notify, notify_of, told_fields

TAG = "Sign-in"


class MePatch(In, frozen=True, kw_only=True):
    """What people change of themselves; the rest is a coordinator's word."""

    display_name: Name | UnsetType | None = UNSET
    language: PageLanguage | UnsetType | None = UNSET
    notify: Notify | UnsetType | None = UNSET

    def change(self) -> dict[str, Any]:
        """Return what was sent, in the application's words."""
        return told_fields(given(**msgspec.structs.asdict(self)))


class OwnNetworkView(msgspec.Struct, frozen=True, kw_only=True):
    """The network as everybody in it may see it."""

    id: str
    name: str
    time_zone: str
    currency: str
    country: str | None


class MeView(msgspec.Struct, frozen=True, kw_only=True):
    """A caller: their role, whose they are, and what they may do.

    Of a person, who may have several roles and chooses one by the header `Role`, also who it is;
    `version` is theirs.
    """

    role: Role
    roles: list[Role]
    user_id: str | None
    display_name: str | None
    email: str | None
    language: str | None
    notify: Notify | None
    version: int | None
    mode: Literal["live", "test"]
    scopes: list[str]
    institution_id: str | None
    interpreter_id: str | None
    network: OwnNetworkView

    @classmethod
    def of(cls, one: Me, caller: Caller) -> "MeView":
        """Shape a caller."""
        network, user = one.network, one.user
        return cls(
            role=caller.role,
            roles=[caller.role] if user is None else list(user.roles),
            user_id=ids.show_some(ids.USER, caller.user_id),
            display_name=None if user is None else user.display_name,
            email=None if user is None else user.email,
            language=None if user is None else user.language,
            notify=None if user is None else notify_of(user.notify),
            version=None if user is None else user.version,
            mode=caller.mode,
            scopes=sorted(caller.scopes),
            institution_id=ids.show_some(ids.INSTITUTION, caller.institution_id),
            interpreter_id=ids.show_some(ids.INTERPRETER, caller.interpreter_id),
            network=OwnNetworkView(
                id=ids.show_id(ids.NETWORK, network.network_id),
                name=network.name,
                time_zone=network.time_zone,
                currency=network.currency,
                country=network.country,
            ),
        )


@door("GET", "/v1/me", answer=MeView, tag=TAG)
async def show_me(call: NamedDependency[Call]) -> Response[bytes]:
    """Who the caller is."""
    return await call.ask(me.show_me, MeView.of)


@door("PATCH", "/v1/me", body=MePatch, answer=MeView, refusals=(Forbidden, Stale), tag=TAG)
async def change_me(call: NamedDependency[Call]) -> Response[bytes]:
    """Change one's own name, language and ways of being told.

    If-Match guards against a change in between.
    """
    body = call.body(MePatch)
    return await call.ask(
        lambda db, caller: me.change_me(
            db, caller, if_match=call.if_match, change=lambda: body().change(), now=call.now
        ),
        MeView.of,
    )


ROUTES = (show_me, change_me)
