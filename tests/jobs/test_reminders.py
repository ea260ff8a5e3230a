"""Reminders: the day before at nine by the place's clock, and an hour before the session."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from api import serving
from centre import START, Centre
from conftest import Clock
from interpreters.application.calls import run
from interpreters.database import Db, Pool
from interpreters.domain.ids import BOOKING, REQUEST, read_id
from interpreters.domain.reminders import next_reminder, reminder_now, reminders_of
from interpreters.domain.windows import Window
from interpreters.sql import bookings
from people_post import Post
from told import about_request, told

pytestmark = pytest.mark.anyio
RIGA = "Europe/Riga"


@pytest.mark.parametrize(
    ("starts_at", "morning"),
    [
        # Riga is two hours ahead in winter and three in summer; the clocks change on Sunday
        # 29 March 2026 at 03:00 and on Sunday 25 October 2026 at 04:00.
        (datetime(2026, 3, 29, 9, tzinfo=UTC), datetime(2026, 3, 28, 7, tzinfo=UTC)),
        (datetime(2026, 3, 30, 9, tzinfo=UTC), datetime(2026, 3, 29, 6, tzinfo=UTC)),
        (datetime(2026, 10, 25, 9, tzinfo=UTC), datetime(2026, 10, 24, 6, tzinfo=UTC)),
        (datetime(2026, 10, 26, 9, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=UTC)),
        # Half past midnight in Riga is still the evening before in UTC.
        (datetime(2026, 11, 24, 22, 30, tzinfo=UTC), datetime(2026, 11, 24, 7, tzinfo=UTC)),
    ],
)
def test_the_morning_before_is_nine_by_the_clock_of_the_place(
    starts_at: datetime, morning: datetime
) -> None:
    day, hour = reminders_of(starts_at, RIGA)
    assert (day.kind, day.at) == ("day", morning)
    assert (hour.kind, hour.at) == ("hour", starts_at - timedelta(hours=1))


def test_an_hour_before_is_sixty_minutes_also_in_the_night_clocks_change() -> None:
    """04:30 in Riga after the change is 02:30 UTC; its hour before shows 03:30, the second time."""
    _, hour = reminders_of(datetime(2026, 10, 25, 2, 30, tzinfo=UTC), RIGA)
    assert hour.at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.timedeltas(timedelta(), timedelta(days=3)),
    st.sampled_from([RIGA, "Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kabul"]),
)
def test_what_is_next_is_to_come_and_what_is_now_is_not_over(
    starts_at: datetime, ahead: timedelta, place: str
) -> None:
    now = starts_at - ahead
    coming, ready = next_reminder(starts_at, place, now), reminder_now(starts_at, place, now)
    assert coming is None or now < coming.at < starts_at
    assert ready is None or ready.at <= now < starts_at


async def test_both_come_once_each_at_their_time(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        clock.now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
        await centre.booked(person)
        post = Post(centre)
        await post.work()
        morning = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
        assert [at for _, at in await post.planned("reminder")] == [morning]
        clock.now = morning - timedelta(seconds=1)
        assert await post.sent("reminder-day") == []
        clock.now = morning
        (mail,) = await post.sent("reminder-day")
        assert mail.recipient == "p1@example.org"
        assert "10:00" in mail.body
        assert "Street 1" in mail.body
        clock.now = START - timedelta(hours=1)
        assert len(await post.sent("reminder-hour")) == 1
        assert await post.planned("reminder") == []
        clock.now = START
        assert len(await post.sent("reminder-hour")) == len(await post.sent("reminder-day")) == 1


async def test_a_job_that_runs_twice_reminds_once(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.booked(await centre.person())
        post = Post(centre)
        await post.work()
        ((one, at),) = await post.planned("reminder")
        clock.now = at
        for _ in range(2):
            await post.jobs["reminder"](pool, network_id=one.network_id, id=one.id, clock=clock)
        assert len(await post.sent("reminder-hour")) == 1


async def test_who_is_booked_after_the_morning_is_reminded_an_hour_before_only(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:  # 10:00 of the day before
        centre = await Centre(network, clock).open()
        await centre.booked(await centre.person())
        post = Post(centre)
        await post.work()
        assert [at for _, at in await post.planned("reminder")] == [START - timedelta(hours=1)]


async def test_it_moves_with_the_session_and_goes_with_the_booking(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        asked = await centre.asked()
        made = await person.accept(asked)
        post = Post(centre)
        await post.work()
        later = START + timedelta(minutes=45)
        await moved(centre, read_id(BOOKING, made["id"]), later)
        notice = about_request(read_id(REQUEST, asked["id"]), kind="changed")
        await told(pool, network.id, notice, now=clock.now)
        assert len(await post.sent("booking-changed")) == 1
        assert [at for _, at in await post.planned("reminder")] == [later - timedelta(hours=1)]
        gone = await centre.school.post(f"/v1/requests/{asked['id']}/cancel", {"reason": "x"})
        assert gone.status_code == 200, gone.text
        await post.work()
        assert await post.planned("reminder") == []


async def moved(centre: Centre, booking_id: UUID, starts_at: datetime) -> None:
    """Give the booking another time, as a change of its session does."""

    async def work(db: Db) -> None:
        booking = await bookings.find(db, network_id=centre.network.id, booking_id=booking_id)
        assert booking is not None
        session = Window(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
        changed = structs.replace(
            booking, session=session, blocked=session, version=booking.version + 1
        )
        await bookings.set_session(db, network_id=centre.network.id, booking=changed)

    await run(centre.network.pool, centre.network.id, work)
