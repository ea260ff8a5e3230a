"""A series over the night when clocks change: only what is meant is moved."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from interpreters.application import series_changes
from interpreters.database import Pool
from later_verbs import order
from worlds import World, a_world

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)


def utc(day: int, hour: int, minute: int) -> datetime:
    return datetime(2027, 3, day, hour, minute, tzinfo=UTC)


async def starts(world: World) -> list[datetime]:
    found = await world.rows("requests")
    return [one["session"].lower for one in sorted(found, key=lambda it: it["series_position"])]


async def change(world: World, position: int, **fields: Any) -> None:
    (named,) = [
        one["id"] for one in await world.rows("requests") if one["series_position"] == position
    ]
    await world.do(
        lambda db: series_changes.change_requests(
            db, world.house, request_id=named, if_match=None, scope=lambda: "all",
            change=lambda: fields, now=world.now,
        )
    )  # fmt: skip


async def nights(pool: Pool) -> World:
    """Ask for half past three in Riga on three days; the second has no such hour."""
    world = await a_world(pool, people=1)
    await order(world, starts_at=utc(27, 1, 30), recurrence="FREQ=DAILY;COUNT=3")
    assert await starts(world) == [utc(27, 1, 30), utc(28, 1, 30), utc(29, 0, 30)]
    return world


async def test_to_start_as_before_moves_no_date_also_where_the_clock_leaves_the_hour_out(
    pool: Pool,
) -> None:
    world = await nights(pool)
    await change(world, 2, starts_at=utc(28, 1, 30), duration_minutes=45)
    assert await starts(world) == [utc(27, 1, 30), utc(28, 1, 30), utc(29, 0, 30)]


async def test_an_hour_later_is_an_hour_later_by_the_clock_of_each_date(pool: Pool) -> None:
    world = await nights(pool)
    await change(world, 1, starts_at=utc(27, 2, 30))
    assert await starts(world) == [utc(27, 2, 30), utc(28, 1, 30), utc(29, 1, 30)]
