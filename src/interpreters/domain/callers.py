"""Who calls: a role in one network, with an owner and scopes."""

from collections.abc import Collection, Sequence
from typing import Final, Literal, TypeAlias
from uuid import UUID

import msgspec

from interpreters.domain.errors import Forbidden

Role: TypeAlias = Literal["coordinator", "finance", "consultant", "institution", "interpreter"]
Mode: TypeAlias = Literal["live", "test"]

SCOPES: Final[dict[Role, tuple[str, ...]]] = {
    "coordinator": (
        "network:read", "network:write", "roster:read", "roster:write",
        "institutions:read", "institutions:write", "keys:write", "users:read", "users:write",
        "clients:read", "clients:write", "requests:read", "requests:write",
        "offers:read", "bookings:read", "bookings:write", "usage:read", "events:read",
        "audit:read", "webhooks:write", "tariffs:write", "disputes:write",
        "statements:write", "expenses:write",
    ),
    "finance": (
        "network:read", "institutions:read", "usage:read", "tariffs:write", "disputes:write",
        "statements:write", "expenses:write",
    ),
    "consultant": (
        "institutions:read", "clients:read", "clients:write", "requests:read", "requests:write",
        "bookings:read", "bookings:write", "usage:read", "events:read", "webhooks:write",
    ),
    "institution": (
        "institutions:read", "clients:read", "clients:write", "requests:read", "requests:write",
        "bookings:read", "bookings:write", "usage:read", "events:read", "webhooks:write",
    ),
    "interpreter": (
        "roster:read", "roster:write", "offers:read", "offers:write",
        "bookings:read", "bookings:write", "events:read",
    ),
}  # fmt: skip


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """One signed-in caller: software with a key, or a person (`user_id`) with a sign-in.

    A person may have several `roles`, and calls in one of them. Jobs and the command line have
    neither key nor user.
    """

    network_id: UUID
    role: Role
    scopes: frozenset[str]
    key_id: UUID | None = None
    user_id: UUID | None = None
    sign_in_id: UUID | None = None
    roles: Sequence[Role] = ()
    institution_id: UUID | None = None
    interpreter_id: UUID | None = None
    mode: Mode = "live"

    @property
    def owner_id(self) -> UUID | None:
        """Whose idempotency keys and records these are: the person's, or the key's."""
        return self.user_id or self.key_id

    @property
    def is_coordinator(self) -> bool:
        return self.role == "coordinator"


def role_of(roles: Collection[Role], wanted: str | None) -> Role:
    """Return the role a person calls in: the wanted one, else the first that may do most.

    Raises:
        Forbidden: the person does not have the wanted role.
    """
    for role in SCOPES:
        if role in roles and wanted in (None, role):
            return role
    raise Forbidden("You do not have this role")


def house(network_id: UUID) -> Caller:
    """Return the caller that jobs and the command line act as: a coordinator with every scope."""
    return Caller(
        network_id=network_id, role="coordinator", scopes=frozenset(SCOPES["coordinator"])
    )


def permit(caller: Caller, scope: str, *roles: Role) -> None:
    """Let pass a caller of one of `roles` (any role that knows the scope, if none) with `scope`.

    Raises:
        Forbidden: the role may never do this, or the key was not given the scope.
    """
    if roles and caller.role not in roles:
        raise Forbidden
    if scope not in caller.scopes:
        raise Forbidden(f"This needs the scope {scope}")
