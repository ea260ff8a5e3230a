"""What holds besides: reminders and escalations have their time, rooms and entries agree."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from interpreters.domain.reminders import next_reminder
from worlds import World

ENTRIES: Final[Mapping[str, set[tuple[str, ...]]]] = {
    "completed": {("session",)},
    "client_no_show": {("client_no_show",)},
    "cancelled": {(), ("late_cancellation",)},
}


async def check_the_clock(world: World) -> None:
    """Once everything due was done: nobody's reminder and nobody's escalation is forgotten."""
    due = {(one["kind"], one["id"]): one["at"] for one in await world.rows("due")}
    for one in await world.rows("bookings"):
        if one["state"] == "confirmed":
            planned = next_reminder(one["session"].lower, one["time_zone"], world.now)
            assert due.get(("reminder", one["id"])) == (planned and planned.at)
    searched = {
        one["request_id"] for one in await world.rows("request_seats") if one["state"] == "open"
    }
    for one in await world.rows("requests"):
        ends = one["session"].upper if one["starts_now"] else one["session"].lower
        if one["id"] in searched and world.now < ends:
            urgent = one["session"].lower - timedelta(hours=2)
            latest = max(world.now, urgent) + timedelta(minutes=5)
            assert due[("urgent", one["id"])] <= latest, "nobody would be called"


async def check_entries(world: World) -> None:
    """Each booking that is over has the entries of its end, and no other."""
    kinds: defaultdict[UUID, list[str]] = defaultdict(list)
    for one in await world.rows("usage_entries"):
        kinds[one["booking_id"]].append(one["kind"])
    for one in await world.rows("bookings"):
        assert tuple(kinds[one["id"]]) in ENTRIES.get(one["state"], {()})


async def check_rooms(world: World) -> None:
    """Whoever must not be met has the room as long as their session takes, and nobody else."""
    uses = {one["request_id"]: one["used"] for one in await world.rows("room_uses")}
    sessions: defaultdict[UUID, list[Any]] = defaultdict(list)
    for one in await world.rows("bookings"):
        if one["state"] in ("held", "confirmed", "in_progress"):
            sessions[one["request_id"]].append(one["session"])
    for one in await world.rows("requests"):
        if one["room_id"] is None or one["state"] in ("cancelled", "closed"):
            assert one["id"] not in uses
            continue
        used = uses[one["id"]]
        for session in sessions[one["id"]]:
            assert used.lower <= session.lower
            assert session.upper <= used.upper
