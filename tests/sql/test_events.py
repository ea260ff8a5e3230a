"""The sequencer: places without gaps, and no transaction is ever skipped by a reader."""

import asyncio
import itertools
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.events import BATCH, changed_subjects, place_all, place_events
from interpreters.application.telling import tell
from interpreters.database import Db, Pool, transaction
from interpreters.domain.events import types_for
from interpreters.sql import events
from interpreters.sql.events import Changed, Event
from told import NOON, about_request, centre, chance, number, told

pytestmark = pytest.mark.anyio
ALL = types_for("coordinator")


async def place(pool: Pool, network_id: UUID, now: datetime = NOON) -> int:
    return await run(pool, network_id, lambda db: place_events(db, network_id=network_id, now=now))


async def read(
    pool: Pool, network_id: UUID, after: int = 0, limit: int = 1000, now: datetime = NOON
) -> list[Event]:
    """Read the feed as its door does."""

    async def work(db: Db) -> list[Event]:
        await place_all(db, network_id=network_id, now=now)
        return await events.feed(
            db, network_id=network_id, types=ALL, after_place=after,
            institution_id=None, interpreter_id=None, limit=limit,
        )  # fmt: skip

    return await run(pool, network_id, work)


async def changed(
    pool: Pool,
    network_id: UUID,
    *,
    since: datetime | None = None,
    after: int | None = None,
    limit: int = 1000,
    now: datetime = NOON,
    institution_id: UUID | None = None,
) -> list[Changed]:
    return await run(
        pool,
        network_id,
        lambda db: changed_subjects(
            db, network_id=network_id, kind="request", since=since, after_place=after,
            institution_id=institution_id, interpreter_id=None, limit=limit, now=now,
        ),
    )  # fmt: skip


async def test_places_start_at_one_and_keep_the_order_inside_a_transaction(pool: Pool) -> None:
    network_id = await centre(pool)
    await told(pool, network_id, *[about_request(kind=kind) for kind in ("created", "searching")])
    await told(pool, network_id, about_request(kind="filled"), now=NOON + timedelta(seconds=1))

    assert await place(pool, network_id) == 3
    found = await read(pool, network_id)

    assert [(one.place, one.type) for one in found] == [
        (1, "request.created"),
        (2, "request.searching"),
        (3, "request.filled"),
    ]
    assert await place(pool, network_id) == 0


async def test_who_waited_for_a_row_is_placed_after_whom_it_waited_for_whatever_the_clocks(
    pool: Pool,
) -> None:
    network_id = await centre(pool)
    subject = number()
    for seconds, kind in ((5, "searching"), (0, "filled"), (0, "changed"), (0, "cancelled")):
        now = NOON + timedelta(seconds=seconds)
        await told(pool, network_id, about_request(subject, kind=kind), now=now)

    kinds = [one.type.removeprefix("request.") for one in await read(pool, network_id)]

    assert kinds == ["searching", "filled", "changed", "cancelled"]


async def test_ids_rise_within_a_millisecond_and_when_the_clock_goes_back(pool: Pool) -> None:
    network_id = await centre(pool)
    for back in (0, 3600, 60, 0, 7200):
        now = NOON - timedelta(seconds=back)
        await told(pool, network_id, *[about_request() for _ in range(20)], now=now)
        await place(pool, network_id, now=now)

    found = await read(pool, network_id)

    assert [one.place for one in found] == list(range(1, 101))
    ids = [one.id for one in found]
    assert all(first < second for first, second in itertools.pairwise(ids))
    times = [one.placed_at for one in found]
    assert times == sorted(times)
    assert all(one.placed_at >= one.recorded_at for one in found)


async def test_at_most_500_are_placed_at_once_and_a_read_places_all(pool: Pool) -> None:
    network_id = await centre(pool)
    await told(pool, network_id, *[about_request() for _ in range(BATCH + 20)])

    assert await place(pool, network_id) == 500
    assert len(await read(pool, network_id)) == 520


async def test_where_nothing_waits_no_lock_is_asked_for(pool: Pool) -> None:
    network_id = await centre(pool)
    async with transaction(pool, network_id) as holder:
        await events.lock_places(holder, network_id=network_id)

        async with asyncio.timeout(2):
            assert await place(pool, network_id) == 0


async def test_networks_have_feeds_of_their_own(pool: Pool) -> None:
    one, other = await centre(pool, slug="one"), await centre(pool, slug="other")
    await told(pool, one, about_request())
    await told(pool, other, about_request())

    assert [event.place for event in await read(pool, one)] == [1]
    assert [event.place for event in await read(pool, other)] == [1]


