"""The one-tap page: opening changes nothing, one tap answers, nothing more is ever shown."""

import asyncio
from datetime import timedelta

import pytest

from api import serving
from centre import START, Centre
from clients_page import text_of
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.ids import OFFER, read_id
from interpreters.domain.tokens import new_token
from people_post import Post, link_in

pytestmark = pytest.mark.anyio
NEVER = ("Street", "School", "Main", "health", "Ilze", "CASE-77", "LV-1042")


async def links(centre: Centre) -> dict[str, str]:
    """Return each one-tap link by whom it was sent to."""
    return {one.recipient: link_in(one) for one in await Post(centre).sent("offer")}


async def test_opening_shows_the_offer_and_changes_nothing(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        await centre.asked(instructions="ask for Ilze", external_reference="CASE-77")
        path = (await links(centre))["p1@example.org"]
        for _ in range(3):
            await network.client.head(path)
            await network.client.get(path)
        page = await network.client.get(f"{path}?lang=en")
        assert page.status_code == 200
        told = text_of(page)
        for part in ("Dari \N{EN DASH} Latvian", "In person", "Wednesday, November 25, 2026",
                     "10:00 \N{EN DASH} 11:00", "Riga", "Answer by"):  # fmt: skip
            assert part in told, part
        assert [one for one in NEVER if one in page.text] == []
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert [one["state"] for one in await person.offers("open")] == ["open"]


async def test_a_yes_is_the_booking_and_the_details_stay_behind_the_sign_in(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        asked = await centre.asked(instructions="ask for Ilze", external_reference="CASE-77")
        path = (await links(centre))["p1@example.org"]
        for _ in range(2):  # again: the same answer, no second booking
            page = await network.client.post(f"{path}?lang=en", data={"answer": "yes"})
            assert page.status_code == 200
            assert "You have the job." in text_of(page)
            assert [one for one in NEVER if one in page.text] == []
        assert (await centre.request(asked))["state"] == "filled"
        assert len((await person.api.get("/v1/bookings")).json()["items"]) == 1
        late = await network.client.post(f"{path}?lang=en", data={"answer": "no"})
        assert (late.status_code, "You have the job." in text_of(late)) == (409, True)


async def test_a_no_is_a_no_and_cannot_be_taken_back(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        asked = await centre.asked()
        path = (await links(centre))["p1@example.org"]
        page = await network.client.post(f"{path}?lang=en", data={"answer": "no"})
        assert (page.status_code, "You said no." in text_of(page)) == (200, True)
        page = await network.client.post(f"{path}?lang=en", data={"answer": "yes"})
        assert (page.status_code, "You said no." in text_of(page)) == (409, True)
        assert (await centre.request(asked))["state"] == "unfilled"


async def test_a_post_of_nothing_is_the_yes_of_the_link(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        asked = await centre.asked()
        path = (await links(centre))["p1@example.org"]
        for elsewhere in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            assert (await network.client.post(path, headers=elsewhere)).status_code == 403
        assert (await network.client.post(path, json={"answer": "yes"})).status_code == 403
        assert (await centre.request(asked))["state"] == "searching"
        for _ in range(2):
            assert (await network.client.post(path)).status_code == 200
        assert (await centre.request(asked))["state"] == "filled"


async def test_many_taps_at_once_are_one_booking_and_losers_read_that_it_is_taken(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(4)
        await centre.asked()
        paths = (await links(centre)).values()
        pages = await asyncio.gather(
            *[network.client.post(f"{one}?lang=en", data={"answer": "yes"}) for one in paths]
        )
        assert sorted(one.status_code for one in pages) == [200, 409, 409, 409]
        taken = "Somebody else has taken it. If it is free again, you are asked first."
        assert sum(taken in text_of(one) for one in pages) == 3
        assert await network.count("bookings") == 1


async def test_who_is_busy_is_told_and_may_still_say_no(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        first, second = await centre.asked(), await centre.asked()
        post = Post(centre)
        key = read_id(OFFER, (await person.offer(second))["id"])
        path = next(link_in(one) for one in await post.sent("offer") if key == one.offer_id)
        await person.accept(first)
        page = await network.client.post(f"{path}?lang=en", data={"answer": "yes"})
        assert page.status_code == 409
        assert "You have another booking at that time" in text_of(page)
        assert "No, I cannot" in text_of(page)
        assert (await centre.request(second))["state"] == "searching"


async def test_a_closed_offer_says_so_and_shows_nothing_else(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        asked = await centre.asked()
        path = (await links(centre))["p1@example.org"]
        clock.now = START - timedelta(minutes=1)
        page = await network.client.get(f"{path}?lang=en")
        assert "The time to answer is over." in text_of(page)
        assert "Dari" not in text_of(page)
        late = await network.client.post(f"{path}?lang=en", data={"answer": "yes"})
        assert late.status_code == 409
        await centre.school.post(f"/v1/requests/{asked['id']}/cancel", {"reason": "x"})
        page = await network.client.get(f"{path}?lang=en")
        assert "It is not needed any more." in text_of(page)


async def test_no_link_no_offer(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        for path in (f"/o/{new_token(network.id, 'ol')}", f"/o/{new_token(network.id, 'cl')}",
                     "/o/ol_x", "/o/%00"):  # fmt: skip
            assert (await network.client.get(path)).status_code == 404
            answer = await network.client.post(path, data={"answer": "yes"})
            assert answer.status_code == 404


async def test_another_sites_form_answers_nothing(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        await centre.asked()
        path = (await links(centre))["p1@example.org"]
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            page = await network.client.post(path, data={"answer": "yes"}, headers=headers)
            assert page.status_code == 403
        for body in ({}, {"answer": "maybe"}):
            page = await network.client.post(path, data={**body, "x": "y"})
            assert page.status_code == 404
        assert len(await person.offers("open")) == 1
