"""Who is told what, when and in which words: every step of a booking's life."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from api import serving
from centre import START, Centre
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.carriers import carriers_of
from interpreters.database import Db, Pool
from interpreters.domain.ids import INSTITUTION, INTERPRETER, read_id
from interpreters.domain.text_segments import segments
from interpreters.jobs import urgent
from interpreters.jobs.relay import Jobs, relay, tick
from interpreters.settings import load
from interpreters.worker import jobs_of
from people_post import SITE, Post, link_in
from post_office import PostOffice, opened

pytestmark = pytest.mark.anyio
PHONE = "+37120000001"
QUIET = {"from": "22:00", "to": "07:00"}


async def speak(centre: Centre, interpreter: str, language: str) -> None:
    async def work(db: Db) -> None:
        await db.execute(
            "UPDATE interpreters SET language = $2 WHERE id = $1",
            read_id(INTERPRETER, interpreter), language,
        )  # fmt: skip

    await run(centre.network.pool, centre.network.id, work)


async def test_an_offer_is_a_short_text_with_a_link_and_without_what_is_nobodys_business(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person(phone=PHONE)
        await speak(centre, person.id, "en")
        await centre.asked(instructions="ask for Ilze", external_reference="CASE-77")
        (text,) = await Post(centre).sent()
        assert (text.channel, text.recipient, text.purpose) == ("text", PHONE, "offer")
        assert segments(text.body) <= 2
        for part in ("Dari", "In person", "10:00", "11:00", "Riga", "Answer by", f"{SITE}/o/ol_"):
            assert part in text.body, part
        for never in ("health", "Ilze", "CASE-77", "LV-1042", "School", "Street", "Main"):
            assert never not in text.body, never
        (offer,) = await person.offers()
        assert text.expires_at == datetime.fromisoformat(offer["answer_by"])


@pytest.mark.parametrize("language", ["lv", "ro", "bg", "uk", "fa", "fa-AF", "ar", "ur", "ps"])
async def test_an_offer_is_at_most_two_texts_in_any_script(
    pool: Pool, clock: Clock, language: str
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person(phone=PHONE)
        await speak(centre, person.id, language)
        await centre.asked()
        (text,) = await Post(centre).sent("offer")
        assert text.language == language
        assert segments(text.body) <= 2


async def test_without_a_telephone_or_a_carrier_of_texts_it_is_a_mail(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        await centre.person(phone=PHONE)
        await centre.asked()
        mails = await Post(centre, {"mail": None}).sent()
        assert {one.recipient for one in mails} == {"p1@example.org", "p2@example.org"}
        assert {one.subject for one in mails} == {"Vajadzīgs tulks"}  # as the network speaks


async def test_every_loser_who_had_been_told_is_told_and_nobody_else(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        winner, *_ = await centre.people(3)
        asked = await centre.asked()
        post = Post(centre)
        assert len(await post.sent("offer")) == 3
        await centre.person(email="late@example.org")
        await winner.accept(asked)
        lost = await post.sent("offer-taken")
        assert {one.recipient for one in lost} == {"p2@example.org", "p3@example.org"}
        assert "Jums tas nekaitē" in lost[0].body
        assert [one.recipient for one in await post.sent("booking-confirmed")] == ["p1@example.org"]


async def test_a_notice_that_waits_for_the_morning_is_dropped_when_the_offer_is_closed(
    pool: Pool, clock: Clock
) -> None:
    clock.now = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)  # 23:00 in Riga
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        sleeper = await centre.person(quiet_hours=QUIET)
        awake = await centre.person()
        asked = await centre.asked()
        post = Post(centre)
        assert [one.recipient for one in await post.sent("offer")] == ["p2@example.org"]
        assert len(await sleeper.offers()) == 1  # the offer does not wait
        await awake.accept(asked)
        clock.now = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
        assert await post.purposes("p1@example.org") == []


async def test_quiet_hours_delay_a_notice_to_their_end(pool: Pool, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person(quiet_hours=QUIET)
        await centre.asked()
        post = Post(centre)
        assert await post.sent() == []
        clock.now = datetime(2026, 11, 24, 4, 59, 59, tzinfo=UTC)
        assert await post.sent() == []
        clock.now = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)  # 07:00 in Riga
        assert len(await post.sent("offer")) == 1


@pytest.mark.parametrize(("opt_in", "rings"), [(True, 1), (False, 0)])
async def test_what_is_urgent_rings_at_night_those_who_take_urgent_jobs(
    pool: Pool, clock: Clock, opt_in: bool, rings: int
) -> None:
    clock.now = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person(quiet_hours=QUIET, urgent_opt_in=opt_in, modes=["phone"])
        starts_at = (clock.now + timedelta(minutes=90)).isoformat()
        await centre.asked(starts_at=starts_at, modes=["phone"], site_id=...)
        assert len(await Post(centre).sent("offer")) == rings


async def test_who_asked_hears_of_every_step_in_their_language_and_keys_hear_nothing(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        desk = await network.person(["coordinator"], email="desk@example.org", language="uk")
        order = centre.order(institution_id=centre.institution["id"])
        mine = await centre.made(desk, "/v1/requests", order)
        post = Post(centre)
        await post.work()
        booking = await person.accept(mine)
        await post.work()
        gave = await person.api.post(f"/v1/bookings/{booking['id']}/give-back", {"reason": "ill"})
        assert gave.status_code == 200, gave.text
        told = [one for one in await post.sent() if one.recipient == "desk@example.org"]
        assert sorted(one.purpose for one in told) == [
            "filled", "given-back", "nobody-found", "received", "unfilled",
        ]  # fmt: skip
        received = next(one for one in told if one.purpose == "received")
        assert received.subject == "Ваш запит отримано"
        assert f"{SITE}/board/requests/{mine['id']}" in received.body  # where they work
        assert all("LV-1042" not in one.body and "ill" not in one.body for one in told)
        before = {one.id for one in await post.sent()}
        await centre.asked(starts_at=(START + timedelta(days=1)).isoformat())
        after = [one for one in await post.sent() if one.id not in before]
        assert {one.purpose for one in after} == {"offer"}


@pytest.mark.parametrize("how", ["moved", "another role"])
async def test_who_asked_and_went_elsewhere_hears_no_more_of_it(
    pool: Pool, clock: Clock, how: str
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        elsewhere, _ = await network.institution("Bank")
        school = read_id(INSTITUTION, centre.institution["id"])
        person = await centre.person()
        asking = await network.person(
            ["consultant"], email="ilze@example.org", institution_id=school
        )
        made = await asking.post("/v1/requests", centre.order())
        assert made.status_code == 201, made.text
        post = Post(centre)
        assert await post.purposes("ilze@example.org") == ["received"]
        body = {"institution_id": elsewhere} if how == "moved" else {"roles": ["finance"]}
        user = (await asking.get("/v1/me")).json()["user_id"]
        changed = await centre.coordinator.patch(f"/v1/users/{user}", body)
        assert changed.status_code == 200, changed.text
        await person.accept(made.json())
        assert await post.purposes("ilze@example.org") == ["received"]


async def test_an_urgent_search_is_told_who_asked_then_who_is_on_call(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(2)
        school = read_id(INSTITUTION, centre.institution["id"])
        asker = await network.person(
            ["consultant"], email="asker@example.org", language="en", institution_id=school
        )
        await network.person(["coordinator"], phone=PHONE, language="en")
        order = centre.order(starts="now", modes=["phone"], site_id=..., starts_at=...)
        made = await centre.made(asker, "/v1/requests", order)
        post, began = Post(centre), clock.now
        jobs: Jobs = {"urgent": urgent.step}
        await post.work()
        told: list[tuple[int, str, str]] = []
        for minutes in range(1, 7):
            clock.now = began + timedelta(minutes=minutes)
            await tick(pool, queue=None, jobs=jobs, clock=clock)
            told = [
                (round((one.created_at - began) / timedelta(minutes=1)), one.purpose, one.recipient)
                for one in await post.sent()
                if one.purpose in ("widen", "urgent")
            ]
        assert told == [(3, "widen", "asker@example.org"), (5, "urgent", PHONE)]
        (widen,) = await post.sent("widen")
        assert f"{SITE}/desk/requests/{made['id']}" in widen.body


async def test_a_booking_is_confirmed_with_its_place_and_without_what_is_secret(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        asked = await centre.asked(instructions="ask for Ilze")
        booking = await person.accept(asked)
        post = Post(centre)
        (mail,) = await post.sent("booking-confirmed")
        assert f"{SITE}/app#job/{booking['id']}" in mail.body
        assert "Main, Street 1, Riga" in mail.body
        assert "Ilze" not in mail.body
        assert "health" not in mail.body
        gone = await centre.school.post(f"/v1/requests/{asked['id']}/cancel", {"reason": "moved"})
        assert gone.status_code == 200, gone.text
        (mail,) = await post.sent("booking-cancelled")
        assert (mail.recipient, "Street" in mail.body) == ("p1@example.org", False)


async def test_a_past_that_is_told_late_writes_to_nobody(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        await centre.asked()
        clock.now = START + timedelta(hours=2)
        post = Post(centre)
        assert await post.sent() == []
        assert await post.planned("message") == []


async def test_losers_mails_arrive_within_five_seconds(pool: Pool) -> None:
    """The worker's own jobs and clock, and a real SMTP server."""

    def now() -> datetime:
        return datetime.now(UTC)

    office = PostOffice()
    async with opened(office), serving(pool, now) as network:
        centre = await Centre(network, now).open()
        people = await centre.people(4)
        settings = load(
            {
                "INTERPRETERS_SMTP_URL": f"smtp://127.0.0.1:{office.port}",
                "INTERPRETERS_MAIL_FROM": "desk@example.org",
            }
        )
        assert set(carriers_of(settings)) == {"mail", "push"}
        working = asyncio.create_task(relay(pool, queue=None, jobs=jobs_of(settings), clock=now))
        try:
            asked = await centre.asked(starts_at=(now() + timedelta(days=3)).isoformat())
            await arrived(office, 4)
            accepted = [one.api.post for one in people]
            ids = [(await one.offer(asked))["id"] for one in people]
            calls = zip(accepted, ids, strict=True)
            answers = await asyncio.gather(
                *[post(f"/v1/offers/{one}/accept") for post, one in calls]
            )
            since = time.monotonic()
            assert sorted(one.status_code for one in answers) == [200, 409, 409, 409]
            await arrived(office, 8)  # three who lost, and the booking's confirmation
            assert time.monotonic() - since < 5
        finally:
            working.cancel()
        texts = [office.message(number) for number in range(4, 8)]
        losers = {f"p{1 + place}@example.org" for place, one in enumerate(answers)
                  if one.status_code == 409}  # fmt: skip
        lost = {str(one["To"]) for one in texts if "Jums tas nekaitē" in plain(one)}
        assert lost == losers
        assert len({one["Message-ID"] for one in texts}) == 4


def plain(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    return str(body.get_content())


async def arrived(office: PostOffice, count: int) -> None:
    async with asyncio.timeout(5):
        while len(office.taken) < count:
            await asyncio.sleep(0.02)


async def test_a_link_in_a_text_is_the_offers_page(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person(phone=PHONE)
        await centre.asked()
        (text,) = await Post(centre).sent("offer")
        assert (await network.client.get(link_in(text))).status_code == 200
