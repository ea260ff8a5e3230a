"""`/v1/identity-providers`: with which OpenID providers people sign in, and as what."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from msgspec import UNSET, Meta, UnsetType

from interpreters.application import identity_providers
from interpreters.application.identity_providers import IdentityProvider, ProviderOrder
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound, Stale
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import Id, In, InstitutionId, Name, given
from interpreters.http.lists import List, ListQuery, page_of

TAG = "Sign-in"
USUAL_SCOPES: Final = ("openid", "profile", "email")
CALLBACK: Final = "/sign-in/with/callback"

Issuer: TypeAlias = Annotated[
    str,
    Meta(
        min_length=1, max_length=500,
        description="The provider's own name for itself: https, without query and fragment.",
    ),
]  # fmt: skip
# Printable ASCII (RFC 6749 appendix A.1, A.2); a scope has no space, quote or backslash (A.4).
ClientText: TypeAlias = Annotated[str, Meta(max_length=500, pattern="^[ -~]+$(?!\\n)")]
ScopeText: TypeAlias = Annotated[str, Meta(max_length=100, pattern="^[!#-\\[\\]-~]+$(?!\\n)")]
Scopes: TypeAlias = Annotated[
    list[ScopeText],
    Meta(min_length=1, max_length=20, description="openid, profile and email if none are given."),
]
ClaimName: TypeAlias = Annotated[str, Meta(max_length=200, pattern="^[!-~]+$(?!\\n)")]
ProviderRole: TypeAlias = Literal["coordinator", "finance", "consultant", "interpreter"]
Roles: TypeAlias = Annotated[
    list[ProviderRole],
    Meta(
        max_length=4,
        description="An institution's provider gives consultant; the network's own coordinator "
        "and finance. Interpreters come by the roster alone.",
    ),
]
Group: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200, pattern="^[^\\u0000]*$")]
GroupRolesIn: TypeAlias = Annotated[dict[Group, Roles], Meta(max_length=200)]


class IdentityProviderIn(In, frozen=True, kw_only=True):
    """A new provider; no secret means that we are a public client there."""

    name: Name
    issuer: Issuer
    client_id: ClientText
    client_secret: ClientText | None = None
    institution_id: InstitutionId | None = None
    scopes: Scopes = msgspec.field(default_factory=lambda: list(USUAL_SCOPES))
    groups_claim: ClaimName = "groups"
    group_roles: GroupRolesIn = {}
    default_roles: Roles = []

    def order(self) -> ProviderOrder:
        """Return the order in the application's words."""
        fields = msgspec.structs.asdict(self)
        fields["institution_id"] = ids.read_optional(ids.INSTITUTION, self.institution_id)
        fields["scopes"] = _with_openid(self.scopes)
        return ProviderOrder(**fields)


class IdentityProviderPatch(In, frozen=True, kw_only=True):
    """The fields to change. Issuer and institution stay: another one is another provider."""

    name: Name | UnsetType = UNSET
    client_id: ClientText | UnsetType = UNSET
    client_secret: ClientText | None | UnsetType = UNSET
    scopes: Scopes | UnsetType = UNSET
    groups_claim: ClaimName | UnsetType = UNSET
    group_roles: GroupRolesIn | UnsetType = UNSET
    default_roles: Roles | UnsetType = UNSET
    active: bool | UnsetType = UNSET

    def change(self) -> dict[str, Any]:
        """Return what was sent, in the application's words."""
        fields = given(**msgspec.structs.asdict(self))
        if "scopes" in fields:
            fields["scopes"] = _with_openid(fields["scopes"])
        return fields


