"""Quiet hours and the time to answer: nobody's offer is over before they have heard of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api import serving
from centre import Centre, z
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.ladders import answer_by

pytestmark = pytest.mark.anyio
QUIET = {"from": "22:00", "to": "07:00"}
NIGHT = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)  # 01:00 in Riga
MORNING = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)  # 07:00 there
HOUR = timedelta(hours=1)


async def ends(person: Any) -> list[str]:
    return [one["answer_by"] for one in await person.offers()]


async def test_who_is_told_in_the_morning_has_as_long_from_then(pool: Pool, clock: Clock) -> None:
    clock.now = NIGHT
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        sleeper = await centre.person(quiet_hours=QUIET)
        awake = await centre.person()
        request = await centre.asked(starts_at=z(MORNING + 4 * HOUR))  # ten hours ahead

        assert await ends(awake) == [z(NIGHT + timedelta(minutes=90))]
        assert await ends(sleeper) == [z(MORNING + timedelta(minutes=90))]

        clock.now = MORNING + timedelta(minutes=89)
        booking = await sleeper.accept(request)
        assert booking["state"] == "confirmed"


async def test_the_offer_of_who_sleeps_ends_at_the_start_at_the_latest(
    pool: Pool, clock: Clock
) -> None:
    clock.now = NIGHT
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        sleeper = await centre.person(quiet_hours=QUIET)
        await centre.asked(starts_at=z(MORNING + HOUR))
        assert await ends(sleeper) == [z(MORNING + HOUR)]


async def test_who_takes_urgent_jobs_is_told_at_once_and_has_no_longer(
    pool: Pool, clock: Clock
) -> None:
    clock.now = NIGHT
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person(quiet_hours=QUIET, urgent_opt_in=True, modes=["phone"])
        await centre.asked(starts_at=z(NIGHT + 1.75 * HOUR), modes=["phone"], site_id=...)
        assert await ends(person) == [z(NIGHT + timedelta(minutes=90))]


async def test_while_somebody_sleeps_the_search_waits_for_them(pool: Pool, clock: Clock) -> None:
    """Everybody awake has said no, and nobody is given up before the others were told."""
    clock.now = NIGHT
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person(quiet_hours=QUIET)
        awake = await centre.person()
        request = await centre.asked(starts_at=z(MORNING + 4 * HOUR))
        await awake.decline(request)
        clock.now = NIGHT + 2 * HOUR
        await centre.expire(request)
        assert (await centre.request(request))["state"] == "searching"
        clock.now = MORNING + 1.5 * HOUR
        await centre.expire(request)
        assert (await centre.request(request))["state"] == "unfilled"


@pytest.mark.parametrize(
    ("lead", "told_after", "end_before_start"),
    [
        # Nobody has less time than without quiet hours, where the shorter time is for later offers.
        (25, 9, 9),  # told at once: 16 h; told then, 16 h ahead: 90 min; the later end counts
        (10, 6, 2.5),  # 90 min from when they are told
        (6, 6, 4.5),  # told when it begins: as if they were told at once
        (73, 2, 48),  # until 48 h before; told then, 71 h ahead: 16 h
    ],
)
async def test_the_later_of_two_ends_counts(
    lead: float, told_after: float, end_before_start: float
) -> None:
    starts_at = NIGHT + lead * HOUR
    end = answer_by(
        now=NIGHT, told_at=NIGHT + told_after * HOUR, starts_at=starts_at, urgent_now=False
    )
    assert starts_at - end == end_before_start * HOUR
