"""Whether somebody saw what they were asked: who says so, who reads it, that it does nothing."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from api import Api, serving
from centre import Centre, Json, Person, z
from conftest import Clock
from interpreters.database import Pool
from people_post import Post, link_in
from phone import signed_in
from roster import another_network, errors_of

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def centre(pool: Pool, clock: Clock) -> AsyncIterator[Centre]:
    async with serving(pool, clock) as network:
        yield await Centre(network, clock).open()


async def seen_at(centre: Centre, offer: Json) -> Any:
    """Return what a coordinator reads, in all places alike."""
    shown = (await centre.coordinator.get(f"/v1/offers/{offer['id']}")).json()
    listed = (await centre.coordinator.get("/v1/offers")).json()["items"]
    assert shown == next(one for one in listed if one["id"] == offer["id"])
    return shown["seen_at"]


async def see(person: Person, offer: Json, **body: str) -> None:
    response = await person.api.post(f"/v1/offers/{offer['id']}/seen", body)
    assert response.status_code == 200, response.text
    assert response.json() == offer


async def test_a_coordinator_reads_when_it_was_first_seen(centre: Centre) -> None:
    person = await centre.person()
    request = await centre.asked()
    offer = await person.offer(request)
    assert await seen_at(centre, offer) is None
    centre.clock.now += MINUTE
    first = z(centre.clock.now)
    await see(person, offer)
    centre.clock.now += MINUTE
    await see(person, offer)
    assert await seen_at(centre, offer) == first
    path = f"/v1/requests/{request['id']}/candidates/{person.id}"
    [asked] = (await centre.coordinator.get(path)).json()["offers"]
    assert asked["seen_at"] == first


async def test_what_a_phone_sends_later_counts_from_when_it_was(centre: Centre) -> None:
    """Seen on one phone without a network, on another one after that: the earlier time is true."""
    person = await centre.person()
    offer = await person.offer(await centre.asked())
    made = centre.clock.now
    centre.clock.now = made + 20 * MINUTE
    await see(person, offer)
    assert await seen_at(centre, offer) == z(made + 20 * MINUTE)
    await see(person, offer, said_at=z(made + 2 * MINUTE))
    assert await seen_at(centre, offer) == z(made + 2 * MINUTE)
    for never in (made - MINUTE, centre.clock.now + MINUTE):
        response = await person.api.post(f"/v1/offers/{offer['id']}/seen", {"said_at": z(never)})
        assert errors_of(response) == {("/said_at", "out-of-range")}
    await see(person, offer, said_at=z(made))
    assert await seen_at(centre, offer) == z(made)


async def test_reading_lists_and_opening_links_is_not_seeing(centre: Centre) -> None:
    """Programs do both, of people who sleep."""
    person = await centre.person()
    offer = await person.offer(await centre.asked())
    assert (await person.api.get(f"/v1/offers/{offer['id']}")).status_code == 200
    token = await signed_in(centre.network, person)
    state = await centre.network.client.get(
        "/app/state", headers={"Cookie": f"interpreters_token={token}"}
    )
    assert [one["seen"] for one in state.json()["offers"]] == [False]
    [letter] = await Post(centre).sent("offer")
    assert (await centre.network.client.get(link_in(letter))).status_code == 200
    assert await seen_at(centre, offer) is None


async def test_seeing_changes_neither_the_offer_nor_the_search(centre: Centre) -> None:
    person, other = await centre.people(2)
    request = await centre.asked()
    offer = await person.offer(request)
    path = f"/v1/requests/{request['id']}/candidates"
    before = [
        (await centre.coordinator.get(path)).json(), await centre.all_due(request),
        await centre.events(), await centre.request(request), await other.offer(request),
    ]  # fmt: skip
    await see(person, offer)
    assert before == [
        (await centre.coordinator.get(path)).json(), await centre.all_due(request),
        await centre.events(), await centre.request(request), await other.offer(request),
    ]  # fmt: skip
    await person.accept(request)
    await see(other, await other.offer(request))
    assert (await other.offer(request))["state"] == "taken"


async def test_it_is_nobodys_but_the_interpreters_to_say_and_coordinators_to_read(
    centre: Centre,
) -> None:
    person, other = await centre.people(2)
    request = await centre.asked()
    offer = await person.offer(request)
    path = f"/v1/offers/{offer['id']}/seen"
    bad = {"said_at": "never"}
    assert (await other.api.post(path, bad)).status_code == 404
    for api in (centre.coordinator, centre.school, await centre.network.caller("finance")):
        assert (await api.post(path, bad)).status_code == 403
    async with another_network(centre.network) as stranger:
        assert (await stranger.post(path, bad)).status_code == 403
    await see(person, offer)
    assert "seen_at" not in await person.offer(request)
    for page in (f"/v1/requests/{request['id']}", "/v1/requests", "/v1/events"):
        assert "seen" not in (await centre.school.get(page)).text
    assert (await centre.school.get(f"/v1/offers/{offer['id']}")).status_code == 403


async def test_the_board_says_who_has_seen_it(centre: Centre) -> None:
    person, _ = await centre.people(2)
    request = await centre.asked()
    centre.clock.now += MINUTE
    await see(person, await person.offer(request))
    anna = await centre.network.person(["coordinator"], email="anna@example.org")
    page = await board(centre, anna, request)
    assert page.count("Seen: ") == 2  # beside who could do it, and who was asked
    assert page.count("Not seen in the app yet") == 2
    await person.accept(request)
    assert "een in the app" not in await board(centre, anna, request)


async def board(centre: Centre, who: Api, request: Json) -> str:
    """Return the request's page."""
    page = await centre.network.client.get(
        f"/board/requests/{request['id']}?lang=en",
        headers={"Cookie": f"interpreters_token={who.token}"},
    )
    assert page.status_code == 200
    return page.text.replace("<bdi>", "").replace("</bdi>", "")


async def test_it_is_told_to_its_person_and_gone_with_them(centre: Centre) -> None:
    person = await centre.person()
    offer = await person.offer(await centre.asked())
    await see(person, offer)
    path = f"/v1/interpreters/{person.id}"
    held = (await person.api.get(f"{path}/export")).json()["held"]
    [own] = held["offers"]
    assert own["seen_at"] is not None
    erased = await centre.coordinator.post(f"{path}/erase", {})
    assert erased.status_code == 200, erased.text
    assert await seen_at(centre, offer) is None
