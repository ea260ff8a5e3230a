"""`/v1/me`: what the caller's token stands for."""

from typing import Literal

import msgspec
from litestar import Response
from litestar.di import NamedDependency

from interpreters.application import me
from interpreters.application.me import Me
from interpreters.domain import ids
from interpreters.domain.callers import Caller, Role
from interpreters.http.doors import Call, door

TAG = "Sign-in"


class OwnNetworkView(msgspec.Struct, frozen=True, kw_only=True):
    """The network as everybody in it may see it."""

    id: str
    name: str
    time_zone: str
    currency: str
    country: str | None


class MeView(msgspec.Struct, frozen=True, kw_only=True):
    """A caller: their role, whose they are, and what they may do."""

    role: Role
    mode: Literal["live", "test"]
    scopes: list[str]
    institution_id: str | None
    interpreter_id: str | None
    network: OwnNetworkView

    @classmethod
    def of(cls, one: Me, caller: Caller) -> "MeView":
        """Shape a caller."""
        network = one.network
        return cls(
            role=caller.role,
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


ROUTES = (show_me,)
