"""`/v1/network`: the caller's own network."""

from typing import Any

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import UNSET, UnsetType

from interpreters.application import networks
from interpreters.application.networks import Network
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, Stale
from interpreters.domain.languages import resolve
from interpreters.http.doors import Call, door
from interpreters.http.fields import Country, Currency, In, LanguageText, Name, TimeZone, given
from interpreters.http.views import LanguageView

TAG = "Network"


class NetworkPatch(In, frozen=True, kw_only=True):
    """The fields to change."""

    name: Name | UnsetType = UNSET
    time_zone: TimeZone | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET
    country: Country | None | UnsetType = UNSET
    working_language: LanguageText | None | UnsetType = UNSET

    def change(self) -> dict[str, Any]:
        """Return what was sent, in the application's words."""
        fields = given(**msgspec.structs.asdict(self))
        if fields.get("working_language") is not None:
            fields["working_language"] = resolve(fields["working_language"]).language.code
        return fields


class NetworkView(msgspec.Struct, frozen=True, kw_only=True):
    """A network; `weights` and `ladder` hold what differs from the built-in rules."""

    id: str
    name: str
    time_zone: str
    currency: str
    country: str | None
    working_language: LanguageView | None
    weights: dict[str, Any]
    ladder: dict[str, Any]
    version: int

    @classmethod
    def of(cls, one: Network, _: Caller) -> "NetworkView":
        """Shape a network."""
        language = one.working_language
        return cls(
            id=ids.show_id(ids.NETWORK, one.network_id),
            name=one.name,
            time_zone=one.time_zone,
            currency=one.currency,
            country=one.country,
            working_language=None if language is None else LanguageView.of(language),
            weights=one.weights,
            ladder=one.ladder,
            version=one.version,
        )


@door("GET", "/v1/network", answer=NetworkView, refusals=(Forbidden,), tag=TAG)
async def show_network(call: NamedDependency[Call]) -> Response[bytes]:
    """The caller's network."""
    return await call.ask(networks.show_network, NetworkView.of)


@door("PATCH", "/v1/network", body=NetworkPatch, answer=NetworkView,
      refusals=(Forbidden, Stale), tag=TAG)  # fmt: skip
async def change_network(call: NamedDependency[Call]) -> Response[bytes]:
    """Change the network; If-Match guards against a change in between."""
    body = call.body(NetworkPatch)
    return await call.ask(
        lambda db, caller: networks.change_network(
            db, caller, if_match=call.if_match, change=lambda: body().change()
        ),
        NetworkView.of,
    )


ROUTES = (show_network, change_network)