class IdentityProviderView(msgspec.Struct, frozen=True, kw_only=True):
    """A provider, without its secret. `redirect_uri` is what to register there."""

    id: Id
    name: str
    issuer: str
    client_id: str
    has_client_secret: bool
    redirect_uri: str
    institution_id: Id | None
    scopes: list[str]
    groups_claim: str
    group_roles: Mapping[str, Sequence[str]]
    default_roles: list[str]
    active: bool
    created_at: datetime
    version: int

    @classmethod
    def of(cls, one: IdentityProvider, call: Call) -> "IdentityProviderView":
        """Shape a provider."""
        return cls(
            id=ids.show_id(ids.IDENTITY_PROVIDER, one.id),
            name=one.name,
            issuer=one.issuer,
            client_id=one.client_id,
            has_client_secret=one.client_secret is not None,
            redirect_uri=redirect_uri(call.request),
            institution_id=ids.show_some(ids.INSTITUTION, one.institution_id),
            scopes=list(one.scopes),
            groups_claim=one.groups_claim,
            group_roles=one.group_roles,
            default_roles=list(one.default_roles),
            active=one.active,
            created_at=one.created_at,
            version=one.version,
        )


def redirect_uri(request: Request[Any, Any, Any]) -> str:
    """Return the address that a provider sends people back to."""
    return str(request.app.state.public_url or request.base_url).rstrip("/") + CALLBACK


@door("POST", "/v1/identity-providers", body=IdentityProviderIn, answer=IdentityProviderView,
      status=201, refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def create_provider(call: NamedDependency[Call]) -> Response[bytes]:
    """Let people sign in with an OpenID provider."""
    body = call.body(IdentityProviderIn)

    async def work(db: Db, caller: Caller) -> IdentityProvider:
        return await identity_providers.create_provider(
            db,
            caller,
            providers=call.request.app.state.providers,
            order=lambda: body().order(),
            now=call.now,
        )

    return await call.once(work, lambda one, _: IdentityProviderView.of(one, call), status=201)


@door("GET", "/v1/identity-providers", query=ListQuery, answer=List[IdentityProviderView],
      refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def list_providers(call: NamedDependency[Call]) -> Response[bytes]:
    """The providers people sign in with, newest first."""
    query = call.query(ListQuery)

    async def work(db: Db, caller: Caller) -> Page:
        found = await identity_providers.list_providers(db, caller, page=lambda: query().slice)
        return page_of(found, query(), lambda one: IdentityProviderView.of(one, call))

    return await call.ask(work, lambda page, _: page)


@door("GET", "/v1/identity-providers/{id:str}", answer=IdentityProviderView,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def show_provider(call: NamedDependency[Call]) -> Response[bytes]:
    """One provider."""
    return await call.ask(
        lambda db, caller: identity_providers.show_provider(
            db, caller, provider_id=call.id(ids.IDENTITY_PROVIDER)
        ),
        lambda one, _: IdentityProviderView.of(one, call),
    )


@door("PATCH", "/v1/identity-providers/{id:str}", body=IdentityProviderPatch,
      answer=IdentityProviderView, refusals=(Forbidden, NotFound, Stale), tag=TAG)  # fmt: skip
async def change_provider(call: NamedDependency[Call]) -> Response[bytes]:
    """Change a provider; switched off, the sign-ins it vouched for end."""
    body = call.body(IdentityProviderPatch)
    return await call.ask(
        lambda db, caller: identity_providers.change_provider(
            db,
            caller,
            provider_id=call.id(ids.IDENTITY_PROVIDER),
            if_match=call.if_match,
            change=lambda: body().change(),
            now=call.now,
        ),
        lambda one, _: IdentityProviderView.of(one, call),
    )


@door("DELETE", "/v1/identity-providers/{id:str}", answer=None, status=204,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def delete_provider(call: NamedDependency[Call]) -> Response[bytes]:
    """Forget a provider; the sign-ins it vouched for end, the people stay."""
    return await call.ask(
        lambda db, caller: identity_providers.delete_provider(
            db, caller, provider_id=call.id(ids.IDENTITY_PROVIDER), now=call.now
        ),
        lambda _, __: None,
    )


def _with_openid(scopes: list[str]) -> list[str]:
    """Put in the scope without which no provider tells who somebody is (OpenID Core §3.1.2.1)."""
    return list(dict.fromkeys(("openid", *scopes)))


ROUTES = (create_provider, list_providers, show_provider, change_provider, delete_provider)
