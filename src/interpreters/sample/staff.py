"""People of the sample network who sign in with a code, which the mailbox shows."""

from datetime import datetime
from typing import Final
from uuid import UUID

from interpreters.application.calls import run
from interpreters.application.users import UserFilter, UserOrder, create_user_with_link, list_users
from interpreters.database import Db, Pool
from interpreters.domain.callers import Role, house

COORDINATOR: Final = "coordinator@example.org"
STAFF: Final[dict[str, tuple[Role, ...]]] = {
    COORDINATOR: ("coordinator", "finance"),
    "finance@example.org": ("finance",),
    "consultant@example.org": ("consultant",),
}


async def add_staff(pool: Pool, *, network_id: UUID, institution_id: UUID, now: datetime) -> None:
    """Add whoever of them is not there; interpreters sign in as they stand on the roster."""
    caller = house(network_id)

    async def work(db: Db) -> None:
        found = await list_users(db, caller, wanted=UserFilter, page=lambda: (None, 200))
        known = {one.email for one in found}
        for email, roles in STAFF.items():
            if email not in known:
                order = UserOrder(
                    email=email,
                    display_name=f"Sample {roles[0]}",
                    roles=roles,
                    institution_id=institution_id if "consultant" in roles else None,
                )
                await create_user_with_link(db, caller, order=order, now=now)

    await run(pool, network_id, work)
