"""Who somebody is here whom a provider knows: found, linked to an invitation, or made; with roles.

The provider decides about the roles it speaks of, anew at each sign-in: whoever is in none of its
groups any more loses them, and with the last role every sign-in. Other roles are the
coordinators' and stay (docs/sign-in-openid.md).
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller, Role
from interpreters.domain.errors import Stale
from interpreters.domain.ids import new_id
from interpreters.domain.provider_claims import (
    may_vouch_for,
    roles_after,
    roles_given,
    roles_spoken_of,
)
from interpreters.sql import audit, identity_providers, sign_ins, users
from interpreters.sql.identity_providers import IdentityProvider
from interpreters.sql.users import User


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """A person as a provider tells of them. `email` is one that it has verified."""

    subject: str
    groups: Collection[str]
    email: str | None
    name: str | None

    def __repr__(self) -> str:
        """Nobody's name or address."""
        return "Identity()"


async def person_of(
    db: Db, *, network_id: UUID, provider: IdentityProvider, identity: Identity, now: datetime
) -> User | None:
    """Return the user to sign in, with the roles their groups give; None when they may not.

    Raises:
        Stale: somebody else changed them at the same moment.
    """
    given = roles_given(identity.groups, provider.group_roles, provider.default_roles)
    known = await users.of_subject(
        db, network_id=network_id, identity_provider_id=provider.id, subject=identity.subject
    )
    if known is not None:
        return await _refreshed(db, network_id, provider, known, identity, given, now)
    namesakes = await _own_people(db, network_id, provider, identity.email)
    invited = await _invited(db, network_id, namesakes)
    if invited is not None:
        return await _refreshed(db, network_id, provider, invited, identity, given, now)
    # whom the coordinators have shut out does not come in anew
    if not given or any(not one.active for one in namesakes):
        return None
    return await _made(db, network_id, provider, identity, given, now)


async def _refreshed(
    db: Db,
    network_id: UUID,
    provider: IdentityProvider,
    user: User,
    identity: Identity,
    given: Collection[Role],
    now: datetime,
) -> User | None:
    """Return the user with the roles their groups give now; None when they may not sign in."""
    if not user.active or not _is_own(provider, user):
        return None
    spoken_of = roles_spoken_of(provider.group_roles, provider.default_roles)
    after = roles_after(user.roles, given=given, spoken_of=spoken_of)
    is_new = user.identity_provider_id != provider.id
    if not after and is_new:  # an invitation is the coordinators' to take back
        return None
    if await _is_last_coordinator(db, network_id, user, after):
        return None
    changed = _linked(user, provider, identity, after)
    if changed != user:
        changed = await _store(db, network_id, user, changed, now)
    if not after:
        await sign_ins.revoke(db, network_id=network_id, user_id=user.id, sign_in_id=None, now=now)
        return None
    return changed


async def _own_people(
    db: Db, network_id: UUID, provider: IdentityProvider, email: str | None
) -> list[User]:
    """Return the provider's own people who read a mailbox."""
    if email is None:
        return []
    found = await users.of_email(db, network_id=network_id, email=email)
    return [one for one in found if _is_own(provider, one)]


async def _invited(db: Db, network_id: UUID, namesakes: Sequence[User]) -> User | None:
    """Return the one person who was invited and whom no provider knows yet."""
    found = [
        one
        for one in namesakes
        if one.active
        and one.invited_at is not None
        and not await _has_provider(db, network_id, one)
    ]
    return found[0] if len(found) == 1 else None


async def _has_provider(db: Db, network_id: UUID, user: User) -> bool:
    """Tell whether a provider knows the user that is still there itself."""
    if user.identity_provider_id is None:
        return False
    found = await identity_providers.find(
        db, network_id=network_id, provider_id=user.identity_provider_id
    )
    return found is not None


def _is_own(provider: IdentityProvider, user: User) -> bool:
    """Tell whether the user is one of the provider's own people, and nothing beyond."""
    own = user.institution_id == provider.institution_id or not user.roles
    return own and may_vouch_for(provider.institution_id).issuperset(user.roles)


async def _is_last_coordinator(db: Db, network_id: UUID, user: User, after: Sequence[Role]) -> bool:
    """Tell whether nobody would be left to set a wrong group right."""
    if "coordinator" not in user.roles or "coordinator" in after:
        return False
    active = await users.lock_active(db, network_id=network_id, role="coordinator")
    return not active - {user.id}


def _linked(
    user: User, provider: IdentityProvider, identity: Identity, roles: Sequence[Role]
) -> User:
    return msgspec.structs.replace(
        user,
        roles=list(roles) if set(roles) != set(user.roles) else user.roles,
        institution_id=provider.institution_id if "consultant" in roles else None,
        identity_provider_id=provider.id,
        provider_subject=identity.subject,
    )


async def _made(
    db: Db,
    network_id: UUID,
    provider: IdentityProvider,
    identity: Identity,
    given: Collection[Role],
    now: datetime,
) -> User:
    roles = roles_after((), given=given, spoken_of=())
    new = User(
        id=new_id(now), display_name=identity.name, email=identity.email, roles=roles,
        created_at=now,
    )  # fmt: skip
    made = _linked(new, provider, identity, roles)
    if not await users.insert(db, network_id=network_id, user=made):
        raise Stale
    await _note(db, network_id, made, roles[0], "created", now)
    return made


async def _store(db: Db, network_id: UUID, before: User, changed: User, now: datetime) -> User:
    following = msgspec.structs.replace(changed, version=before.version + 1)
    if not await users.update(db, network_id=network_id, user=following):
        raise Stale
    role = (*before.roles, *changed.roles)[0]
    await _note(db, network_id, changed, role, "changed", now)
    return following


async def _note(
    db: Db, network_id: UUID, user: User, role: Role, action: str, now: datetime
) -> None:
    themselves = Caller(network_id=network_id, role=role, scopes=frozenset(), user_id=user.id)
    await audit.write(
        db, caller=themselves, action=action, subject_kind="user", subject_ids=[user.id], now=now
    )
