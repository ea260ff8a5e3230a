"""Plans on the board: proposed, looked at, accepted in part, put aside."""

import re
from datetime import timedelta

import pytest

from api import serving
from board_visitors import anna, hidden
from centre import START, Centre, z
from conftest import Clock
from interpreters.application import plan_acceptances
from interpreters.database import Pool

pytestmark = pytest.mark.anyio


async def test_a_plan_is_made_accepted_in_part_and_the_rest_put_aside(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        early = await centre.asked()  # nobody is on the roster yet
        later = await centre.asked(starts_at=z(START + timedelta(hours=5)))
        people = await centre.people(2)
        desk = await anna(network)

        fields = hidden((await desk.get("/board/plans")).text, "/board/plans")
        made = [await desk.send("/board/plans", {**fields, "days": "7"}) for _ in range(2)]
        assert [one.status_code for one in made] == [303, 303]
        path = made[0].headers["location"]
        assert made[1].headers["location"] == path  # sent twice, made once
        page = (await desk.get(path)).text
        places = re.findall(r'name="place" value="([^"]+)"', page)
        assert len(places) == 2
        assert "In the order of arrival it would be</dt><dd>2<" in page
        assert "Not decided yet" in page
        assert "of 100 points" in page

        none = await desk.send(f"{path}/accept", hidden(page, f"{path}/accept"))
        assert none.status_code == 422
        assert "Please tick whom to ask." in none.text
        fields = hidden(page, f"{path}/accept")
        done = await desk.send(f"{path}/accept", {**fields, "place": places[0]})
        assert done.status_code == 303
        assert sum([len(await one.offers()) for one in people]) == 1
        page = (await desk.get(path)).text
        assert re.findall(r'name="place" value="([^"]+)"', page) == places[1:]
        assert "Accepted in part" in page
        states = [(await centre.request(one))["state"] for one in (early, later)]
        assert states == ["searching", "unfilled"]

        aside = await desk.send(f"{path}/dismiss", hidden(page, f"{path}/dismiss"))
        assert aside.status_code == 303
        assert "Put aside" in (await desk.get(path)).text
        over = await desk.send(f"{path}/accept", {"key": "another", "place": places[1]})
        assert over.status_code == 409
        assert "This plan is over." in over.text
        assert path in (await desk.get("/board/plans")).text


async def test_many_people_are_asked_by_the_worker_and_the_page_says_so(
    pool: Pool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_acceptances, "AT_ONCE", 0)
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.asked()
        (person,) = await centre.people(1)
        desk = await anna(network)
        made = await desk.send("/board/plans", {"key": "one"})
        path = made.headers["location"]
        page = (await desk.get(path)).text
        (place,) = re.findall(r'name="place" value="([^"]+)"', page)

        sent = await desk.send(f"{path}/accept", {**hidden(page, f"{path}/accept"), "place": place})

        assert sent.status_code == 303
        assert sent.headers["location"].startswith(f"{path}?asking=op_")
        assert "People are being asked." in (await desk.get(sent.headers["location"])).text
        assert "People are being asked." not in (await desk.get(path)).text
        assert (await desk.get(f"{path}?asking=x")).status_code == 404
        assert await person.offers() == []


async def test_a_place_of_no_plan_and_a_plan_of_nobody(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        await Centre(network, clock).open()
        desk = await anna(network)
        made = await desk.send("/board/plans", {"key": "one"})
        path = made.headers["location"]
        wrong = await desk.send(f"{path}/accept", {"key": "two", "place": "x"})
        assert wrong.status_code == 422
        for verb in ("accept", "dismiss"):
            gone = await desk.send(f"/board/plans/x/{verb}", {"key": verb, "place": "x"})
            assert gone.status_code == 404
        assert (await desk.get("/board/plans/x")).status_code == 404
        assert (await desk.get("/board/plans?making=x")).status_code == 404


async def test_only_coordinators_plan(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        finance = await network.person(["finance"])
        cookie = {"Cookie": f"interpreters_token={finance.token}"}
        for page in ("/board/plans", "/board/plans/x"):
            assert (await network.client.get(page, headers=cookie)).status_code == 403
            assert (await network.client.get(page)).status_code == 303
        assert (await network.client.post("/board/plans")).status_code == 303
