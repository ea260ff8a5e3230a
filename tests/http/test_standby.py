"""The standby list: a late yes is refused and remembered, and asked first when it is free again."""

from datetime import timedelta

import pytest

from api import serving
from centre import START, Centre, Json, Person
from conftest import Clock
from interpreters.database import Pool
from people_post import Post, link_in

pytestmark = pytest.mark.anyio


async def says_yes_late(person: Person, request: Json) -> Json:
    offer = await person.offer(request)
    refused = await person.api.post(f"/v1/offers/{offer['id']}/accept")
    assert (refused.status_code, refused.json()["code"]) == (409, "offer-taken")
    shown: Json = (await person.api.get(f"/v1/offers/{offer['id']}")).json()
    return shown


async def test_a_late_yes_is_refused_and_kept(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first, late, silent = await centre.people(3)
        request = await centre.asked()
        await first.accept(request)
        shown = await says_yes_late(late, request)
        assert (shown["state"], shown["standby"]) == ("taken", True)
        clock.now += timedelta(minutes=1)
        assert await says_yes_late(late, request) == shown
        assert "standby" not in (await silent.offer(request))
        assert "standby" not in (await first.offer(request))


async def test_whoever_stands_by_is_asked_first_and_the_reasons_say_so(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        ladder = {"chance": 0.9, "threshold": 0.85}  # a wave is one person
        await centre.coordinator.patch("/v1/network", {"ladder": ladder})
        best = await centre.people(3, qualification="certified")
        request = await centre.asked()
        late = await centre.person(qualification="language_speaker")
        people = {one.id: one for one in [*best, late]}
        for _ in range(3):  # until everybody is asked, the least qualified last
            clock.now += timedelta(minutes=10)
            await centre.step(request)
        assert sorted((await centre.states(request)).values()) == ["open"] * 4
        booking = await best[0].accept(request)
        await says_yes_late(late, request)
        clock.now += timedelta(minutes=1)
        path = f"/v1/bookings/{booking['id']}/give-back"
        assert (await best[0].api.post(path, {"reason": "ill"})).status_code == 200
        states = await centre.states(request)
        assert [key for key, state in states.items() if state == "open"] == [str(late.key)]
        found = (await centre.coordinator.get(f"/v1/requests/{request['id']}/candidates")).json()
        remarks = {
            one["interpreter"]["id"]: [r for r in one["reasons"] if r["code"] == "standby"]
            for one in found["candidates"]
        }
        # Now that they were asked again they stand by for nothing any more.
        assert set(remarks) == set(people) - {best[0].id}
        assert (await late.offer(request))["state"] == "open"
        assert "standby" not in (await late.offer(request))


async def test_candidates_name_who_stands_by_and_the_score_stays(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first, late, _ = await centre.people(3)
        request = await centre.asked()
        await first.accept(request)
        path = f"/v1/requests/{request['id']}/candidates"
        before = (await centre.coordinator.get(path)).json()["candidates"]
        await says_yes_late(late, request)
        after = (await centre.coordinator.get(path)).json()["candidates"]
        scores = [
            {one["interpreter"]["id"]: one["score"] for one in each} for each in (before, after)
        ]
        assert scores[0] == scores[1]
        for one in after:
            remark = [each for each in one["reasons"] if each["code"] == "standby"]
            assert len(remark) == (one["interpreter"]["id"] == late.id)
            assert all(each["points"] == 0 for each in remark)
            assert round(sum(each["points"] for each in one["reasons"]), 1) == one["score"]


async def test_what_is_over_or_called_off_has_no_list(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first, late = await centre.people(2)
        request = await centre.asked()
        await first.accept(request)
        clock.now = START + timedelta(minutes=60)  # its end
        assert "standby" not in (await says_yes_late(late, request))
        off = await centre.asked(starts_at=(START + timedelta(days=1)).isoformat())
        await first.accept(off)
        gone = await centre.school.post(f"/v1/requests/{off['id']}/cancel", {"reason": "moved"})
        assert gone.status_code == 200
        assert "standby" not in (await says_yes_late(late, off))


async def test_an_outsider_stands_by_for_nothing(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first, late = await centre.people(2)
        request = await centre.asked()
        await first.accept(request)
        offer = await late.offer(request)
        assert (await first.api.post(f"/v1/offers/{offer['id']}/accept")).status_code == 404
        assert "standby" not in (await late.offer(request))


async def test_a_late_tap_on_the_page_is_on_the_list_and_the_page_says_so(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first, late = await centre.people(2)
        request = await centre.asked()
        links = {one.recipient: link_in(one) for one in await Post(centre).sent("offer")}
        await first.accept(request)
        path = f"{links['p2@example.org']}?lang=en"
        words = "If it is free again, you are asked first."
        assert words not in (await network.client.get(path)).text
        said_no = await network.client.post(path, data={"answer": "no"})
        assert (said_no.status_code, words in said_no.text) == (409, False)
        said_yes = await network.client.post(path, data={"answer": "yes"})
        assert (said_yes.status_code, words in said_yes.text) == (409, True)
        assert (await late.offer(request))["standby"] is True
