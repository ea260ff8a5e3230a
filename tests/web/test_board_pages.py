"""The board's pages as the server tells them: who may look, in which order, what is refused."""

import re
from datetime import timedelta
from typing import Any

import pytest

from api import serving
from board_visitors import Desk, anna, hidden
from centre import START, Centre, z
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.ids import INSTITUTION, read_id

pytestmark = pytest.mark.anyio


def order(page: str) -> list[str]:
    return re.findall(r'<tr id="row-(req_\w+)"', page)


async def test_who_misses_somebody_comes_first_then_by_time(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        filled = await centre.asked(starts_at=z(START - timedelta(hours=20)))
        await person.accept(filled)
        late = await centre.asked(starts_at=z(START + timedelta(days=9)))
        soon = await centre.asked(language="tamil")
        desk = await anna(network)

        page = (await desk.get("/board")).text
        assert order(page) == [soon["id"], late["id"], filled["id"]]
        assert "Nobody found" in page
        assert "Person 1" in page

        assert order((await desk.get("/board?open=yes")).text) == [soon["id"], late["id"]]
        assert order((await desk.get("/board?language=tam")).text) == [soon["id"]]
        assert order((await desk.get("/board?state=filled")).text) == [filled["id"]]
        assert order((await desk.get("/board?when=today")).text) == [filled["id"]]
        assert order((await desk.get("/board?when=week")).text) == [soon["id"], filled["id"]]
        nobodys = "/board?institution_id=ins_00000000000000000000000000"
        assert order((await desk.get(nobodys)).text) in ([], order(page))
        wrong = await desk.get("/board?state=x&language=<b>&institution_id=y&when=z")
        assert order(wrong.text) == order(page)

        rows = await desk.get(f"/board/rows?id={late['id']}&id=x", **{"HX-Request": "true"})
        assert order(rows.text) == [late["id"]]
        assert order((await desk.get(f"/board/rows?open=yes&id={filled['id']}")).text) == []


async def test_the_panel_says_who_fits_and_why_not_the_others(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        good = await centre.person(phone="+37125565098")
        away = await centre.person(modes=["phone"])
        asked = await centre.asked()
        desk = await anna(network)
        path = f"/board/requests/{asked['id']}"

        page = (await desk.get(path)).text
        assert "<html" in page
        assert "Book <bdi>Person 1</bdi>" in page
        assert "do not work in this way: 1" in re.sub(r"<[^>]+>", "", page)
        part = (await desk.get(path, **{"HX-Request": "true"})).text
        assert "<html" not in part
        assert "Book <bdi>Person 1</bdi>" in part

        why = (await desk.get(f"{path}/why?interpreter_id={away.id}")).text
        assert "Is not asked, because:" in why
        assert "does not work in this way" in why
        fits = (await desk.get(f"{path}/why?interpreter_id={good.id}")).text
        assert "is number" in fits
        assert (await desk.get(f"{path}/why?interpreter_id=x")).status_code == 404

        calls = (await desk.get(f"{path}/calls")).text
        assert 'href="tel:+37125565098"' in calls
        noted = (await centre.coordinator.get(f"/v1/audit?subject_id={good.id}")).json()["items"]
        assert [one["action"] for one in noted] == ["read"]


async def test_a_booking_by_hand_counts_once_and_an_old_page_is_told_who_was_first(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(2)
        asked = await centre.asked()
        path = f"/board/requests/{asked['id']}"
        first, second = await anna(network), await anna(network)
        page = (await first.get(path)).text
        fields = hidden(page, f"{path}/assign")
        old = hidden((await second.get(path)).text, f"{path}/assign")

        clock.now += timedelta(seconds=5)
        for _ in range(2):
            done = await first.send(f"{path}/assign", fields)
            assert done.status_code == 303
            assert done.headers["location"] == f"{path}?done=assigned"
        assert "Booked." in (await first.get(f"{path}?done=assigned")).text
        shown = await centre.request(asked)
        assert shown["state"] == "filled"
        assert len(shown["booking_ids"]) == 1

        clock.now += timedelta(seconds=7)
        other = {**old, "interpreter_id": _another(page, fields["interpreter_id"])}
        late = await second.send(f"{path}/assign", other)
        assert late.status_code == 409
        assert "<bdi>Anna</bdi> changed this <bdi>7</bdi> seconds ago" in late.text
        gone = await second.send(f"{path}/cancel", {**old, "reason": "not needed"})
        assert gone.status_code == 409
        assert (await centre.request(asked))["state"] == "filled"
        assert len((await centre.request(asked))["booking_ids"]) == 1


def _another(page: str, not_this: str) -> str:
    found = re.findall(r'name="interpreter_id" value="(int_\w+)"', page)
    return next(one for one in found if one != not_this)


async def test_more_is_allowed_and_a_request_is_called_off(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person(modes=["phone"])
        asked = await centre.asked()
        path = f"/board/requests/{asked['id']}"
        desk = await anna(network)
        fields = hidden((await desk.get(path)).text, f"{path}/widen")

        wrong = await desk.send(f"{path}/widen", {**fields, "shift_minutes": "5000"})
        assert wrong.status_code == 422
        assert 'aria-invalid="true"' in wrong.text
        wide = await desk.send(f"{path}/widen", {**fields, "other_mode": "yes"})
        assert wide.status_code == 303
        assert (await centre.request(asked))["state"] == "searching"

        fields = hidden((await desk.get(path)).text, f"{path}/cancel")
        empty = await desk.send(f"{path}/cancel", fields, **{"HX-Request": "true"})
        assert empty.status_code == 422
        assert "<html" not in empty.text
        off = await desk.send(
            f"{path}/cancel", {**fields, "reason": "not needed"}, **{"HX-Request": "true"}
        )
        assert off.status_code == 200
        assert "The request is called off." in off.text
        assert (await centre.request(asked))["state"] == "cancelled"


async def test_coordinators_write_to_each_other_and_to_nobody_else(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        asked = await centre.asked()
        path = f"/board/requests/{asked['id']}"
        desk, other = await anna(network), await anna(network)
        old = hidden((await other.get(path)).text, f"{path}/cancel")
        fields = hidden((await desk.get(path)).text, f"{path}/note")

        for wrong in ("", "x" * 2001, "32010112345"):
            said = await desk.send(f"{path}/note", {**fields, "text": wrong})
            assert said.status_code == 422
            assert 'aria-invalid="true"' in said.text
        for _ in range(2):
            done = await desk.send(f"{path}/note", {**fields, "text": "Rang <Amal>: calls back"})
            assert done.status_code == 303
        page = (await other.get(path)).text
        assert page.count("Rang &lt;Amal&gt;: calls back") == 1
        assert "Anna" in page
        assert (await other.send(f"{path}/cancel", {**old, "reason": "x"})).status_code == 409
        for api in (centre.school, centre.coordinator):
            assert "Amal" not in (await api.get(f"/v1/requests/{asked['id']}")).text
            assert "Amal" not in (await api.get("/v1/requests")).text
            assert "Amal" not in (await api.get("/v1/events")).text


async def test_a_search_that_was_rung_about_waits_until_somebody_takes_care_of_it(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        asked = await centre.asked(
            starts="now", starts_at=..., site_id=..., modes=["phone"], priority="emergency",
            topic="emergency", connect={"by": "interpreter", "number": "+37125565098"},
        )  # fmt: skip
        path = f"/board/requests/{asked['id']}"
        desk = await anna(network)
        assert "These wait for a coordinator" in _waiting((await desk.get("/board")).text)
        fields = hidden((await desk.get(path)).text, f"{path}/take-over")
        done = await desk.send(f"{path}/take-over", fields)
        assert done.status_code == 303
        assert "hidden" in _waiting((await desk.get("/board")).text)
        assert "all coordinators are called" in (await desk.get("/board")).text


def _waiting(page: str) -> str:
    start = page.index('<section id="waiting"')
    return page[start : page.index("</section>", start)]


async def test_others_do_not_come_in(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        asked = await centre.asked()
        path = f"/board/requests/{asked['id']}"
        institution = centre.institution["id"]
        consultant = Desk(await network.person(["consultant"], institution_id=_key(institution)))
        stranger = Desk(await network.person(["finance"]))
        for page in ("/board", "/board/rows", path, f"{path}/why", f"{path}/calls"):
            for desk in (consultant, stranger):
                assert (await desk.get(page)).status_code == 403, page
            signed_out = await network.client.get(page)
            assert signed_out.status_code == 303, page
            assert signed_out.headers["location"].startswith("/sign-in")
        for verb in ("assign", "widen", "cancel", "take-over", "note"):
            for desk in (consultant, stranger):
                assert (await desk.send(f"{path}/{verb}", {})).status_code == 403, verb
            desk = await anna(network)
            foreign = await desk.send(
                f"{path}/{verb}", {"reason": "x"}, **{"Sec-Fetch-Site": "cross-site"}
            )
            assert foreign.status_code == 403
            assert (await network.client.post(f"{path}/{verb}")).status_code == 303
        assert (await consultant.get("/board/stream")).status_code == 403
        assert (await network.client.get("/board/stream")).status_code == 401
        many = "&".join(["after=evt_none"] * 301)
        assert (await consultant.get(f"/board/stream?{many}")).status_code == 403
        assert (await centre.request(asked))["state"] == asked["state"]


def _key(shown: str) -> Any:
    return read_id(INSTITUTION, shown)


async def test_what_is_not_there_is_not_found(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        asked = await centre.asked()
        other = "req_" + "0" * (len(asked["id"]) - 5) + "1"
        desk = await anna(network)
        for one in ("x", other):
            for page in ("", "/why", "/calls"):
                assert (await desk.get(f"/board/requests/{one}{page}")).status_code == 404
            for verb in ("assign", "widen", "cancel", "take-over", "note"):
                gone = await desk.send(f"/board/requests/{one}/{verb}", {"version": "1"})
                assert gone.status_code == 404, verb


async def test_a_team_is_split_with_one_press_and_an_old_page_changes_nothing(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, _ = await centre.people(2)
        team = await centre.asked(interpreters_needed=2)
        path = f"/board/requests/{team['id']}"
        desk = await anna(network)
        old = hidden((await desk.get(path)).text, f"{path}/split")
        await one.accept(team)
        clock.now += timedelta(seconds=5)
        late = await desk.send(f"{path}/split", old)
        assert late.status_code == 409
        assert "Please look again." in late.text

        page = (await desk.get(path)).text
        told = " ".join(re.sub(r"<[^>]+>", "", page).split())
        assert "1 said yes and waits for the others." in told
        assert "1 is missing." in told
        assert "Book those who said yes" in told
        done = await desk.send(f"{path}/split", hidden(page, f"{path}/split"))
        assert done.headers["location"] == f"{path}?done=split"
        shown = (await desk.get(f"{path}?done=split")).text
        told = " ".join(re.sub(r"<[^>]+>", "", shown).split())
        assert "Whoever says yes is booked at once now." in told
        assert "1 is booked." in told
        assert f'action="{path}/split"' not in shown
        request = await centre.request(team)
        assert (request["state"], request["partial_ok"]) == ("partly_filled", True)
        noted = (await centre.coordinator.get(f"/v1/audit?subject_id={team['id']}")).json()
        assert [one["action"] for one in noted["items"]] == ["split"]


async def test_what_is_for_one_person_has_no_team(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        asked = await centre.asked()
        path = f"/board/requests/{asked['id']}"
        desk = await anna(network)
        page = (await desk.get(path)).text
        assert f"{path}/split" not in page
        assert "is missing" not in page
        sent = await desk.send(f"{path}/split", hidden(page, f"{path}/note"))
        assert sent.status_code == 409
