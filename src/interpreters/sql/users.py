"""Every statement about the `users` table: people who sign in. Names and addresses are sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import asyncpg
import msgspec

from interpreters.database import Db, Row, constraint_of
from interpreters.domain.callers import Role
from interpreters.domain.errors import NotFound
from interpreters.domain.notices_to_people import Choice
from interpreters.vault import vault_of


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A person who signs in, with one role or several.

    `institution_id` is a consultant's, `interpreter_id` an interpreter's own; `joined_at` the
    first time they signed in.
    """

    id: UUID
    display_name: str | None = None
    email: str | None = None
    phone: str | None = None
    language: str | None = None
    roles: Sequence[Role]
    institution_id: UUID | None = None
    interpreter_id: UUID | None = None
    identity_provider_id: UUID | None = None
    provider_subject: str | None = None
    active: bool = True
    invited_at: datetime | None = None
    joined_at: datetime | None = None
    created_at: datetime
    version: int = 1
    notify: Choice | None = None


# $1 network_id, $2 id, $3 display_name, $4 email, $5 phone, $6 email_mark, $7 phone_mark,
# $8 language, $9 roles, $10 institution_id, $11 interpreter_id, $12 identity_provider_id,
# $13 provider_subject, $14 active, $15 invited_at, $16 joined_at, $17 created_at, $18 version,
# $19 notify
INSERT: Final[LiteralString] = """
    INSERT INTO users (network_id, id, display_name, email, phone, email_mark, phone_mark, language,
                       roles, institution_id, interpreter_id, identity_provider_id,
                       provider_subject, active, invited_at, joined_at, created_at, version,
                       notify)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19::text::jsonb)
    ON CONFLICT DO NOTHING
    RETURNING id
"""


async def insert(db: Db, *, network_id: UUID, user: User) -> bool:
    """Add a user; False when the interpreter, or the provider's subject, is a user already.

    Raises:
        NotFound: the network has no such institution or interpreter.
    """
    try:
        made = await db.fetchval(INSERT, network_id, *_values(db, network_id, user))
    except asyncpg.ForeignKeyViolationError as error:
        raise NotFound from error
    return made is not None


# $1 network_id, $2 id
FIND: Final[LiteralString] = """
    SELECT u.id, u.display_name, u.email, u.phone, u.language, u.roles, u.institution_id,
           u.interpreter_id, u.identity_provider_id, u.provider_subject, u.active, u.invited_at,
           u.joined_at, u.created_at, u.version, u.notify
    FROM users u
    WHERE u.network_id = $1 AND u.id = $2
"""


async def find(db: Db, *, network_id: UUID, user_id: UUID) -> User | None:
    """Return the user, if the network has them."""
    row = await db.fetchrow(FIND, network_id, user_id)
    return None if row is None else _user(db, network_id, row)


# $1 network_id, $2 email marks, $3 phone marks
OF_ADDRESS: Final[LiteralString] = """
    SELECT u.id, u.display_name, u.email, u.phone, u.language, u.roles, u.institution_id,
           u.interpreter_id, u.identity_provider_id, u.provider_subject, u.active, u.invited_at,
           u.joined_at, u.created_at, u.version, u.notify
    FROM users u
    WHERE u.network_id = $1 AND (u.email_mark = ANY ($2) OR u.phone_mark = ANY ($3))
    ORDER BY u.id
"""


async def of_email(db: Db, *, network_id: UUID, email: str) -> list[User]:
    """Return whoever has the e-mail address: several people may read one mailbox."""
    marks = vault_of(db).marks(network_id, email.casefold())
    rows = await db.fetch(OF_ADDRESS, network_id, marks, [])
    return [_user(db, network_id, row) for row in rows]


async def of_phone(db: Db, *, network_id: UUID, phone: str) -> list[User]:
    """Return whoever has the telephone number (E.164)."""
    marks = vault_of(db).marks(network_id, phone)
    rows = await db.fetch(OF_ADDRESS, network_id, [], marks)
    return [_user(db, network_id, row) for row in rows]


# $1 network_id, $2 interpreter_id
OF_INTERPRETER: Final[LiteralString] = """
    SELECT u.id, u.display_name, u.email, u.phone, u.language, u.roles, u.institution_id,
           u.interpreter_id, u.identity_provider_id, u.provider_subject, u.active, u.invited_at,
           u.joined_at, u.created_at, u.version, u.notify
    FROM users u
    WHERE u.network_id = $1 AND u.interpreter_id = $2
"""


async def of_interpreter(db: Db, *, network_id: UUID, interpreter_id: UUID) -> User | None:
    """Return the user an interpreter signs in as, if they ever did."""
    row = await db.fetchrow(OF_INTERPRETER, network_id, interpreter_id)
    return None if row is None else _user(db, network_id, row)


# $1 network_id, $2 identity_provider_id, $3 provider_subject
OF_SUBJECT: Final[LiteralString] = """
    SELECT u.id, u.display_name, u.email, u.phone, u.language, u.roles, u.institution_id,
           u.interpreter_id, u.identity_provider_id, u.provider_subject, u.active, u.invited_at,
           u.joined_at, u.created_at, u.version, u.notify
    FROM users u
    WHERE u.network_id = $1 AND u.identity_provider_id = $2 AND u.provider_subject = $3
"""


