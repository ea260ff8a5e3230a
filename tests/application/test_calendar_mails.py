"""Calendar entries in mails, as they arrive at a real mail server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import icalendar
import pytest

from api import Api, serving
from centre import START, Centre, Json
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.carriers import carriers_of
from interpreters.application.messages import Carriers
from interpreters.application.people_messages import Outgoing
from interpreters.application.told_people import People
from interpreters.database import Pool
from interpreters.domain.ids import INSTITUTION, NETWORK, read_id, show_id
from interpreters.jobs.deliveries import deliverer
from interpreters.jobs.messages import sender
from interpreters.settings import load
from people_post import SITE, Post
from post_office import PostOffice, opened

pytestmark = pytest.mark.anyio
DESK = "Desk <desk@example.org>"
WHY = {"reason": "not needed"}


class Mails(Post):
    """The worker's jobs with a mail server: what is sent arrives there."""

    def __init__(self, centre: Centre, office: PostOffice) -> None:
        settings = load(
            {
                "INTERPRETERS_SMTP_URL": f"smtp://127.0.0.1:{office.port}",
                "INTERPRETERS_MAIL_FROM": DESK,
            }
        )
        carriers: Carriers = {"mail": carriers_of(settings)["mail"]}
        super().__init__(centre, carriers)
        self.office = office
        self.out = Outgoing(base_url=SITE, ways=frozenset(carriers), mail_from=DESK)
        self.jobs["outbox"] = deliverer([People(self.out)])
        self.jobs["message"] = sender(carriers, texts_per_day=1000)
        self.read = 0

    async def entries(self, recipient: str) -> list[tuple[str, Any]]:
        """Work; return the methods and events that arrived since the last time, for somebody."""
        await self.work()
        arrived = [self.office.message(one) for one in range(self.read, len(self.office.taken))]
        self.read = len(self.office.taken)
        return [entry_in(one) for one in arrived if one["To"] == recipient and parts(one)]


def parts(mail: EmailMessage) -> list[EmailMessage]:
    found = [one for one in mail.walk() if one.get_content_type() == "text/calendar"]
    return [one for one in found if isinstance(one, EmailMessage)]


def entry_in(mail: EmailMessage) -> tuple[str, Any]:
    [part] = parts(mail)
    calendar = icalendar.Calendar.from_ical(part.get_content())
    assert part.get_param("method") == calendar["METHOD"]
    [event] = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), event


@asynccontextmanager
async def posted(pool: Pool, clock: Clock) -> AsyncIterator[tuple[Centre, Mails]]:
    office = PostOffice()
    async with opened(office), serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        yield centre, Mails(centre, office)


async def consultant(centre: Centre) -> Api:
    school = read_id(INSTITUTION, centre.institution["id"])
    return await centre.network.person(
        ["consultant"], email="asker@example.org", language="en", institution_id=school
    )


async def asked_by(centre: Centre, api: Api, **changes: Any) -> Json:
    return await centre.made(api, "/v1/requests", centre.order(**changes))


async def test_a_booking_comes_into_the_calendar_changes_there_and_goes(
    pool: Pool, clock: Clock
) -> None:
    async with posted(pool, clock) as (centre, post):
        person = await centre.person()
        booking = await centre.booked(person)
        [(method, made)] = await post.entries("p1@example.org")
        network = show_id(NETWORK, centre.network.id)
        assert method == "REQUEST"
        assert made["UID"] == f"{booking['id']}@{network}"
        assert made.decoded("DTSTART") == START
        assert made.decoded("DTEND") == START + timedelta(hours=1)
        assert made["DTSTART"].params["TZID"] == "Europe/Riga"
        assert made["ORGANIZER"] == "mailto:desk@example.org"
        assert made["ATTENDEE"] == "mailto:p1@example.org"
        assert made["LOCATION"] == "Main, Riga"
        assert made["STATUS"] == "CONFIRMED"

        clock.now += timedelta(minutes=1)
        path = f"/v1/bookings/{booking['id']}"
        assert (await person.api.post(f"{path}/extend", {"minutes": 30})).status_code == 200
        [(method, longer)] = await post.entries("p1@example.org")
        assert (method, longer["UID"]) == ("REQUEST", made["UID"])
        assert longer["SEQUENCE"] > made["SEQUENCE"]
        assert longer.decoded("DTEND") == START + timedelta(minutes=90)

        clock.now += timedelta(minutes=1)
        assert (await centre.school.post(f"{path}/cancel", WHY)).status_code == 200
        [(method, gone)] = await post.entries("p1@example.org")
        assert (method, gone["UID"], gone["STATUS"]) == ("CANCEL", made["UID"], "CANCELLED")
        assert gone["SEQUENCE"] > longer["SEQUENCE"]


