"""The pool, the transaction, and what the database says when it refuses."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar
from uuid import UUID

import asyncpg
import stamina
from asyncpg.pool import PoolConnectionProxy

Db: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Row: TypeAlias = asyncpg.Record
T = TypeVar("T")
if TYPE_CHECKING:
    PlainConnection = asyncpg.Connection[asyncpg.Record]
else:  # generic in its stubs only
    PlainConnection = asyncpg.Connection

# A deadlock or a serialisation failure is nobody's fault: the same work is tried again.
TRANSIENT: Final = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
GONE: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a statement on a connection whose server was just killed
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    OSError,
    TimeoutError,
)
# It is there and takes too long: nothing was stored, and the same call may be tried again.
TOO_LONG: Final = asyncpg.QueryCanceledError
BUSY: Final = (TOO_LONG, asyncpg.LockNotAvailableError, *TRANSIENT)
_CONSTRAINT: Final = re.compile(r'constraint "([a-z_0-9]+?)(?:_\d{6,})?"')


class _Connection(PlainConnection):
    """A connection that is not reset on release: no session state is ever set on it."""

    vault: object = None  # what seals; interpreters.vault.vault_of gives it back
    patience: float | None = None  # seconds to wait for an answer, where it is longer than usual

    def get_reset_query(self) -> str:
        return ""

    async def fetch(self, query: str, *args: Any, **options: Any) -> Any:
        if self.patience is not None:
            options.setdefault("timeout", self.patience)
        return await super().fetch(query, *args, **options)

    async def reset(self, **options: Any) -> None:
        """Forget the patience of who had it before; the pool calls this on release."""
        self.patience = None
        await super().reset(**options)

    def be_patient(self, seconds: float) -> None:
        self.patience = seconds


async def open_pool(
    dsn: str,
    *,
    vault: object,
    size: int = 4,
    statement_timeout_seconds: float = 10.0,
    durable: bool = True,
) -> Pool:
    """Open `size` connections and check that the wall holds for their role.

    `vault` seals what is stored through them; each connection carries it.
    `durable=False` commits without waiting for the disk: for seeding sample data only.

    Raises:
        RuntimeError: the role is a superuser, passes row-level security or owns the tables.
    """

    async def give_vault(connection: Any) -> None:
        connection.vault = vault

    pool = await asyncpg.create_pool(
        dsn,
        init=give_vault,
        min_size=size,
        max_size=size,
        connection_class=_Connection,
        server_settings=_server_settings(statement_timeout_seconds, durable=durable),
        command_timeout=statement_timeout_seconds * 2,
        max_inactive_connection_lifetime=0,
    )
    fault = await _role_fault(pool)
    if fault:
        await pool.close()
        raise RuntimeError(fault)
    return pool


def _server_settings(timeout_seconds: float, *, durable: bool) -> dict[str, str]:
    settings = {
        "application_name": "interpreters",
        "statement_timeout": str(int(timeout_seconds * 1000)),
        "lock_timeout": str(int(timeout_seconds * 500)),
        "idle_in_transaction_session_timeout": "60000",
        # Every statement is small; compiling it or sharing it out costs more than it saves.
        "jit": "off",
        "max_parallel_workers_per_gather": "0",
    }
    return settings if durable else {**settings, "synchronous_commit": "off"}


_ROLE: Final = """
    SELECT rolname, rolsuper, rolbypassrls,
           EXISTS (SELECT 1 FROM pg_class c WHERE c.relname = 'networks'
                   AND pg_has_role(current_user, c.relowner, 'MEMBER')) AS owns
    FROM pg_roles WHERE rolname = current_user
"""


async def _role_fault(pool: Pool) -> str | None:
    row = await pool.fetchrow(_ROLE)
    if row is None or row["rolsuper"] or row["rolbypassrls"] or row["owns"]:
        name = "unknown" if row is None else row["rolname"]
        return (
            f"INTERPRETERS_DATABASE_URL: the role {name!r} is a superuser, bypasses row-level "
            "security or owns the tables; connect as a plain role that is a member of "
            "interpreters_app, and give the owner's address to `migrate` as "
            "INTERPRETERS_OWNER_DATABASE_URL"
        )
    return None


@asynccontextmanager
async def transaction(pool: Pool, network_id: UUID) -> AsyncIterator[Db]:
    """Open one transaction inside one network; commit on success, roll back otherwise.

    BEGIN and the network travel in one round trip. Only a UUID object is ever put in the text.
    """
    async with pool.acquire(timeout=10) as db:
        await db.execute(f"BEGIN; SELECT enter('{UUID(int=network_id.int)}')")
        try:
            yield db
        except BaseException:
            if not db.is_closed():
                await db.execute("ROLLBACK")
            raise
        else:
            await db.execute("COMMIT")


async def take_time(db: Db, *, seconds: int) -> None:
    """Let the reading of this transaction take so long: its statements, and waiting for them."""
    await db.execute("SELECT set_config('statement_timeout', $1, true)", f"{seconds}s")
    db.be_patient(seconds + 10.0)  # type: ignore[union-attr]  # our own; the driver's class knows no such name


async def enter(db: Db, network_id: UUID) -> None:
    """Go over to another network, until the transaction ends or goes over again."""
    await db.execute("SELECT enter($1)", network_id)


async def retried(work: Callable[[], Awaitable[T]]) -> T:
    """Run `work`, again after a deadlock or serialisation failure, at most four times."""
    async for attempt in stamina.retry_context(
        on=TRANSIENT, attempts=4, wait_initial=0.01, wait_max=0.2, wait_jitter=0.05
    ):
        with attempt:
            return await work()
    raise AssertionError("unreachable: the last attempt returns or raises")


def constraint_of(error: asyncpg.PostgresError) -> str:
    """Return the name of the constraint that refused, without a shard's suffix, or ''.

    Read from the message: a distributed database leaves the field empty.
    """
    found = _CONSTRAINT.search(str(error))
    return found.group(1) if found else ""


def affected(tag: Any) -> int:
    """Return the number of rows of a command tag such as `UPDATE 3`."""
    tail = str(tag).rsplit(" ", 1)[-1]
    return int(tail) if tail.isdigit() else 0
