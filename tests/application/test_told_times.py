"""Who must be there earlier, or stays longer, is told when: in mails, pages and calendars."""

from datetime import timedelta

import pytest

from api import serving
from centre import START, Centre, Person
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.ids import INSTITUTION, read_id
from people_post import SITE, Post, link_in

pytestmark = pytest.mark.anyio
BRIEFING = {"briefing_minutes": 20}  # at 10:00 in Riga: from 09:40


async def reader(centre: Centre) -> Person:
    """Return an interpreter who reads English."""
    person = await centre.person()
    path = f"/v1/interpreters/{person.id}"
    answer = await centre.coordinator.patch(path, {"language": "en"})
    assert answer.status_code == 200, answer.text
    return person


async def test_a_briefing_is_named_in_the_offer_on_its_page_and_in_what_is_told_of_the_booking(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await reader(centre)
        asked = await centre.asked(**BRIEFING)
        post = Post(centre)
        (offer,) = await post.sent("offer")
        page = await network.client.get(f"{link_in(offer)}?lang=en")
        await person.accept(asked)
        (confirmed,) = await post.sent("booking-confirmed")
        link = await centre.made(person.api, "/v1/calendar-links", {})
        path = "/" + str(link["url"]).split("/", 3)[3]
        feed = (await network.client.get(path)).text
        for told in (offer.body, page.text, confirmed.body, feed):
            assert "Briefing from 09:40" in told.replace("\r\n ", "")


async def test_without_a_briefing_none_is_named(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await reader(centre)
        await centre.asked()
        (offer,) = await Post(centre).sent("offer")
        page = await network.client.get(f"{link_in(offer)}?lang=en")
        assert f"{SITE}/o/" in offer.body
        assert "Briefing" not in offer.body + page.text


async def test_who_asked_is_told_each_time_the_session_is_made_longer_and_until_when(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        school = read_id(INSTITUTION, centre.institution["id"])
        asker = await network.person(
            ["consultant"], email="asker@example.org", language="en", institution_id=school
        )
        person = await reader(centre)
        asked = await centre.made(asker, "/v1/requests", centre.order())
        booking = await person.accept(asked)
        post = Post(centre, {"mail": None})
        await post.work()
        clock.now = START
        path = f"/v1/bookings/{booking['id']}"
        assert (await person.api.post(f"{path}/start")).status_code == 200
        ends = []
        for minutes in (50, 75):  # the second time after the end that was asked for
            clock.now = START + timedelta(minutes=minutes)
            assert (await person.api.post(f"{path}/extend", {"minutes": 30})).status_code == 200
            told = [one for one in await post.sent("extended") if one.id not in ends]
            (letter,) = told
            ends.append(letter.id)
            assert letter.recipient == "asker@example.org"
            assert letter.subject == "The session was made longer"
            until = {50: "10:00 \N{EN DASH} 11:30", 75: "10:00 \N{EN DASH} 12:00"}[minutes]
            assert until in letter.body
            assert "health" not in letter.body
        changed = await post.sent("booking-changed")
        assert [one.recipient for one in changed] == ["p1@example.org"] * 2