async def test_who_asked_has_one_entry_for_the_request_whoever_comes(
    pool: Pool, clock: Clock
) -> None:
    async with posted(pool, clock) as (centre, post):
        api = await consultant(centre)
        first, second = await centre.people(2)
        request = await asked_by(centre, api)
        assert await post.entries("asker@example.org") == []  # received: nobody comes yet
        booking = await first.accept(request)
        [(method, made)] = await post.entries("asker@example.org")
        network = show_id(NETWORK, centre.network.id)
        assert (method, made["UID"]) == ("REQUEST", f"{request['id']}@{network}")
        assert made.decoded("DTSTART") == START
        assert made["SUMMARY"] == "Dari \N{EN DASH} Latvian, In person"

        clock.now += timedelta(minutes=1)
        path = f"/v1/bookings/{booking['id']}/extend"
        assert (await first.api.post(path, {"minutes": 30})).status_code == 200
        [(method, longer)] = await post.entries("asker@example.org")
        assert (method, longer["UID"]) == ("REQUEST", made["UID"])
        assert longer["SEQUENCE"] > made["SEQUENCE"]
        assert longer.decoded("DTEND") == START + timedelta(minutes=90)

        clock.now += timedelta(minutes=1)
        path = f"/v1/bookings/{booking['id']}/give-back"
        assert (await first.api.post(path, {"reason": "ill"})).status_code == 200
        [(method, gone)] = await post.entries("asker@example.org")
        assert (method, gone["UID"]) == ("CANCEL", made["UID"])
        assert gone["SEQUENCE"] > longer["SEQUENCE"]

        clock.now += timedelta(minutes=1)
        await second.accept(request)
        [(method, again)] = await post.entries("asker@example.org")
        assert (method, again["UID"]) == ("REQUEST", made["UID"])
        assert again["SEQUENCE"] > gone["SEQUENCE"]

        clock.now += timedelta(minutes=1)
        answer = await api.post(f"/v1/requests/{request['id']}/cancel", WHY)
        assert answer.status_code == 200, answer.text
        [(method, over)] = await post.entries("asker@example.org")
        assert (method, over["UID"]) == ("CANCEL", made["UID"])
        assert over["SEQUENCE"] > again["SEQUENCE"]


async def test_an_entry_names_no_client_no_topic_and_no_street(pool: Pool, clock: Clock) -> None:
    async with posted(pool, clock) as (centre, post):
        person = await centre.person()
        await centre.booked(person, external_reference="CASE-77", instructions="Ask for Ilze")
        await post.work()
        [mail] = [
            one for one in map(post.office.message, range(len(post.office.taken))) if parts(one)
        ]
        text = parts(mail)[0].get_content()
        for word in ("LV-1042", "CASE-77", "Ilze", "health", "Street 1"):
            assert word not in text


async def test_an_entry_is_sealed_until_it_is_sent_and_then_forgotten(
    pool: Pool, clock: Clock
) -> None:
    async with posted(pool, clock) as (centre, post):
        person = await centre.person()
        await centre.booked(person)
        for one in await post.due("outbox"):
            await post.jobs["outbox"](
                pool, network_id=one.network_id, id=one.id, clock=centre.clock
            )
        held = await attachments(centre)
        assert [one[:9] for one in held] == ["sealed:1:"]
        await post.work()
        assert await attachments(centre) == []


async def attachments(centre: Centre) -> list[str]:
    network = centre.network
    rows: Any = await run(
        network.pool, network.id,
        lambda db: db.fetch(
            "SELECT m.attachment FROM messages m"
            " WHERE m.network_id = $1 AND m.attachment IS NOT NULL",
            network.id,
        ),
    )  # fmt: skip
    return [row["attachment"] for row in rows]


async def test_a_text_message_brings_no_entry(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person(email=None, phone="+37125565098")
        await centre.booked(person)
        post = Post(centre)
        post.out = Outgoing(
            base_url=SITE, ways=frozenset({"mail", "text"}), mail_from="desk@example.org"
        )
        post.jobs["outbox"] = deliverer([People(post.out)])
        told = await post.sent("booking-confirmed")
        assert [(one.channel, one.attachment) for one in told] == [("text", None)]
