"""Institutions, people and settings in the browser's forms of coordinators."""

import re
from typing import Any

import httpx
import pytest

from api import Api, Network, serving
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.ids import INSTITUTION, read_id

pytestmark = pytest.mark.anyio


async def send(api: Api, path: str, **fields: Any) -> httpx.Response:
    return await api.call(
        "POST", path, content=str(httpx.QueryParams(fields)),
        headers={"sec-fetch-site": "same-origin",
                 "content-type": "application/x-www-form-urlencoded"},
    )  # fmt: skip


async def shown(api: Api, path: str, status: int = 200) -> str:
    response = await api.get(path)
    assert response.status_code == status, response.text
    return " ".join(re.sub(r"</?bdi[^>]*>", "", response.text).split())


def fields_of(page: str, action: str) -> dict[str, str]:
    """Return what a page's form would send if nobody touched it."""
    found = re.search(rf'<form method="post" action="{action}">(.*?)</form>', page, re.DOTALL)
    assert found is not None
    sent = {}
    for one in re.findall(r"<input [^>]*>", found[1]):
        name = re.search(r'name="([^"]*)"', one)
        value = re.search(r'value="([^"]*)"', one)
        if name and ('type="checkbox"' not in one or " checked" in one):
            sent[name[1]] = value[1] if value else ""
    for name, options in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', found[1]):
        chosen = re.search(r'value="([^"]*)" selected', options)
        first = re.search(r'value="([^"]*)"', options)
        sent[name] = chosen[1] if chosen else first[1] if first else ""
    return sent


async def inga(network: Network) -> Api:
    return await network.person(["coordinator"], display_name="Inga", email="inga@example.org")


