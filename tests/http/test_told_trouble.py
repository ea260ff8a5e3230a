"""What goes wrong at the last moment is told at once: late, missed, given back too late."""

from datetime import timedelta

import pytest

from api import Api, Network, serving
from centre import Centre
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.ids import INSTITUTION, read_id
from people_post import Post

pytestmark = pytest.mark.anyio
DESK, ASKER = "desk@example.org", "asker@example.org"


async def asking(network: Network, centre: Centre) -> Api:
    """Make a coordinator and a consultant of the school who are written to; return the latter."""
    await network.person(["coordinator"], email=DESK, language="en")
    school = read_id(INSTITUTION, centre.institution["id"])
    return await network.person(["consultant"], email=ASKER, language="en", institution_id=school)


async def told(centre: Centre, who: str, purpose: str) -> list[str]:
    return [one.body for one in await Post(centre).sent(purpose) if one.recipient == who]


async def test_coordinators_are_told_of_what_is_given_back_late_and_who_asked_is_not_told_that(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        centre.school = await asking(network, centre)
        await centre.coordinator.patch("/v1/network", {"give_back_hours": 24})
        one, _ = await centre.people(2)
        booking = await centre.booked(one)
        centre.at(hours=3)
        why = {"reason": "broke a leg on the stairs", "reason_code": "illness"}
        await one.api.post(f"/v1/bookings/{booking['id']}/give-back", why)
        (body,) = await told(centre, DESK, "given-back-late")
        assert body.startswith("A booking was given back late")
        assert "stairs" not in body
        assert await told(centre, ASKER, "given-back-late") == []
        assert len(await told(centre, ASKER, "given-back")) == 1


async def test_who_asked_is_told_that_the_interpreter_comes_late(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        centre.school = await asking(network, centre)
        one = await centre.person()
        booking = await centre.booked(one)
        centre.at(minutes=20)
        await one.api.post(f"/v1/bookings/{booking['id']}/running-late", {"minutes": 10})
        (body,) = await told(centre, ASKER, "running-late")
        assert body.startswith("The interpreter will be late.")
        assert await told(centre, DESK, "running-late") == []


async def test_of_an_interpreter_who_did_not_come_both_are_told_at_once(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        centre.school = await asking(network, centre)
        one, _ = await centre.people(2)
        booking = await centre.booked(one, modes=["in_person", "phone"])
        centre.at(minutes=-10)
        await centre.school.post(f"/v1/bookings/{booking['id']}/interpreter-no-show")
        (asker,) = await told(centre, ASKER, "missed")
        assert asker.startswith("The interpreter did not come. We are looking for another one.")
        (desk,) = await told(centre, DESK, "somebody-missed")
        assert desk.startswith("An interpreter did not come")


async def test_before_the_answer_about_conflicts_no_mail_says_where(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        change = {"ask_conflicts": True, "working_language": "en"}
        await centre.coordinator.patch("/v1/network", change)
        one = await centre.person()
        booking = await centre.booked(one)
        (body,) = await told(centre, "p1@example.org", "booking-confirmed")
        assert "Say first whether you have a conflict of interest." in body
        assert "Street" not in body
        assert (await one.api.post(f"/v1/bookings/{booking['id']}/no-conflict")).status_code == 200
        centre.at(hours=1)
        clock.now += timedelta(seconds=1)
        (reminder,) = await told(centre, "p1@example.org", "reminder-hour")
        assert "Street 1" in reminder
        assert "conflict" not in reminder
