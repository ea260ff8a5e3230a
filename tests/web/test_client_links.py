"""The helped person's page: what it shows and never shows, what is said on it, when it is gone."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api import serving
from centre import START, Centre
from clients_page import link, open_centre, opened, path_of, sent, text_of
from conftest import Clock
from interpreters.application.calls import run
from interpreters.database import Pool
from interpreters.domain.tokens import new_token

pytestmark = pytest.mark.anyio


async def voices(centre: Centre, query: str = "") -> list[dict[str, Any]]:
    answer = await centre.coordinator.get(f"/v1/client-voices{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_the_page_tells_when_where_and_who_by_initials(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        person = await open_centre(centre)
        rooms = await centre.add_site(name="House of Languages", rooms=[{"name": "4B"}])
        booking = await centre.booked(
            person, site_id=rooms["id"], room_id=rooms["rooms"][0]["id"],
            instructions="ask for Ilze", external_reference="CASE-77",
        )  # fmt: skip
        page = await opened(centre, await link(centre, booking, language="en"))
        assert page.status_code == 200
        told = text_of(page)
        assert "Wednesday, November 25, 2026" in told
        assert "Time 10:00 60 minutes Local time: Riga" in told
        assert "House of Languages" in told
        assert "Street 1, Riga" in told
        assert "Room: 4B" in told
        assert "Z. A. N. (woman)" in told
        for never in (
            "Zahra", "Ahmadi", "LV-1042", "School", "education", "health", "Ilze", "CASE-77",
            "Dari", booking["id"], centre.institution["id"],
        ):  # fmt: skip
            assert never not in page.text, never


async def test_the_page_is_in_the_clients_language_and_may_be_switched(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        made = await link(centre, await centre.booked(await open_centre(centre)))
        page = await opened(centre, made, **{"Accept-Language": "lv"})
        assert '<html lang="fa-AF" dir="rtl">' in page.text
        assert "قرار ملاقات شما" in page.text
        assert "چهارشنبه 25 نومبر 2026" in page.text  # as Afghans call the month
        assert '<bdi dir="ltr" class="clock">10:00</bdi>' in page.text
        switched = await network.client.get(f"{path_of(made)}?lang=lv")
        assert '<html lang="lv" dir="ltr">' in switched.text
        assert "Jūsu tikšanās" in switched.text


async def test_the_page_is_kept_nowhere_and_tells_nobody_where_it_was_opened(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        page = await opened(
            centre, await link(centre, await centre.booked(await open_centre(centre)))
        )
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "noindex" in page.headers["x-robots-tag"]
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert "set-cookie" not in page.headers


async def test_opening_changes_nothing_but_that_it_was_opened(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        booking = await centre.booked(await open_centre(centre))
        made = await link(centre, booking)
        before = {one: await network.count(one) for one in ("outbox", "events", "client_voices")}
        seen = await centre.booking(booking)
        first = clock.now
        for _ in range(2):
            assert (await opened(centre, made)).status_code == 200
            clock.now += timedelta(minutes=1)
        listed = await centre.school.get(f"/v1/bookings/{booking['id']}/client-link")
        assert listed.json()["items"][0]["opened_at"] == first.isoformat().replace("+00:00", "Z")
        assert await centre.booking(booking) == seen
        assert before == {one: await network.count(one) for one in before}


@pytest.mark.parametrize(("mode", "told"), [("phone", "By phone"), ("video", "By video")])
async def test_a_session_at_a_distance_has_no_place(
    pool: Pool, clock: Clock, mode: str, told: str
) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        booking = await centre.booked(await open_centre(centre, gender=None), modes=[mode])
        page = text_of(await opened(centre, await link(centre, booking, language="en")))
        assert told in page
        assert "Street 1" not in page
        assert "woman" not in page


async def test_the_night_the_clock_is_set_back_the_page_tells_which_hour_is_meant(
    pool: Pool, clock: Clock
) -> None:
    """Riga, 25 October 2026: at 04:00 it is 03:00 again."""
    clock.now = datetime(2026, 10, 24, 8, tzinfo=UTC)
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        booking = await centre.booked(
            await open_centre(centre), modes=["phone"], starts_at="2026-10-25T03:30:00+02:00"
        )
        page = await opened(centre, await link(centre, booking, language="fa"))
        assert '<bdi dir="ltr" class="clock">03:30 (UTC+02:00)</bdi>' in page.text


async def test_the_link_ends_with_the_session_and_follows_its_extension(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        person = await open_centre(centre)
        booking = await centre.booked(person)
        made = await link(centre, booking)
        clock.now = START
        assert (await person.api.post(f"/v1/bookings/{booking['id']}/start")).status_code == 200
        clock.now = START + timedelta(minutes=59)
        assert (await opened(centre, made)).status_code == 200
        longer = await person.api.post(f"/v1/bookings/{booking['id']}/extend", {"minutes": 30})
        assert longer.status_code == 200, longer.text
        clock.now = START + timedelta(minutes=89)
        assert (await opened(centre, made)).status_code == 200
        clock.now = START + timedelta(minutes=90)
        assert (await opened(centre, made)).status_code == 404


@pytest.mark.parametrize("how", ["cancel", "give-back", "end"])
async def test_a_link_shows_nothing_when_the_booking_came_to_nothing_or_is_over(
    pool: Pool, clock: Clock, how: str
) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        person = await open_centre(centre)
        booking = await centre.booked(person)
        made = await link(centre, booking)
        path = f"/v1/bookings/{booking['id']}"
        if how == "end":
            clock.now = START
            await person.api.post(f"{path}/start")
            clock.now += timedelta(minutes=10)
            done = await person.api.post(f"{path}/end")
        else:
            who = centre.school if how == "cancel" else person.api
            done = await who.post(f"{path}/{how}", {"reason": "ill"})
        assert done.status_code == 200, done.text
        assert (await opened(centre, made)).status_code == 404
        assert (await sent(centre, made, "complaint", "late")).status_code == 404
        assert await network.count("client_voices") == 0


async def test_every_dead_link_answers_with_the_same_page(pool: Pool, clock: Clock) -> None:
    """Whoever holds one learns nothing: neither that it lived, nor what became of it."""
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        person = await open_centre(centre)
        revoked = await link(centre, await centre.booked(person))
        await centre.school.delete(
            f"/v1/bookings/{(await centre.school.get('/v1/bookings')).json()['items'][0]['id']}"
            "/client-link"
        )
        over = await centre.booked(person, starts_at="2026-11-26T10:00:00+02:00")
        ended = await link(centre, over)
        await centre.school.post(f"/v1/bookings/{over['id']}/cancel", {"reason": "ill"})
        paths = [
            path_of(revoked), path_of(ended), f"/c/{new_token(network.id, 'cl')}", "/c/cl_x",
            f"/c/{new_token(network.id, 'ik_live')}", "/c/%00", "/c/%D8%A7",
        ]  # fmt: skip
        answers = [
            await network.client.get(one, headers={"Accept-Language": "lv"}) for one in paths
        ]
        # An unseen sign in a path ends at the edge, like an address that is not there.
        assert {one.status_code for one in answers} == {404}
        pages = {one.text for one, path in zip(answers, paths, strict=True) if "%00" not in path}
        assert len(pages) == 1
        page = pages.pop()
        assert '<html lang="lv" dir="ltr">' in page
        for told in ("Šī saite vairs nedarbojas.", "این لینک دیگر کار نمی‌کند.", "هذا الرابط"):
            assert told in page


async def test_another_person_is_asked_for_and_the_page_says_thank_you(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        booking = await centre.booked(await open_centre(centre))
        made = await link(centre, booking)
        answer = await sent(centre, made, "another_person", "I know her family")
        assert answer.status_code == 303
        page = await network.client.get(answer.headers["location"])
        assert "متشکریم" in page.text
        assert "I know her family" not in page.text  # somebody else may look at the phone
        (voice,) = await voices(centre, f"?booking_id={booking['id']}")
        assert voice["id"].startswith("voi_")
        assert {one: voice[one] for one in ("kind", "said", "state", "language")} == {
            "kind": "another_person", "said": "I know her family", "state": "open",
            "language": "fa-AF",
        }  # fmt: skip


async def test_a_complaint_is_kept_in_the_clients_own_words_and_sealed(
    pool: Pool, clock: Clock
) -> None:
    """A number of a person is not refused here: a complaint is theirs to word."""
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        made = await link(centre, await centre.booked(await open_centre(centre)))
        words = "مترجم گفت کد 161175-19997 را بده\nو پول خواست"
        assert (await sent(centre, made, "complaint", words)).status_code == 303
        assert [one["said"] for one in await voices(centre, "?state=open")] == [words]
        stored = await run(
            pool, network.id, lambda db: db.fetchval("SELECT v::text FROM client_voices v")
        )
        assert "161175" not in stored
        assert "sealed:" in stored


async def test_institutions_hear_of_wishes_without_reasons_and_of_no_complaints(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        person = await open_centre(centre)
        made = await link(centre, await centre.booked(person))
        await sent(centre, made, "another_person", "a reason")
        await sent(centre, made, "complaint", "about the school")
        assert {one["kind"] for one in await voices(centre)} == {"another_person", "complaint"}
        heard = (await centre.school.get("/v1/client-voices")).json()["items"]
        assert [(one["kind"], one["said"]) for one in heard] == [("another_person", None)]
        other = (await network.institution("Bank"))[1]
        assert (await other.get("/v1/client-voices")).json()["items"] == []
        for caller in (person.api, await network.caller("finance")):
            assert (await caller.get("/v1/client-voices")).status_code == 403
        path = f"/v1/client-voices/{heard[0]['id']}/answer"
        refused = [await one.post(path, {"answer": "x"}) for one in (centre.school, person.api)]
        assert [one.status_code for one in refused] == [403, 403]


async def test_looking_at_what_clients_said_is_noted(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        made = await link(centre, await centre.booked(await open_centre(centre)))
        await sent(centre, made, "complaint", "one")
        await sent(centre, made, "complaint", "two")
        count = "SELECT count(*) FROM audit WHERE action = 'read' AND subject_kind = 'client'"
        before = await run(pool, network.id, lambda db: db.fetchval(count))
        assert len(await voices(centre)) == 2
        assert await run(pool, network.id, lambda db: db.fetchval(count)) == before + 1


async def test_the_answer_stands_on_the_clients_page(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        made = await link(centre, await centre.booked(await open_centre(centre)), language="en")
        await sent(centre, made, "another_person")
        assert "Waiting for an answer" in text_of(await opened(centre, made))
        path = f"/v1/client-voices/{(await voices(centre))[0]['id']}/answer"
        words = {"answer": "A woman will come instead <b>tomorrow</b>"}
        for _ in range(2):
            answered = await centre.coordinator.post(path, words)
            assert (answered.status_code, answered.json()["state"]) == (200, "answered")
        page = await opened(centre, made)
        assert "A woman will come instead &lt;b&gt;tomorrow" in page.text
        changed = await centre.coordinator.post(path, {"answer": "another one"})
        assert (changed.status_code, changed.json()["code"]) == (409, "wrong-state")
        missing = await centre.coordinator.post("/v1/client-voices/voi_x/answer", words)
        assert missing.status_code == 404


async def test_three_of_a_kind_may_wait_also_when_sent_at_once(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        made = await link(centre, await centre.booked(await open_centre(centre)), language="en")
        answers = await asyncio.gather(
            *(sent(centre, made, "complaint", f"number {one}") for one in range(6))
        )
        assert sorted(one.status_code for one in answers) == [303, 303, 303, 409, 409, 409]
        refused = next(one for one in answers if one.status_code == 409)
        assert "You have already sent this." in text_of(refused)
        assert (await sent(centre, made, "another_person")).status_code == 303
        assert len(await voices(centre)) == 4


async def test_what_is_wrong_with_a_form_is_said_and_the_words_are_not_lost(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        made = await link(centre, await centre.booked(await open_centre(centre)), language="en")
        empty = await sent(centre, made, "complaint", " \n ")
        assert (empty.status_code, "Please write what happened first." in empty.text) == (422, True)
        long = await sent(centre, made, "complaint", "ok" * 1000 + "!")
        assert (long.status_code, "at most <bdi>2000</bdi> characters" in long.text) == (422, True)
        assert "ok" * 1000 + "!</textarea>" in long.text
        assert (await sent(centre, made, "complaint", "\r\n" * 10 + "ok" * 1000)).status_code == 303
        assert (await sent(centre, made, "praise", "good")).status_code == 404
        assert len(await voices(centre)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://elsewhere.example"},
        {"Content-Type": "application/json"},
        {"Content-Encoding": "gzip"},
    ],
)
async def test_a_form_of_another_page_is_not_taken(
    pool: Pool, clock: Clock, headers: dict[str, str]
) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        made = await link(centre, await centre.booked(await open_centre(centre)))
        answer = await sent(centre, made, "complaint", "x", headers)
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (
            403, "text/html",
        )  # fmt: skip
        assert await network.count("client_voices") == 0
