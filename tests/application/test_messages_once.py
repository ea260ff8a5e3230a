"""A message goes out once, however often its job is handed over, and its loser hears of the end."""

import asyncio
from datetime import timedelta

import pytest

from api import serving
from centre import Centre
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.due import Due
from interpreters.application.messages import Message
from interpreters.database import Pool
from people_post import Post

pytestmark = pytest.mark.anyio


class SlowCarrier:
    """It takes its time, and remembers what it carried."""

    def __init__(self) -> None:
        self.carried: list[Message] = []
        self.dies = False

    async def carry(self, message: Message) -> str | None:
        self.carried.append(message)
        await asyncio.sleep(0.1)
        if self.dies:
            raise asyncio.CancelledError  # as when its process is killed: nothing is noted
        return None

    def purposes(self) -> list[str]:
        return [one.purpose for one in self.carried]


async def send(post: Post, one: Due) -> None:
    centre = post.centre
    await post.jobs["message"](
        centre.network.pool, network_id=one.network_id, id=one.id, clock=centre.clock
    )


async def waiting(post: Post) -> list[Due]:
    """Write down what is to be sent; return it."""
    for one in await post.due("outbox"):
        await post.jobs["outbox"](
            post.centre.network.pool, network_id=one.network_id, id=one.id, clock=post.centre.clock
        )
    return await post.due("message")


async def test_a_job_that_is_handed_over_twice_at_once_sends_once(pool: Pool, clock: Clock) -> None:
    """A queue that hung and came back: the relay does the work itself, and the queue's reader."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(1)
        await centre.asked()
        carrier = SlowCarrier()
        post = Post(centre, {"mail": carrier})
        (offer,) = await waiting(post)

        await asyncio.gather(send(post, offer), send(post, offer), send(post, offer))

        assert carrier.purposes() == ["offer"]
        assert await post.planned("message") == []


async def test_what_its_sender_died_over_is_sent_again_when_its_time_is_over(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(1)
        await centre.asked()
        carrier = SlowCarrier()
        post = Post(centre, {"mail": carrier})
        (offer,) = await waiting(post)
        carrier.dies = True
        with pytest.raises(asyncio.CancelledError):
            await send(post, offer)
        carrier.dies = False

        await send(post, offer)
        assert carrier.purposes() == ["offer"]
        clock.now += timedelta(seconds=30)
        (again,) = await post.due("message")
        await send(post, again)

        assert carrier.purposes() == ["offer", "offer"]
        assert len({one.id for one in carrier.carried}) == 1


async def test_a_loser_is_told_although_the_sender_of_the_offer_died_over_it(
    pool: Pool, clock: Clock
) -> None:
    """The offer was sent and not noted; its repeat is dropped before the end is told."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person(email="loser@example.org")
        winner = await centre.person()
        asked = await centre.asked()
        carrier = SlowCarrier()
        carrier.dies = True
        post = Post(centre, {"mail": carrier})
        for offer in await waiting(post):
            with pytest.raises(asyncio.CancelledError):
                await send(post, offer)
        carrier.dies = False
        await winner.accept(asked)
        clock.now += timedelta(seconds=30)
        for offer in await post.due("message"):
            await send(post, offer)
        carrier.carried.clear()

        for one in await waiting(post):
            await send(post, one)

        told = {one.purpose: one.recipient for one in carrier.carried}
        assert told["offer-taken"] == "loser@example.org"
        left = await run(
            network.pool,
            network.id,
            lambda db: db.fetchval(
                "SELECT count(*) FROM messages m WHERE m.network_id = $1 AND m.state = 'waiting'",
                network.id,
            ),
        )
        assert left == 0
