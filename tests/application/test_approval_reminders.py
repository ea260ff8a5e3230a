"""Whoever has not said whether what was recorded is right is reminded before silence is a yes."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from api import Network, serving
from centre import Centre, Json
from conftest import Clock
from interpreters.application.due import take_due
from interpreters.database import Pool
from interpreters.domain.ids import INSTITUTION, USER, read_id, show_id
from interpreters.jobs.relay import LEASE, Jobs, tick
from over import held, opened, path_of
from people_post import Post, link_in

pytestmark = pytest.mark.anyio
AGAIN = "approve-again"
WEEK = timedelta(days=7)
MINUTE = timedelta(minutes=1)


class Asked:
    """A session from 10:00 to 11:00 in Riga that somebody with an address asked for."""

    def __init__(self, centre: Centre, staff: Any, booking: Json) -> None:
        self.centre, self.staff, self.booking = centre, staff, booking
        self.post = Post(centre)
        self.ended: datetime = centre.clock.now

    async def tick(self, at: datetime) -> None:
        """Have the worker's clock look at what is due at that moment."""
        self.centre.clock.now = at
        jobs: Jobs = {"approval": self.post.jobs["approval"]}
        await tick(self.centre.network.pool, queue=None, jobs=jobs, clock=self.centre.clock)

    async def reminders(self) -> list[Any]:
        return await self.post.sent(AGAIN)

    async def state(self) -> str:
        state: str = (await self.centre.booking(self.booking))["approval"]
        return state

    async def answered(self, path: str) -> int:
        answer = await self.centre.network.client.post(path, data={"answer": "right"})
        return int(answer.status_code)


async def asked(network: Network, clock: Clock, language: str = "en", **settings: Any) -> Asked:
    centre, person = await opened(network, clock)
    if settings:
        await centre.coordinator.patch("/v1/network", settings)
    staff = await network.person(
        ["consultant"], email="anna@example.org", language=language,
        institution_id=read_id(INSTITUTION, centre.institution["id"]),
    )  # fmt: skip
    booking = await person.accept(await centre.made(staff, "/v1/requests", centre.order()))
    await held(centre, booking, minutes=60)
    one = Asked(centre, staff, booking)
    await one.post.work()  # the question itself
    return one


