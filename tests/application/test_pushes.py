"""From an offer to a locked screen: the worker's own jobs, and a push service that checks."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from api import Api, serving
from centre import Centre, Person
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.carriers import carriers_of
from interpreters.database import Db, Pool
from interpreters.settings import load
from people_post import SITE, Post
from push_service import Browser, PushService, push_service

pytestmark = pytest.mark.anyio
SETTINGS: Final = {
    "INTERPRETERS_ALLOW_PRIVATE_URLS": "1",
    "INTERPRETERS_MAIL_FROM": "Desk <desk@example.org>",
}
PHONE: Final = "+37120000001"


class World:
    """A centre, an interpreter who signs in with a browser, and what the post carries."""

    def __init__(self, centre: Centre, service: PushService) -> None:
        self.centre, self.service = centre, service
        real = carriers_of(load(SETTINGS))
        self.post = Post(centre, {"mail": None, "text": None, "push": real["push"]})
        self.browser = Browser()

    async def interpreter(self, **fields: Any) -> tuple[Person, Api]:
        """Return somebody on the roster, and them signed in with the browser."""
        person = await self.centre.person(**{"phone": PHONE, **fields})
        api = await self.centre.network.person(["interpreter"], interpreter_id=person.key)
        self.service.public_key = (await api.get("/v1/push-key")).json()["public_key"]
        await self.browser.subscribe(api, self.service.url)
        return person, api

    def pushes(self) -> list[Any]:
        """Return what the browser was shown until now; every call was signed."""
        for one in self.service.calls:
            self.service.check(one)
        return [self.browser.shown(one) for one in self.service.calls]

    async def told(self, purpose: str) -> list[str]:
        """Return the channels a purpose went out by, beside pushes, until now."""
        return [one.channel for one in await self.post.sent(purpose)]


@asynccontextmanager
async def world(pool: Pool, clock: Clock) -> AsyncIterator[World]:
    async with push_service() as service, serving(pool, clock, SETTINGS) as network:
        centre = await Centre(network, clock).open()
        yield World(centre, service)


async def test_an_offer_is_pushed_beside_the_text_and_tells_a_locked_screen_little(
    pool: Pool, clock: Clock
) -> None:
    async with world(pool, clock) as there:
        person, api = await there.interpreter()
        assert (await api.patch("/v1/me", {"language": "en"})).status_code == 200
        await there.centre.asked(instructions="ask for Ilze", external_reference="CASE-77")
        assert await there.told("offer") == ["text"]
        (shown,) = there.pushes()
        assert shown["title"] == "An interpreter is needed"
        assert shown["body"] == "Dari, Nov 25 10:00, Riga"
        assert shown["navigate"].startswith(f"{SITE}/o/ol_")
        assert (shown["lang"], shown["dir"]) == ("en", "ltr")
        whole = there.browser.read(there.service.calls[0].body).decode()
        for never in ("health", "Ilze", "CASE-77", "LV-1042", "Street", "Main", "School"):
            assert never not in whole, never
        (offer,) = await person.offers()
        (call,) = there.service.calls
        assert call.headers["Topic"] == shown["tag"] == offer["id"]
        left = datetime.fromisoformat(offer["answer_by"]) - clock.now
        assert call.headers["TTL"] == str(int(left.total_seconds()))
        assert there.service.check(call)["sub"] == "mailto:desk@example.org"
        page = await there.centre.network.client.get(shown["navigate"].removeprefix(SITE))
        assert page.status_code == 200


async def test_dari_is_shown_from_right_to_left(pool: Pool, clock: Clock) -> None:
    async with world(pool, clock) as there:
        _, api = await there.interpreter()
        await api.patch("/v1/me", {"language": "fa-AF"})
        await there.centre.asked()
        await there.post.work()
        (shown,) = there.pushes()
        assert (shown["lang"], shown["dir"]) == ("fa-AF", "rtl")


async def test_an_offer_to_be_answered_at_once_is_urgent_and_another_is_not(
    pool: Pool, clock: Clock
) -> None:
    async with world(pool, clock) as there:
        await there.interpreter()
        await there.centre.asked()
        await there.centre.asked(
            modes=["phone"], starts_at=..., starts="now", site_id=..., duration_minutes=15
        )
        await there.post.work()
        assert sorted(one.headers["Urgency"] for one in there.service.calls) == ["high", "normal"]


async def test_the_end_of_an_offer_takes_its_place_without_a_sound(
    pool: Pool, clock: Clock
) -> None:
    async with world(pool, clock) as there:
        await there.interpreter()
        other = await there.centre.person()
        asked = await there.centre.asked()
        await there.post.work()
        await other.accept(asked)
        await there.post.work()
        offered, lost = there.service.calls
        assert lost.headers["Topic"] == offered.headers["Topic"]
        shown = there.pushes()[1]
        assert shown["silent"] is True
        assert "/o/" not in shown["navigate"]


async def test_a_push_that_waits_for_the_morning_is_dropped_when_the_offer_is_closed(
    pool: Pool, clock: Clock
) -> None:
    clock.now = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)  # 23:00 in Riga
    async with world(pool, clock) as there:
        await there.interpreter(quiet_hours={"from": "22:00", "to": "07:00"})
        awake = await there.centre.person()
        asked = await there.centre.asked()
        await there.post.work()
        assert there.service.calls == []
        await awake.accept(asked)
        clock.now += timedelta(hours=9)
        await there.post.work()
        assert there.service.calls == []


async def test_quiet_hours_hold_a_push_back_until_their_end(pool: Pool, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)  # 23:00 in Riga
    async with world(pool, clock) as there:
        await there.interpreter(quiet_hours={"from": "22:00", "to": "07:00"})
        await there.centre.asked()
        await there.post.work()
        assert there.service.calls == []
        clock.now = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)  # 07:00
        await there.post.work()
        assert len(there.service.calls) == 1


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_gone_is_forgotten_and_the_text_goes_out_instead(
    pool: Pool, clock: Clock, status: int
) -> None:
    async with world(pool, clock) as there:
        _, api = await there.interpreter()
        await api.patch("/v1/me", {"notify": {"offers": ["push", "text"]}})
        there.service.status = status
        await there.centre.asked()
        assert await there.told("offer") == []
        assert len(there.service.calls) == 1
        assert (await api.get("/v1/push-subscriptions")).json()["items"] == []
        clock.now += timedelta(seconds=20)
        assert await there.told("offer") == ["text"]


async def test_where_a_push_is_wished_and_went_out_no_text_follows(
    pool: Pool, clock: Clock
) -> None:
    async with world(pool, clock) as there:
        _, api = await there.interpreter()
        await api.patch("/v1/me", {"notify": {"offers": ["push", "text"]}})
        await there.centre.asked()
        assert await there.told("offer") == []
        assert len(there.service.calls) == 1
        clock.now += timedelta(minutes=1)
        assert await there.told("offer") == []
        assert await there.post.planned("message") == []


async def test_a_service_that_is_busy_is_tried_again_and_the_text_does_not_wait_for_it(
    pool: Pool, clock: Clock
) -> None:
    async with world(pool, clock) as there:
        _, api = await there.interpreter()
        await api.patch("/v1/me", {"notify": {"offers": ["push", "mail"]}})
        there.service.status = 503
        await there.centre.asked()
        await there.post.work()
        clock.now += timedelta(seconds=20)
        assert await there.told("offer") == ["mail"]
        there.service.status = 201
        clock.now += timedelta(minutes=2)
        await there.post.work()
        assert len(there.pushes()) >= 2


@pytest.mark.parametrize(
    ("choice", "channels", "pushes"),
    [
        (None, ["text"], 1),
        ({"offers": ["mail"]}, ["mail"], 0),
        ({"offers": ["text", "push"]}, ["text"], 0),
        ({"changes": ["mail"]}, ["text"], 1),
    ],
)
async def test_everybody_is_told_by_the_way_they_chose(
    pool: Pool, clock: Clock, choice: Any, channels: list[str], pushes: int
) -> None:
    async with world(pool, clock) as there:
        _, api = await there.interpreter()
        assert (await api.patch("/v1/me", {"notify": choice})).status_code == 200
        await there.centre.asked()
        assert await there.told("offer") == channels
        assert len(there.service.calls) == pushes


async def test_a_choice_that_leads_nowhere_leaves_nobody_in_the_dark(
    pool: Pool, clock: Clock
) -> None:
    async with world(pool, clock) as there:
        person = await there.centre.person(phone=PHONE)
        await person.api.patch(f"/v1/interpreters/{person.id}", {"notify": {"offers": ["push"]}})
        await there.centre.asked()
        assert await there.told("offer") == ["text"]


async def test_reminders_can_be_switched_off_and_the_booking_is_still_told(
    pool: Pool, clock: Clock
) -> None:
    async with world(pool, clock) as there:
        person, api = await there.interpreter()
        await api.patch("/v1/me", {"notify": {"reminders": [], "changes": ["mail"]}})
        await person.accept(await there.centre.asked())
        assert await there.told("booking-confirmed") == ["mail"]
        there.centre.at(hours=1)
        there.service.calls.clear()
        assert await there.told("reminder-day") == await there.told("reminder-hour") == []
        assert there.service.calls == []


async def test_a_browser_somebody_else_took_over_shows_nothing_of_before(
    pool: Pool, clock: Clock
) -> None:
    async with world(pool, clock) as there:
        await there.interpreter()
        other = await there.centre.network.person(["finance"], email="uldis@example.org")
        await there.centre.asked()
        for one in await there.post.due("outbox"):
            await there.post.jobs["outbox"](pool, network_id=one.network_id, id=one.id, clock=clock)
        await there.browser.subscribe(other, there.service.url)
        await there.post.work()
        assert there.service.calls == []


async def test_a_test_shows_itself_in_that_browser_alone(pool: Pool, clock: Clock) -> None:
    async with world(pool, clock) as there:
        _, api = await there.interpreter()
        second = Browser()
        made = await second.subscribe(api, f"{there.service.url}?2")
        tried = await api.post(f"/v1/push-subscriptions/{made['id']}/test")
        assert (tried.status_code, tried.json()) == (200, made)
        await there.post.work()
        (call,) = there.service.calls
        assert second.shown(call)["title"] == "Šādi jūs saņemsiet ziņas"  # as the network speaks
        assert call.headers["Urgency"] == "high"


async def test_a_browser_is_tried_once_a_minute_however_often_that_is_asked_for(
    pool: Pool, clock: Clock
) -> None:
    async with world(pool, clock) as there:
        _, api = await there.interpreter()
        made = await there.browser.subscribe(api, there.service.url)
        for _ in range(5):
            tried = await api.post(f"/v1/push-subscriptions/{made['id']}/test")
            assert (tried.status_code, tried.json()) == (200, made)
            await there.post.work()
        assert len(there.service.calls) == 1
        clock.now += timedelta(minutes=1)
        await api.post(f"/v1/push-subscriptions/{made['id']}/test")
        await there.post.work()
        assert len(there.service.calls) == 2


async def test_what_a_push_says_is_sealed_until_it_is_sent_and_gone_after(
    pool: Pool, clock: Clock
) -> None:
    async with world(pool, clock) as there:
        await there.interpreter()
        await there.centre.asked()
        for one in await there.post.due("outbox"):
            await there.post.jobs["outbox"](pool, network_id=one.network_id, id=one.id, clock=clock)

        async def read(db: Db) -> Any:
            return await db.fetchrow(
                "SELECT m.recipient, m.subject, m.body FROM messages m WHERE m.channel = 'push'"
            )

        before = await run(pool, there.centre.network.id, read)
        assert all(value.startswith("sealed:") for value in before)
        await there.post.work()
        after = await run(pool, there.centre.network.id, read)
        assert list(after) == [None, None, None]
        assert json.dumps(there.pushes()[0])