async def of_subject(
    db: Db, *, network_id: UUID, identity_provider_id: UUID, subject: str
) -> User | None:
    """Return the user an OpenID provider knows by `subject`."""
    row = await db.fetchrow(OF_SUBJECT, network_id, identity_provider_id, subject)
    return None if row is None else _user(db, network_id, row)


# $1 network_id, $2 role (null = any), $3 active (null = any), $4 institution_id (null = any),
# $5 before this id (null = from the newest), $6 limit
PAGE: Final[LiteralString] = """
    SELECT u.id, u.display_name, u.email, u.phone, u.language, u.roles, u.institution_id,
           u.interpreter_id, u.identity_provider_id, u.provider_subject, u.active, u.invited_at,
           u.joined_at, u.created_at, u.version, u.notify
    FROM users u
    WHERE u.network_id = $1 AND ($2::text IS NULL OR $2 = ANY (u.roles))
      AND ($3::boolean IS NULL OR u.active = $3)
      AND ($4::uuid IS NULL OR u.institution_id = $4) AND ($5::uuid IS NULL OR u.id < $5)
    ORDER BY u.id DESC LIMIT $6
"""


async def page(
    db: Db,
    *,
    network_id: UUID,
    role: str | None,
    active: bool | None,
    institution_id: UUID | None,
    before: UUID | None,
    limit: int,
) -> list[User]:
    """Return a page of users, newest first."""
    rows = await db.fetch(PAGE, network_id, role, active, institution_id, before, limit)
    return [_user(db, network_id, row) for row in rows]


# $1 network_id, $2 id, $3 display_name, $4 email, $5 phone, $6 email_mark, $7 phone_mark,
# $8 language, $9 roles, $10 institution_id, $11 interpreter_id, $12 identity_provider_id,
# $13 provider_subject, $14 active, $15 invited_at, $16 joined_at, $17 created_at, $18 version,
# $19 notify
UPDATE: Final[LiteralString] = """
    UPDATE users AS u SET display_name = $3, email = $4, phone = $5, email_mark = $6,
           phone_mark = $7, language = $8, roles = $9, institution_id = $10, interpreter_id = $11,
           identity_provider_id = $12, provider_subject = $13, active = $14, invited_at = $15,
           joined_at = $16, created_at = $17, version = $18, notify = $19::text::jsonb
    WHERE u.network_id = $1 AND u.id = $2 AND u.version = $18 - 1
    RETURNING u.id
"""


async def update(db: Db, *, network_id: UUID, user: User) -> bool:
    """Store a user as changed, one version on; False when somebody else changed them meanwhile.

    Raises:
        NotFound: the network has no such institution or interpreter.
        InterpreterHasUser: another user is this interpreter already.
    """
    try:
        return await db.fetchval(UPDATE, network_id, *_values(db, network_id, user)) is not None
    except asyncpg.ForeignKeyViolationError as error:
        raise NotFound from error
    except asyncpg.UniqueViolationError as error:
        if constraint_of(error) == "users_interpreter_is_one":
            return False
        raise


# $1 network_id, $2 role
LOCK_ACTIVE: Final[LiteralString] = """
    SELECT u.id FROM users u
    WHERE u.network_id = $1 AND u.active AND $2 = ANY (u.roles)
    ORDER BY u.id FOR NO KEY UPDATE
"""


async def lock_active(db: Db, *, network_id: UUID, role: Role) -> frozenset[UUID]:
    """Return who is active in the role, and keep others from changing any of them meanwhile."""
    return frozenset(row["id"] for row in await db.fetch(LOCK_ACTIVE, network_id, role))


# $1 network_id, $2 role
ACTIVE: Final[LiteralString] = """
    SELECT u.id FROM users u
    WHERE u.network_id = $1 AND u.active AND $2 = ANY (u.roles)
    ORDER BY u.id
"""


async def active(db: Db, *, network_id: UUID, role: Role) -> list[UUID]:
    """Return who is active in the role, the earliest first."""
    return [row["id"] for row in await db.fetch(ACTIVE, network_id, role)]


def _values(db: Db, network_id: UUID, user: User) -> tuple[object, ...]:
    vault = vault_of(db)
    email, phone = user.email, user.phone
    return (
        user.id,
        vault.seal_or_none(network_id, user.display_name),
        vault.seal_or_none(network_id, email),
        vault.seal_or_none(network_id, phone),
        None if email is None else vault.mark(network_id, email.casefold()),
        None if phone is None else vault.mark(network_id, phone),
        user.language,
        list(user.roles),
        user.institution_id,
        user.interpreter_id,
        user.identity_provider_id,
        user.provider_subject,
        user.active,
        user.invited_at,
        user.joined_at,
        user.created_at,
        user.version,
        None if user.notify is None else msgspec.json.encode(user.notify).decode(),
    )


def _user(db: Db, network_id: UUID, row: Row) -> User:
    vault = vault_of(db)
    sealed: dict[str, Any] = {
        name: vault.unseal_or_none(network_id, row[name])
        for name in ("display_name", "email", "phone")
    }
    notify = None if row["notify"] is None else msgspec.json.decode(row["notify"])
    return User(**{**row, **sealed, "notify": notify})
