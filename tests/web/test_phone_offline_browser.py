"""The interpreter's phone without a network: what is there, what is sent, once and as whom."""

from datetime import datetime, timedelta

import pytest
from playwright.async_api import Route, expect

from api import serving
from browser import app_of, browsing
from centre import START, Centre
from conftest import Clock
from interpreters.database import Pool
from phone import KEPT, controlled, cookie, offered, phone, signed_in

pytestmark = pytest.mark.anyio


async def test_a_yes_without_a_network_is_told_honestly_and_sent_once(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await offered(centre)
        token = await signed_in(network, person)
        async with browsing(app_of(network.client)) as browser, phone(browser, token) as page:
            await page.goto(f"{browser.site}/app")
            yes = page.get_by_role("button", name="Yes, I take it")
            await expect(yes).to_be_visible()
            await page.context.set_offline(True)
            await yes.tap()
            await expect(page.get_by_text("Not sent yet.").first).to_be_visible()
            await expect(page.get_by_text("You have the job.")).not_to_be_visible()
            assert await network.count("bookings") == 0
            await page.context.set_offline(False)
            await expect(page.get_by_text("You have the job.")).to_be_visible()
            await expect(page.get_by_text("Not sent yet.")).not_to_be_visible()
        assert await network.count("bookings") == 1
        assert await network.count("idempotency_keys") == 1


async def test_a_yes_whose_answer_is_lost_is_the_same_yes_again(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await offered(centre)
        token = await signed_in(network, person)
        keys: list[str] = []

        async def lose(route: Route) -> None:
            keys.append(route.request.headers["idempotency-key"])
            answer = await route.fetch()
            if len(keys) == 1:
                await route.abort("connectionreset")
            else:
                await route.fulfill(response=answer)

        async with (
            browsing(app_of(network.client)) as browser,
            phone(browser, token, service_workers="block") as page,
        ):
            await page.route("**/accept", lose)
            await page.goto(f"{browser.site}/app")
            await page.get_by_role("button", name="Yes, I take it").tap()
            await expect(page.get_by_text("You have the job.")).to_be_visible()
        assert len(keys) == 2
        assert len(set(keys)) == 1
        assert await network.count("bookings") == 1
        assert await network.count("idempotency_keys") == 1


async def test_jobs_with_their_address_are_there_without_a_network(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        await centre.booked(person, instructions="Room 4, ask for Ilze")
        token = await signed_in(network, person)
        async with browsing(app_of(network.client)) as browser, phone(browser, token) as page:
            await page.goto(f"{browser.site}/app#jobs")
            await expect(page.get_by_role("article")).to_contain_text("Street 1")
            await controlled(page)
            await page.context.set_offline(True)
            await page.reload()
            await expect(page.get_by_text("No network.")).to_be_visible()
            card = page.get_by_role("article")
            await expect(card).to_contain_text("Street 1")
            await expect(card).to_contain_text("ask for Ilze")
            there = card.get_by_role("link", name="Show on the map")
            wanted = "geo:56.9496,24.1052?q=Street%201%2C%20Riga"
            assert await there.get_attribute("href") == wanted


async def test_what_was_said_of_a_session_without_a_network_keeps_its_time(
    pool: Pool, clock: Clock
) -> None:
    """The end is sent with the time it was said at, once it goes out much later."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        booking = await centre.booked(person)
        clock.now = START
        await person.api.post(f"/v1/bookings/{booking['id']}/start")
        token = await signed_in(network, person)
        async with (
            browsing(app_of(network.client)) as browser,
            phone(browser, token, service_workers="block") as page,  # it has no clock to move
        ):
            clock.now = START + timedelta(minutes=70)
            await page.clock.install()
            await page.goto(f"{browser.site}/app#jobs")
            await page.get_by_role("button", name="End").tap()
            await page.context.set_offline(True)
            await page.get_by_role("button", name="Yes", exact=True).tap()
            await expect(page.get_by_text("Not sent yet.").first).to_be_visible()
            clock.now += timedelta(minutes=30)
            await page.clock.fast_forward("30:00")
            await page.context.set_offline(False)
            await page.clock.fast_forward("01:00")
            await expect(page.get_by_text("Carried out")).to_be_visible()
        ended = (await centre.booking(booking))["session"]["ended_at"]
        told = datetime.fromisoformat(ended)
        assert abs(told - START - timedelta(minutes=70)) < timedelta(minutes=1)


async def test_being_late_and_there_without_a_network_tell_by_which_clock(
    pool: Pool, clock: Clock
) -> None:
    """Both go out twenty minutes later, with the times they were said at."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        booking = await centre.booked(person)
        token = await signed_in(network, person)
        async with (
            browsing(app_of(network.client)) as browser,
            phone(browser, token, service_workers="block") as page,  # it has no clock to move
        ):
            clock.now = said = START - timedelta(minutes=30)
            await page.clock.install()
            await page.goto(f"{browser.site}/app#jobs")
            await page.get_by_text("Something is different").tap()
            await page.context.set_offline(True)
            await page.get_by_role("button", name="I am late").tap()
            await page.get_by_role("button", name="10", exact=True).tap()
            await expect(page.get_by_text("Not sent yet.").first).to_be_visible()
            clock.now += timedelta(minutes=20)
            await page.clock.fast_forward("20:00")
            await page.context.set_offline(False)
            await page.clock.fast_forward("01:00")
            await expect(page.get_by_text("You said: ")).to_be_visible()
            there = page.get_by_role("button", name="I am there")
            await expect(there).to_be_visible()  # the answer has arrived, not the new state alone
            await page.context.set_offline(True)
            await there.tap()
            await expect(page.get_by_text("Not sent yet.").first).to_be_visible()
            clock.now += timedelta(minutes=20)
            await page.clock.fast_forward("20:00")
            await page.context.set_offline(False)
            await page.clock.fast_forward("01:00")
            await expect(page.get_by_text("You were there at")).to_be_visible()
        kept = (await person.api.get(f"/v1/bookings/{booking['id']}/time-changes")).json()["items"]
        assert [one["field"] for one in kept] == ["late_told_at", "checked_in_at"]
        for one, minutes in zip(kept, (0, 21), strict=True):
            told = datetime.fromisoformat(one["said_at"])
            assert abs(told - said - timedelta(minutes=minutes)) < timedelta(minutes=2)
            assert datetime.fromisoformat(one["becomes"]) - told > timedelta(minutes=15)


async def test_whoever_signs_out_leaves_nothing_on_the_phone(pool: Pool, clock: Clock) -> None:
    """Nor does what they said and was not sent go out in the next person's name."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person, other = await centre.people(2)
        await centre.booked(person)
        await centre.asked(starts_at=(START + timedelta(days=1)).isoformat())
        token = await signed_in(network, person)
        async with (
            browsing(app_of(network.client)) as browser,
            phone(browser, token, service_workers="block") as page,  # it might send first
        ):
            await page.goto(f"{browser.site}/app")
            yes = page.get_by_role("button", name="Yes, I take it")
            await expect(yes).to_be_visible()
            await page.context.set_offline(True)
            await yes.tap()
            await expect(page.get_by_text("Not sent yet.").first).to_be_visible()
            await page.get_by_role("link", name="Settings").tap()
            out = page.get_by_role("button", name="Sign out")
            await out.tap()
            await expect(page.get_by_text("It is lost when you sign out.")).to_be_visible()
            await page.route("**/accept", lambda route: route.abort())
            await page.context.set_offline(False)
            await out.tap()
            await page.wait_for_url("**/sign-in**")
            assert await page.evaluate(KEPT) == []
            await page.unroute("**/accept")
            await page.context.add_cookies([cookie(browser, await signed_in(network, other))])
            await page.goto(f"{browser.site}/app#jobs")
            await expect(page.get_by_text("No jobs ahead.")).to_be_visible()
        assert await network.count("bookings") == 1


async def test_nobody_is_told_that_they_are_signed_out_who_is_not(pool: Pool, clock: Clock) -> None:
    """Without a network the browser's sign-in lives on: whoever has the phone next would be in."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        token = await signed_in(network, await centre.person())
        async with (
            browsing(app_of(network.client)) as browser,
            phone(browser, token) as page,
        ):
            await page.goto(f"{browser.site}/app#settings")
            out = page.get_by_role("button", name="Sign out")
            await expect(out).to_be_visible()
            await page.context.set_offline(True)
            await out.tap()
            await expect(page.get_by_text("This needs a network.")).to_be_visible()
            await page.context.set_offline(False)
            await out.tap()
            await page.wait_for_url("**/sign-in**")
            assert (await page.goto(f"{browser.site}/app/state")) is not None
            assert '"who":null' in await page.content()


async def test_what_waits_is_kept_for_its_own_person_also_by_the_worker(
    pool: Pool, clock: Clock
) -> None:
    """Somebody else signs in on the phone, and the browser wakes the app's worker."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person, other = await centre.people(2)
        await centre.asked(starts_at=(START + timedelta(days=1)).isoformat())
        token = await signed_in(network, person)
        async with (
            browsing(app_of(network.client)) as browser,
            phone(browser, token) as page,
        ):
            await page.goto(f"{browser.site}/app")
            await controlled(page)
            yes = page.get_by_role("button", name="Yes, I take it")
            await expect(yes).to_be_visible()
            await page.context.set_offline(True)
            await yes.tap()
            await expect(page.get_by_text("Not sent yet.").first).to_be_visible()
            await page.goto("about:blank")
            await page.context.add_cookies([cookie(browser, await signed_in(network, other))])
            await page.context.set_offline(False)
            await page.goto(f"{browser.site}/languages")
            await page.evaluate("""async () => {
                const worker = await navigator.serviceWorker.getRegistration("/app");
                worker.active.postMessage("flush");
                await new Promise((resolve) => setTimeout(resolve, 1500));
            }""")
            assert len([one for one in await page.evaluate(KEPT) if " " in one]) == 1
