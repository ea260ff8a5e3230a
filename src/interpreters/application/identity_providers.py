"""OpenID providers that people may sign in with: an institution's own, or the network's."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import SCOPES, Caller, Role, permit
from interpreters.domain.errors import FieldError, Forbidden, Invalid, NotFound, Refusal, Stale
from interpreters.domain.ids import new_id
from interpreters.domain.provider_claims import GroupRoles, may_give, roles_spoken_of
from interpreters.gateways.providers import Providers
from interpreters.sql import audit, identity_providers, institutions, sign_ins
from interpreters.sql.identity_providers import IdentityProvider

__all__ = [
    "IdentityProvider",
    "ProviderOrder",
    "change_provider",
    "create_provider",
    "delete_provider",
    "list_providers",
    "show_provider",
]


class ProviderOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A new provider; no secret means that we are a public client there."""

    name: str
    issuer: str
    client_id: str
    client_secret: str | None = None
    institution_id: UUID | None = None
    scopes: Sequence[str]
    groups_claim: str
    group_roles: GroupRoles
    default_roles: Sequence[Role]


async def create_provider(
    db: Db,
    caller: Caller,
    *,
    providers: Providers,
    order: Callable[[], ProviderOrder],
    now: datetime,
) -> IdentityProvider:
    """Let people sign in with a provider.

    Raises:
        Forbidden: only coordinators may, and never for roles that may do more than they.
        Invalid: the issuer cannot be called, there is no such institution, a role is not its to
            give.
    """
    permit(caller, "users:write", "coordinator")
    wanted = order()
    errors = [
        *_issuer_errors(providers, wanted.issuer),
        *_role_errors(wanted.institution_id, wanted.group_roles, wanted.default_roles),
    ]
    if wanted.institution_id is not None and not await institutions.find(
        db, network_id=caller.network_id, institution_id=wanted.institution_id
    ):
        errors.append(
            FieldError(
                pointer="/institution_id", code="unknown-institution", detail="There is none such"
            )
        )
    if errors:
        raise Invalid(errors)
    made = IdentityProvider(id=new_id(now), created_at=now, **msgspec.structs.asdict(wanted))
    _check_maker(caller, made)
    await identity_providers.insert(db, network_id=caller.network_id, provider=made)
    await _note(db, caller, "created", made.id, now)
    return made


async def show_provider(db: Db, caller: Caller, *, provider_id: UUID) -> IdentityProvider:
    """Return one provider.

    Raises:
        Forbidden: only coordinators see them.
        NotFound: there is none such.
    """
    permit(caller, "users:read", "coordinator")
    return await _found(db, caller, provider_id)


async def list_providers(
    db: Db, caller: Caller, *, page: Callable[[], tuple[UUID | None, int]]
) -> list[IdentityProvider]:
    """Return a page of providers, newest first.

    Raises:
        Forbidden: only coordinators see them.
    """
    permit(caller, "users:read", "coordinator")
    before, limit = page()
    return await identity_providers.page(
        db, network_id=caller.network_id, before=before, limit=limit
    )


async def change_provider(
    db: Db,
    caller: Caller,
    *,
    provider_id: UUID,
    if_match: int | None,
    change: Callable[[], Mapping[str, Any]],
    now: datetime,
) -> IdentityProvider:
    """Change the given fields; one that is switched off ends the sign-ins it vouched for.

    Issuer and institution stay: whom a provider means by a subject holds only within an issuer.

    Raises:
        Forbidden: only coordinators may, and never for roles that may do more than they.
        NotFound: there is none such.
        Stale: it was changed since the version in If-Match.
        Invalid: a role is not its to give.
    """
    permit(caller, "users:write", "coordinator")
    found = await _found(db, caller, provider_id)
    if if_match not in (None, found.version):
        raise Stale
    changed = msgspec.structs.replace(found, **change(), version=found.version + 1)
    errors = list(_role_errors(found.institution_id, changed.group_roles, changed.default_roles))
    if errors:
        raise Invalid(errors)
    _check_maker(caller, changed)
    if not await identity_providers.update(db, network_id=caller.network_id, provider=changed):
        raise Stale
    if not changed.active:
        await _end_sign_ins(db, caller, provider_id, now)
    await _note(db, caller, "changed", provider_id, now)
    return changed


async def delete_provider(db: Db, caller: Caller, *, provider_id: UUID, now: datetime) -> None:
    """Forget a provider; the sign-ins it vouched for end, the people stay.

    Raises:
        Forbidden: only coordinators may.
        NotFound: there is none such.
    """
    permit(caller, "users:write", "coordinator")
    await _found(db, caller, provider_id)
    await _end_sign_ins(db, caller, provider_id, now)
    await identity_providers.delete(db, network_id=caller.network_id, provider_id=provider_id)
    await _note(db, caller, "deleted", provider_id, now)


async def _found(db: Db, caller: Caller, provider_id: UUID) -> IdentityProvider:
    found = await identity_providers.find(db, network_id=caller.network_id, provider_id=provider_id)
    if found is None:
        raise NotFound
    return found


def _issuer_errors(providers: Providers, issuer: str) -> Iterator[FieldError]:
    """Refuse what is no issuer (OpenID Connect Discovery 1.0 §3), or must not be called."""
    try:
        providers.check(issuer)
    except Refusal as refusal:
        yield FieldError(pointer="/issuer", code=refusal.code, detail=str(refusal))
        return
    parts = urlsplit(issuer)
    if parts.query or parts.fragment or "?" in issuer or "#" in issuer:
        yield FieldError(
            pointer="/issuer", code="invalid", detail="An issuer has no query and no fragment"
        )


def _role_errors(
    institution_id: UUID | None, group_roles: GroupRoles, default_roles: Sequence[Role]
) -> Iterator[FieldError]:
    allowed = may_give(institution_id)
    listed = {"/default_roles": default_roles} | {
        f"/group_roles/{group.replace('~', '~0').replace('/', '~1')}": roles
        for group, roles in group_roles.items()
    }
    for pointer, roles in listed.items():
        for place, role in enumerate(roles):
            if role not in allowed:
                yield FieldError(
                    pointer=f"{pointer}/{place}",
                    code="role-not-by-provider",
                    detail=f"This provider may give {' and '.join(sorted(allowed))} only",
                )


def _check_maker(caller: Caller, provider: IdentityProvider) -> None:
    """Whoever signs in by it has every scope of the role: so must whoever lets them."""
    for role in roles_spoken_of(provider.group_roles, provider.default_roles):
        if not caller.scopes.issuperset(SCOPES[role]):
            raise Forbidden("A provider never gives more scopes than its maker has")


async def _end_sign_ins(db: Db, caller: Caller, provider_id: UUID, now: datetime) -> None:
    await sign_ins.revoke_of_provider(
        db, network_id=caller.network_id, identity_provider_id=provider_id, now=now
    )


async def _note(db: Db, caller: Caller, action: str, provider_id: UUID, now: datetime) -> None:
    await audit.write(
        db, caller=caller, action=action, subject_kind="identity-provider",
        subject_ids=[provider_id], now=now,
    )  # fmt: skip