async def test_an_institution_with_a_place_and_a_key(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await inga(network)
        nameless = await send(coordinator, "/board/institutions/new", key="a", kind="health")
        assert nameless.status_code == 422
        assert 'id="wrong-name"' in nameless.text
        made = await send(coordinator, "/board/institutions/new", key="b", name="Hospital",
                          kind="health", country="LV")  # fmt: skip
        assert made.status_code == 303
        page = made.headers["location"].partition("?")[0]
        told = await shown(coordinator, page)
        assert "Latvian" in told
        place = {"name": "East wing", "city": "Riga", "rooms": "Room 1, Room 2",
                 "mon": "9-17", "phone": "+371 67000000"}  # fmt: skip
        broken = await send(coordinator, f"{page}/sites/new", key="c",
                            **(place | {"mon": "17-9", "latitude": "57"}))  # fmt: skip
        assert broken.status_code == 422
        for at in ("wrong-mon", "wrong-longitude"):
            assert f'id="{at}"' in broken.text, at
        assert (await send(coordinator, f"{page}/sites/new", key="d", **place)).status_code == 303
        told = await shown(coordinator, page)
        site = re.search(r'href="([^"]*/sites/sit_\w+)"', told)
        assert site is not None
        form = await shown(coordinator, site[1])
        assert 'value="Room 1, Room 2"' in form
        assert 'value="09:00-17:00"' in form
        sent = fields_of(form, site[1]) | {"city": "Liepaja"}
        assert (await send(coordinator, site[1], **sent)).status_code == 303
        stale = await send(coordinator, site[1], **(sent | {"key": "e", "city": "Cesis"}))
        assert stale.status_code == 409
        key = await send(coordinator, f"{page}/keys", key="f", name="CRM", mode="live")
        token = re.search(r'value="(ik_\w+|[a-z]+_\w+_\w+)"', key.text)
        assert key.status_code == 200
        assert token is not None
        again = await send(coordinator, f"{page}/keys", key="f", name="CRM", mode="live")
        assert token[1] not in again.text
        key_id = re.search(r'name="key_id" value="(\w+)"', again.text)
        assert key_id is not None
        ended = await send(coordinator, f"{page}/keys/end", key_id=key_id[1])
        assert ended.status_code == 303
        assert "Ended" in await shown(coordinator, page)


async def test_an_institution_is_changed_as_it_stood(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await inga(network)
        school_id, _ = await network.institution()
        path = f"/board/institutions/{school_id}"
        assert "School 12" in await shown(coordinator, "/board/institutions?name=school")
        assert "School 12" not in await shown(coordinator, "/board/institutions?name=police")
        form = fields_of(await shown(coordinator, f"{path}/change"), f"{path}/change")
        changed = await send(coordinator, f"{path}/change", **(form | {"name": "School 13"}))
        assert changed.status_code == 303
        stale = await send(coordinator, f"{path}/change", **(form | {"key": "x"}))
        assert stale.status_code == 409
        assert "School 13" in await shown(coordinator, path)


async def test_people_are_invited_given_roles_and_shut_out(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await inga(network)
        school_id, _ = await network.institution()
        new = {"display_name": "Kristine", "email": "kristine@example.org",
               "role_consultant": "yes"}  # fmt: skip
        homeless = await send(coordinator, "/board/users/new", key="a", **new)
        assert homeless.status_code == 422
        assert "Please choose the institution they work for." in homeless.text
        invited = await send(coordinator, "/board/users/new", key="b", institution_id=school_id,
                             **new)  # fmt: skip
        assert invited.status_code == 303
        told = await shown(coordinator, "/board/users")
        assert "School 12" in told
        page = re.search(r'href="(/board/users/usr_\w+)">Kristine', told)
        assert page is not None
        form = fields_of(await shown(coordinator, page[1]), page[1])
        assert form["institution_id"] == school_id
        more = await send(coordinator, page[1], **(form | {"role_finance": "yes"}))
        assert more.status_code == 303
        stale = await send(coordinator, page[1], **(form | {"key": "c"}))
        assert stale.status_code == 409
        form = fields_of(await shown(coordinator, page[1]), page[1])
        out = await send(coordinator, page[1], **(form | {"shut_out": "yes"}))
        assert out.status_code == 303
        assert "Kristine" not in await shown(coordinator, "/board/users")
        assert "May not sign in" in await shown(coordinator, "/board/users?active=all")
        again = await send(coordinator, f"{page[1]}/invite", key="d")
        assert again.status_code == 409


async def test_the_last_coordinator_stays(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await inga(network)
        told = await shown(coordinator, "/board/users?role=coordinator")
        page = re.search(r'href="(/board/users/usr_\w+)">Inga', told)
        assert page is not None
        form = fields_of(await shown(coordinator, page[1]), page[1])
        gone = await send(coordinator, page[1], **(form | {"shut_out": "yes"}))
        assert gone.status_code == 409
        assert "This is the last coordinator." in gone.text


async def test_settings_are_checked_and_versioned(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await inga(network)
        path = "/board/network"
        form = fields_of(await shown(coordinator, path), path)
        broken = await send(coordinator, path, **(form | {"time_zone": "Mars", "currency": "X"}))
        assert broken.status_code == 422
        for at in ("wrong-time_zone", "wrong-currency"):
            assert f'id="{at}"' in broken.text, at
        good = form | {"key": "b", "name": "Our centre", "ask_conflicts": "yes",
                       "give_back_hours": "24", "travel_approval": "30.50"}  # fmt: skip
        assert (await send(coordinator, path, **good)).status_code == 303
        stored = (await coordinator.get("/v1/network")).json()
        assert stored["name"] == "Our centre"
        assert stored["ask_conflicts"] is True
        assert stored["give_back_hours"] == 24
        assert stored["travel_approval_minor"] == 3050
        stale = await send(coordinator, path, **(good | {"key": "c"}))
        assert stale.status_code == 409


async def test_how_people_are_asked_gets_the_next_version(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await inga(network)
        path = "/board/network/asking"
        form = fields_of(await shown(coordinator, "/board/network"), path)
        assert form["chance"] == "38"
        assert form["gap-1"] == "10"
        wrong = await send(coordinator, path, **(form | {"gap-1": "soon"}))
        assert wrong.status_code == 422
        assert 'id="wrong-ladder-gaps-1-gap"' in wrong.text
        changed = await send(coordinator, path, **(form | {"key": "b", "gap-1": "15"}))
        assert changed.status_code == 303
        ladder = (await coordinator.get("/v1/network")).json()["ladder"]
        assert ladder["gaps"][1] == {"lead": 86400, "inclusive": True, "gap": 900}
        assert ladder["gaps"][0]["inclusive"] is False
        assert ladder["version"] == 2
        form = fields_of(await shown(coordinator, "/board/network"), path)
        usual = await send(coordinator, path, **(form | {"usual": "yes"}))
        assert usual.status_code == 303
        form = fields_of(await shown(coordinator, "/board/network"), path)
        assert form["gap-1"] == "10"


async def test_an_institution_is_asked_for_in_its_own_way_and_again_as_everybody(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await inga(network)
        own, _ = await network.institution()
        page, path = f"/board/institutions/{own}", f"/board/institutions/{own}/asking"
        assert "as for everybody" in await shown(coordinator, page)
        form = fields_of(await shown(coordinator, path), path)
        assert (form["gap-1"], "usual" in form) == ("10", False)
        assert "Ask as for everybody again" not in await shown(coordinator, path)

        wrong = await send(coordinator, path, **(form | {"gap-1": "soon", "chance": "120"}))
        assert wrong.status_code == 422
        for at in ("wrong-ladder-gaps-1-gap", "wrong-ladder-chance"):
            assert f'id="{at}"' in wrong.text, at
        assert 'value="soon"' in wrong.text
        assert (await coordinator.get(f"/v1/institutions/{own}")).json()["ladder"] is None

        changed = await send(coordinator, path, **(form | {"key": "b", "gap-1": "15"}))
        assert changed.status_code == 303
        stored = (await coordinator.get(f"/v1/institutions/{own}")).json()
        assert stored["ladder"]["gaps"][1]["gap"] == 900
        assert (await coordinator.get("/v1/network")).json()["ladder"] == {}
        assert "in its own way" in await shown(coordinator, page)
        stale = await send(coordinator, path, **(form | {"key": "c", "gap-1": "20"}))
        assert stale.status_code == 409
        assert 'value="15"' in stale.text

        form = fields_of(await shown(coordinator, path), path)
        assert form["gap-1"] == "15"
        usual = await send(coordinator, path, **(form | {"key": "d", "usual": "yes"}))
        assert usual.status_code == 303
        assert (await coordinator.get(f"/v1/institutions/{own}")).json()["ladder"] is None
        assert "as for everybody" in await shown(coordinator, page)


async def test_an_institution_without_its_own_way_begins_with_the_networks(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await inga(network)
        own, _ = await network.institution()
        await coordinator.patch("/v1/network", {"ladder": {"now_gap": 45}})
        path = f"/board/institutions/{own}/asking"
        assert fields_of(await shown(coordinator, path), path)["now_gap"] == "45"


async def test_points_are_100_together_and_versioned(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await inga(network)
        page, path = "/board/network/rules", "/board/network/rules/points"
        form = fields_of(await shown(coordinator, page), path)
        assert sum(int(form[one]) for one in form if one not in ("key", "version")) == 100
        wrong = await send(coordinator, path, **(form | {"travel": "50"}))
        assert wrong.status_code == 422
        assert "The points must be 100 together." in wrong.text
        broken = await send(coordinator, path, **(form | {"travel": "far", "mode": "101"}))
        for at in ("wrong-weights-travel", "wrong-weights-mode"):
            assert f'id="{at}"' in broken.text, at
        moved = form | {"key": "b", "travel": str(int(form["travel"]) - 2),
                        "fairness": str(int(form["fairness"]) + 2)}  # fmt: skip
        assert (await send(coordinator, path, **moved)).status_code == 303
        weights = (await coordinator.get("/v1/network")).json()["weights"]
        assert (weights["travel"], weights["fairness"]) == (7, 12)
        assert weights["version"] == 2
        stale = await send(coordinator, path, **(moved | {"key": "c"}))
        assert stale.status_code == 409
        form = fields_of(await shown(coordinator, page), path)
        usual = await send(coordinator, path, **(form | {"usual": "yes"}))
        assert usual.status_code == 303
        assert (await coordinator.get("/v1/network")).json()["weights"] == {}


async def test_how_long_things_are_kept_has_bounds_and_an_end_that_is_somebodys_to_say(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await inga(network)
        page, path = "/board/network/rules", "/board/network/rules/kept"
        form = fields_of(await shown(coordinator, page), path)
        assert (form["instructions"], form["inactive_clients"]) == ("30", "")
        wrong = await send(coordinator, path, **(form | {"inactive_clients": "5"}))
        assert wrong.status_code == 422
        assert 'id="wrong-retention-inactive_clients"' in wrong.text
        said = form | {"key": "b", "instructions": "14", "messages": ""}
        assert (await send(coordinator, path, **said)).status_code == 303
        kept = (await coordinator.get("/v1/network")).json()["retention"]
        assert (kept["instructions"], kept["messages"], kept["answers"]) == (14, None, 7)
        form = fields_of(await shown(coordinator, page), path)
        usual = await send(coordinator, path, **(form | {"key": "c", "usual": "yes"}))
        assert usual.status_code == 303
        kept = (await coordinator.get("/v1/network")).json()["retention"]
        assert (kept["instructions"], kept["messages"]) == (30, 90)


async def test_who_is_called_when(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await inga(network)
        path = "/board/network/on-call"
        form = fields_of(await shown(coordinator, "/board/network"), path)
        wrong = await send(coordinator, path, **(form | {"from-0": "17:00", "to-0": "9"}))
        assert wrong.status_code == 422
        right = form | {"key": "b", "day-0": "tue", "from-0": "17:00", "to-0": "24:00"}
        assert (await send(coordinator, path, **right)).status_code == 303
        rows = (await coordinator.get("/v1/on-call")).json()["rows"]
        assert [(one["day"], one["from"], one["to"]) for one in rows] == [("tue", "17:00", "24:00")]


async def test_these_pages_are_closed_to_everybody_else(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        await inga(network)
        school_id, school = await network.institution()
        finance = await network.person(["finance"], display_name="Fatima")
        owner = read_id(INSTITUTION, school_id)
        consultant = await network.person(["consultant"], display_name="K", institution_id=owner)
        pages = ["/board/institutions", "/board/institutions/new",
                 f"/board/institutions/{school_id}", f"/board/institutions/{school_id}/change",
                 f"/board/institutions/{school_id}/sites/new", "/board/users", "/board/users/new",
                 "/board/network"]  # fmt: skip
        for outsider in (school, finance, consultant):
            for page in pages:
                assert (await outsider.get(page)).status_code == 403, page
            for page in (
                *pages[1:2],
                f"/board/institutions/{school_id}/keys",
                "/board/users/new",
                "/board/network",
                "/board/network/asking",
                "/board/network/on-call",
            ):
                assert (await send(outsider, page, key="x")).status_code == 403, page
