"""What else people do in a small world: series, longer sessions, conflicts, rooms, standing by."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from interpreters.application import (
    booking_changes,
    giving_back,
    requests,
    series_changes,
    sites,
    standby,
)
from interpreters.application.cancelling import Why
from interpreters.application.deliveries import CHANNELS
from interpreters.application.interpreters import change_interpreter
from interpreters.application.people_messages import Outgoing
from interpreters.application.request_orders import ClientOrder, RequestOrder
from interpreters.application.series_changes import Scope
from interpreters.application.told_people import People
from interpreters.jobs import deliveries, ladders, reminders, urgent
from interpreters.jobs.relay import Job
from worlds import World

OUT: Final = Outgoing(base_url="http://localhost", ways=frozenset({"mail"}))
JOBS: Final[Mapping[str, Job]] = {
    "ladder": ladders.step,
    "offers": ladders.expire,
    "urgent": urgent.step,
    "reminder": reminders.reminder(OUT),
    "outbox": deliveries.deliverer((*CHANNELS, People(OUT))),
}


async def do_all_that_is_due(world: World) -> int:
    """Run every job of a worker that is due by now, once; return how many those were.

    Not those that send to somebody outside.
    """
    due = [one for one in await world.rows("due") if one["kind"] in JOBS and one["at"] <= world.now]
    for one in sorted(due, key=lambda one: one["at"]):
        await JOBS[one["kind"]](
            world.pool, network_id=world.network_id, id=one["id"], clock=lambda: world.now
        )
    return len(due)


async def order(world: World, **fields: Any) -> UUID:
    """Ask for Dari, with these fields of an order; return the request's id."""
    whole = RequestOrder(
        **{
            "institution_id": world.institution,
            "languages": ("prs",),
            "modes": ("phone",),
            "duration_minutes": 60,
            "clients": (ClientOrder(reference="LV-1042"),),
            "topic": "health",
            **fields,
        }
    )
    made = await world.do(
        lambda db: requests.create_request(db, world.house, order=lambda: whole, now=world.now)
    )
    return made.request.id


async def a_room(world: World) -> UUID:
    """Give the site in Riga a room; return its id."""
    changed = await world.do(
        lambda db: sites.change_site(
            db, world.house, institution_id=world.institution, site_id=world.sites["riga"],
            if_match=None, change=lambda: {"rooms": ("Blue",)}, now=world.now,
        )
    )  # fmt: skip
    found: UUID = changed.rooms[0].id
    return found


def two_parties(starts_at: datetime) -> list[dict[str, str]]:
    """Return two who must not meet, the first of them ten minutes before the start."""
    minute = timedelta(minutes=1)
    return [
        {"reference": "P-1", "arrives_at": (starts_at - 10 * minute).isoformat()},
        {"reference": "Q-1", "arrives_at": (starts_at + 5 * minute).isoformat()},
    ]


async def leave(world: World, booking_id: UUID, code: str) -> Any:
    """Give a booking back, or break its session off, for a reason of the list."""
    return await world.do(
        lambda db: giving_back.give_back(
            db, world.house, booking_id=booking_id, now=world.now,
            why=lambda: Why(reason="x", reason_code=code),
        )
    )  # fmt: skip


async def stand_by(world: World, offer: Mapping[str, Any]) -> None:
    """Note a late yes, as the doors do after a refusal."""
    caller, now = world.interpreter(offer["interpreter_id"]), world.now
    await world.do(lambda db: standby.note_standby(db, caller, offer_id=offer["id"], now=now))


async def extend(world: World, booking_id: UUID, minutes: int) -> Any:
    """Make a session longer."""
    return await world.do(
        lambda db: booking_changes.extend(
            db, world.house, booking_id=booking_id, minutes=lambda: minutes, now=world.now
        )
    )


async def choose(world: World, interpreter_id: UUID, *, auto_assign: bool) -> Any:
    """Say whether somebody need not be asked."""
    return await world.do(
        lambda db: change_interpreter(
            db, world.house, interpreter_id=interpreter_id, if_match=None,
            change=lambda: {"auto_assign": auto_assign},
        )
    )  # fmt: skip


async def cancel_dates(world: World, request_id: UUID, scope: Scope) -> Any:
    """Call a date of a series off, or more of them."""
    return await world.do(
        lambda db: series_changes.cancel_requests(
            db, world.house, request_id=request_id, scope=_is(scope), now=world.now,
            why=lambda: Why(reason="not needed"),
        )
    )  # fmt: skip


async def move_dates(world: World, request_id: UUID, scope: Scope, starts_at: datetime) -> Any:
    """Move a date of a series, or more of them."""
    return await world.do(
        lambda db: series_changes.change_requests(
            db, world.house, request_id=request_id, if_match=None, scope=_is(scope),
            change=lambda: {"starts_at": starts_at}, now=world.now,
        )
    )  # fmt: skip


def _is(scope: Scope) -> Callable[[], Scope]:
    return lambda: scope