async def test_two_days_before_the_end_it_is_asked_once_more_with_a_link_and_then_it_is_a_yes(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        one = await asked(network, clock)
        reminded = one.ended + timedelta(days=5)
        await one.tick(reminded - timedelta(seconds=1))
        assert await one.reminders() == []
        await one.tick(reminded)
        for later in (0, 1, 60):
            await one.tick(reminded + later * MINUTE)
        [mail] = await one.reminders()
        assert mail.recipient == "anna@example.org"
        assert mail.subject == (
            "A session still waits for your answer. Please check what was recorded."
        )
        for part in ("Dari \N{EN DASH} Latvian", "60 minutes",
                     "If you say nothing by Dec 2 11:00, it counts as approved."):  # fmt: skip
            assert part in mail.body, part
        for never in ("LV-1042", "School", "Street", "health"):
            assert never not in mail.body
        assert await one.state() == "open"
        await one.tick(one.ended + WEEK - timedelta(seconds=1))
        assert await one.state() == "open"
        await one.tick(one.ended + WEEK)
        assert await one.state() == "approved"
        assert len(await one.reminders()) == 1


@pytest.mark.parametrize("which", ["approve", AGAIN])
async def test_either_mails_link_answers(pool: Pool, clock: Clock, which: str) -> None:
    async with serving(pool, clock) as network:
        one = await asked(network, clock)
        await one.tick(one.ended + timedelta(days=5))
        links = {mail.purpose: link_in(mail) for mail in await one.post.sent()}
        assert await one.answered(links[which]) == 200
        assert await one.state() == "approved"
        for path in links.values():  # both say so, and show no more
            page = await network.client.get(f"{path}?lang=en")
            assert (page.status_code, "It is approved." in page.text) == (200, True)


@pytest.mark.parametrize("how", ["approve", "dispute"])
async def test_who_has_answered_is_not_reminded(pool: Pool, clock: Clock, how: str) -> None:
    async with serving(pool, clock) as network:
        one = await asked(network, clock)
        body = {"reason": "It was shorter"} if how == "dispute" else {}
        answer = await one.staff.post(path_of(one.booking, how), body)
        assert answer.status_code == 200, answer.text
        for days in (5, 6, 7):
            await one.tick(one.ended + timedelta(days=days))
        assert await one.reminders() == []


async def test_one_that_was_written_down_and_could_not_be_sent_is_not_after_the_answer(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        one = await asked(network, clock)
        await one.tick(one.ended + timedelta(days=5))
        await one.staff.post(path_of(one.booking, "approve"))
        assert await one.reminders() == []  # the mail was still to go out


async def test_other_times_are_asked_about_and_reminded_of_anew_and_old_links_lead_nowhere(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        one = await asked(network, clock)
        await one.tick(one.ended + timedelta(days=5))
        [first] = await one.reminders()
        changed = await one.centre.coordinator.post(
            path_of(one.booking, "correct-times"),
            {"ended_at": (one.ended + 15 * MINUTE).isoformat(), "reason": "later"},
        )
        assert changed.status_code == 200, changed.text
        await one.post.work()
        assert await one.answered(link_in(first)) == 404
        again = clock.now + timedelta(days=5)
        await one.tick(one.ended + WEEK)  # the end of before
        assert (await one.state(), len(await one.reminders())) == ("open", 1)
        await one.tick(again)
        assert [one.body.count("75 minutes") for one in await one.reminders()] == [0, 1]


async def test_it_is_said_in_the_readers_language_by_day_also_in_the_night_clocks_change(
    pool: Pool, clock: Clock
) -> None:
    """Asked on 18 October 2026 at 23:30 in Riga, reminded on the 25th, when an hour comes twice."""
    async with serving(pool, clock) as network:
        clock.now = datetime.fromisoformat("2026-10-01T06:00:00+00:00")
        centre, person = await opened(network, clock)
        clock.now = datetime.fromisoformat("2026-10-01T06:00:00+00:00")
        await centre.coordinator.patch("/v1/network", {"approval_days": 9})
        staff = await network.person(
            ["consultant"], email="anna@example.org", language="fa",
            institution_id=read_id(INSTITUTION, centre.institution["id"]),
        )  # fmt: skip
        order = centre.order(starts_at="2026-10-17T22:30:00+03:00")
        booking = await person.accept(await centre.made(staff, "/v1/requests", order))
        await held(centre, booking, minutes=60)  # 23:30 in Riga, 20:30 UTC
        one = Asked(centre, staff, booking)
        await one.post.work()
        eight = datetime.fromisoformat("2026-10-25T06:00:00+00:00")
        [(_, at)] = await one.post.planned("approval")
        assert at == eight
        await one.tick(eight - timedelta(seconds=1))
        assert await one.reminders() == []
        await one.tick(eight)
        [mail] = await one.reminders()
        assert "دری" in mail.body
        assert "23:30" in mail.body  # nine days of 24 hours after: 20:30 UTC is 22:30 by then
        await one.tick(datetime.fromisoformat("2026-10-26T20:29:59+00:00"))
        assert await one.state() == "open"


async def test_who_asked_with_a_key_or_may_not_sign_in_any_more_is_sent_nothing(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        one = await asked(network, clock)
        user = show_id(USER, one.staff.user_id)
        gone = await one.centre.coordinator.patch(f"/v1/users/{user}", {"active": False})
        assert gone.status_code == 200, gone.text
        await one.tick(one.ended + timedelta(days=5))
        assert await one.reminders() == []
        await one.tick(one.ended + WEEK)
        assert await one.state() == "approved"


async def test_a_worker_that_dies_with_it_in_hand_leaves_it_to_the_next_and_it_comes_once(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        one = await asked(network, clock)
        clock.now = one.ended + timedelta(days=5)
        taken = await take_due(
            pool, kinds=["approval"], now=clock.now, until=clock.now + LEASE, limit=10
        )
        assert len(taken) == 1  # and nothing was done with it
        await one.tick(clock.now + timedelta(seconds=1))
        assert await one.reminders() == []
        await one.tick(clock.now + LEASE)
        for each in taken:  # the dead one's queue hands it over after all
            await one.post.jobs["approval"](
                pool, network_id=each.network_id, id=each.id, clock=clock
            )
        assert len(await one.reminders()) == 1
        [(_, at)] = await one.post.planned("approval")
        assert at == one.ended + WEEK


async def test_many_workers_at_once_remind_once(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        one = await asked(network, clock)
        clock.now = one.ended + timedelta(days=5)
        [due] = await one.post.due("approval")
        job = one.post.jobs["approval"]
        await asyncio.gather(
            *(job(pool, network_id=due.network_id, id=due.id, clock=clock) for _ in range(8))
        )
        mails = await one.reminders()
        assert len(mails) == 1
        assert await one.answered(link_in(mails[0])) == 200


async def test_where_no_worker_ran_for_days_it_comes_late_by_day_or_not_at_all(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        one = await asked(network, clock)
        night = one.ended.replace(hour=1) + timedelta(days=6)  # 03:00 in Riga, a day too late
        await one.tick(night)
        assert await one.reminders() == []
        [(_, at)] = await one.post.planned("approval")
        assert at == night.replace(hour=6)  # 08:00
        await one.tick(at)
        assert len(await one.reminders()) == 1


async def test_where_no_worker_ran_until_the_end_silence_is_a_yes_as_was_said_at_first(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        one = await asked(network, clock)
        await one.tick(one.ended + WEEK + MINUTE)
        assert (await one.state(), await one.reminders()) == ("approved", [])