async def test_a_transaction_begun_first_and_committed_last_is_read_last_and_not_skipped(
    pool: Pool,
) -> None:
    network_id = await centre(pool)
    slow, fast = about_request(), about_request()
    async with transaction(pool, network_id) as db:
        await tell(db, network_id=network_id, notices=[slow], now=NOON)
        later = NOON + timedelta(seconds=1)
        await told(pool, network_id, fast, now=later)
        seen = await read(pool, network_id, now=later)
        synced = await changed(pool, network_id, now=later)
        assert [one.subject_id for one in seen] == [fast.subject_id]
        assert [one.subject_id for one in synced] == [fast.subject_id]

    after = await read(pool, network_id, after=seen[-1].place, now=later)
    again = await changed(pool, network_id, after=synced[-1].place, now=later)
    by_time = await changed(pool, network_id, since=synced[-1].placed_at, now=later)

    assert [one.subject_id for one in after] == [slow.subject_id]
    assert [one.subject_id for one in again] == [slow.subject_id]
    assert slow.subject_id in [one.subject_id for one in by_time]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_slow_writers_and_a_fast_reader_nothing_is_skipped_and_nothing_comes_twice(
    pool: Pool, seed: int
) -> None:
    network_id = await centre(pool)
    subjects = [number() for _ in range(12)]
    clock = Clock(NOON)

    with chance(seed) as dice:

        async def write() -> None:
            for _ in range(15):
                now = clock.now + timedelta(milliseconds=dice.randint(-40, 40))
                clock.now += timedelta(milliseconds=dice.randint(0, 3))
                notices = [about_request(dice.choice(subjects)) for _ in range(dice.randint(1, 4))]
                async with transaction(pool, network_id) as db:
                    await tell(db, network_id=network_id, notices=notices, now=now)
                    await asyncio.sleep(dice.uniform(0, 0.01))

        async with asyncio.TaskGroup() as group:
            writing = [group.create_task(write()) for _ in range(2)]
            followed: list[int] = []
            synced: dict[object, int] = {}  # by place, page after page
            timed: dict[object, int] = {}  # by time, from the newest time that was seen
            after, since = 0, None
            done = False
            while not done:
                done = all(one.done() for one in writing)
                page = await read(
                    pool, network_id, after=(followed or [0])[-1], limit=3, now=clock.now
                )
                followed += [one.place for one in page]
                moved = await changed(pool, network_id, after=after, limit=3, now=clock.now)
                synced |= {one.subject_id: one.place for one in moved}
                after = moved[-1].place if moved else after
                recent = await changed(pool, network_id, since=since, now=clock.now)
                timed |= {one.subject_id: one.place for one in recent}
                since = recent[-1].placed_at if recent else since
                done = done and not page and not moved

        everything = await read(pool, network_id)
        newest = {one.subject_id: one.place for one in everything}
        assert followed == list(range(1, len(everything) + 1))
        assert synced == newest
        assert timed == newest


async def test_many_sequencers_at_once_leave_no_gap_and_place_nothing_twice(pool: Pool) -> None:
    network_id = await centre(pool)

    async def write_and_place() -> None:
        for _ in range(10):
            await told(pool, network_id, about_request(), about_request())
            await place(pool, network_id)

    await asyncio.gather(*[write_and_place() for _ in range(4)])
    found = await read(pool, network_id)

    assert [one.place for one in found] == list(range(1, 81))
    assert len({one.subject_id for one in found}) == 80


async def test_a_subject_is_listed_once_at_its_latest_event_and_pages_ascend(pool: Pool) -> None:
    network_id = await centre(pool)
    first, second, third = number(), number(), number()
    for subject in (first, second, third, first):
        await told(pool, network_id, about_request(subject))

    found = await changed(pool, network_id, limit=2)
    rest = await changed(pool, network_id, after=found[-1].place, limit=2)

    assert [one.subject_id for one in found] == [second, third]
    assert [one.subject_id for one in rest] == [first]


async def test_an_instant_is_included_and_what_was_before_it_is_not(pool: Pool) -> None:
    network_id = await centre(pool)
    for minutes in (0, 1, 2):
        now = NOON + timedelta(minutes=minutes)
        await told(pool, network_id, about_request(), now=now)
        await place(pool, network_id, now=now)
    at = NOON + timedelta(minutes=1)

    assert [one.place for one in await changed(pool, network_id, since=at)] == [2, 3]
    past = NOON + timedelta(minutes=3)
    assert await changed(pool, network_id, since=past) == []


async def test_an_institution_is_told_of_its_own_subjects_only(pool: Pool) -> None:
    network_id = await centre(pool)
    school, court = number(), number()
    ours, theirs = about_request(institution_id=school), about_request(institution_id=court)
    await told(pool, network_id, ours, theirs)

    found = await changed(pool, network_id, institution_id=school)

    assert [one.subject_id for one in found] == [ours.subject_id]


async def test_going_on_from_the_time_of_what_was_read_misses_nothing_when_clocks_differ(
    pool: Pool,
) -> None:
    network_id = await centre(pool)
    ahead, behind = about_request(), about_request()
    at = NOON + timedelta(seconds=10)
    await told(pool, network_id, ahead, now=at)
    await place(pool, network_id, now=NOON)  # by somebody whose clock is behind the writer's
    await told(pool, network_id, behind, now=NOON + timedelta(seconds=5))

    found = await changed(pool, network_id, since=at, now=NOON + timedelta(seconds=6))

    assert behind.subject_id in [one.subject_id for one in found]
