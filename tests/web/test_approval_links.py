"""The requester's page about a session that is over: opening changes nothing, a button answers."""

from datetime import timedelta
from typing import Any

import pytest

from api import serving
from centre import START, Centre, Json, Person, z
from clients_page import text_of
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.ids import INSTITUTION, read_id
from interpreters.domain.tokens import new_token
from over import held, opened, path_of
from people_post import SITE, Post

pytestmark = pytest.mark.anyio
NEVER = ("Street", "School", "Main", "health", "CASE-77", "LV-1042", "Room 4")


async def asked_by_somebody(
    network: Any, clock: Clock, *, minutes: int = 75, **settings: Any
) -> tuple[Centre, Person, Json]:
    """A session asked for by a person with an address, held from 10:00 for so many minutes."""
    centre, person = await opened(network, clock)
    if settings:
        await centre.coordinator.patch("/v1/network", settings)
    staff = await network.person(
        ["consultant"], email="anna@example.org", display_name="Anna",
        institution_id=read_id(INSTITUTION, centre.institution["id"]),
    )  # fmt: skip
    await staff.patch("/v1/me", {"language": "en"})
    order = centre.order(external_reference="CASE-77", instructions="Room 4")
    booking = await person.accept(await centre.made(staff, "/v1/requests", order))
    await held(centre, booking, minutes=minutes)
    return centre, person, booking


async def link(centre: Centre) -> str:
    """Return the newest link that was sent."""
    newest = (await Post(centre).sent("approve"))[-1]
    assert newest.recipient == "anna@example.org"
    return newest.body.split(SITE)[1].split()[0]


async def approval(centre: Centre, booking: Json) -> str:
    found: str = (await centre.booking(booking))["approval"]
    return found


async def test_who_asked_is_sent_a_link_that_shows_the_session_and_changes_nothing(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, _, booking = await asked_by_somebody(network, clock)
        path = await link(centre)
        [mail] = await Post(centre).sent("approve")
        assert mail.subject == "A session is over. Please check what was recorded."
        assert "75 minutes" in mail.body
        assert [one for one in NEVER if one in mail.body] == []
        for _ in range(3):
            await network.client.head(path)
            page = await network.client.get(f"{path}?lang=en")
        assert page.status_code == 200
        told = text_of(page)
        for part in ("Dari \N{EN DASH} Latvian", "In person", "Person 1", "60 minutes",
                     "Wednesday, November 25, 2026", "10:00 \N{EN DASH} 11:00",
                     "10:00 \N{EN DASH} 11:15", "75 minutes", "Dec 2 11:15"):  # fmt: skip
            assert part in told, part
        assert [one for one in NEVER if one in page.text] == []
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert await approval(centre, booking) == "open"


async def test_the_breaks_are_told_with_what_was_recorded(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, person, booking = await asked_by_somebody(network, clock)
        await link(centre)  # the first mail goes out before the times change
        clock.now += timedelta(minutes=1)
        told = {"break_minutes": 20, "reason": "Lunch"}
        assert (await person.api.post(path_of(booking, "correct-times"), told)).status_code == 200
        mail = (await Post(centre).sent("approve"))[-1]
        assert "Recorded: 75 minutes. Minutes of breaks: 20" in mail.body
        page = await network.client.get(f"{mail.body.split(SITE)[1].split()[0]}?lang=en")
        assert "75 minutes Minutes of breaks: 20" in " ".join(text_of(page).split())


async def test_a_yes_approves_once_and_the_page_then_shows_no_more(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, _, booking = await asked_by_somebody(network, clock)
        path = await link(centre)
        for _ in range(2):
            page = await network.client.post(f"{path}?lang=en", data={"answer": "right"})
            assert (page.status_code, "It is approved." in text_of(page)) == (200, True)
            assert "Person 1" not in page.text
        assert await approval(centre, booking) == "approved"
        late = await network.client.post(
            f"{path}?lang=en", data={"answer": "wrong", "reason": "Half an hour"}
        )
        assert (late.status_code, "It is approved." in text_of(late)) == (409, True)
        assert await approval(centre, booking) == "approved"


async def test_what_is_wrong_is_a_dispute_that_coordinators_hear_of_and_who_asked_gets_the_answer(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, person, booking = await asked_by_somebody(network, clock)
        await network.person(["coordinator"], email="vera@example.org", display_name="Vera")
        path = await link(centre)
        for said, status in (
            ("", 422), (" \n", 422), ("x" * 2001, 422), ("She left at eleven", 200),
            ("Again", 200),
        ):  # fmt: skip
            page = await network.client.post(
                f"{path}?lang=en", data={"answer": "wrong", "reason": said}
            )
            assert page.status_code == status, said[:20]
        assert "It is disputed." in text_of(page)
        approved = await network.client.post(f"{path}?lang=en", data={"answer": "right"})
        assert approved.status_code == 409
        [dispute] = (await centre.coordinator.get("/v1/disputes")).json()["items"]
        assert (dispute["opened_by"], dispute["reason"]) == ("requester", "She left at eleven")
        assert await approval(centre, booking) == "disputed"
        [told] = await Post(centre).sent("disputed")
        assert told.recipient == "vera@example.org"
        assert "eleven" not in told.body

        answer = {"answer": "You are right", "outcome": "upheld"}
        await centre.coordinator.post(f"/v1/disputes/{dispute['id']}/answer", answer)
        [told] = await Post(centre).sent("dispute-answered")
        assert told.recipient == "anna@example.org"
        assert "You are right" not in told.body
        del person


async def test_an_interpreter_who_disputes_is_told_of_the_answer(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, person, booking = await asked_by_somebody(network, clock)
        made = await person.api.post(path_of(booking, "dispute"), {"reason": "It was longer"})
        answer = {"answer": "No", "outcome": "rejected"}
        await centre.coordinator.post(f"/v1/disputes/{made.json()['id']}/answer", answer)
        [told] = await Post(centre).sent("dispute-answered")
        assert told.recipient == "p1@example.org"


async def test_other_times_bring_another_link_and_the_old_one_leads_nowhere(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, person, booking = await asked_by_somebody(network, clock)
        first = await link(centre)
        await network.client.post(first, data={"answer": "right"})
        clock.now += timedelta(minutes=1)
        order = {"ended_at": z(START + timedelta(minutes=50)), "reason": "Wrong button"}
        done = await centre.coordinator.post(path_of(booking, "correct-times"), order)
        assert done.status_code == 200
        second = await link(centre)
        assert second != first
        assert (await network.client.get(first)).status_code == 404
        page = await network.client.get(f"{second}?lang=en")
        assert "10:00 \N{EN DASH} 10:50" in text_of(page)
        del person


async def test_where_nobody_came_the_page_says_so(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, person = await opened(network, clock)
        staff = await network.person(
            ["consultant"], email="anna@example.org", display_name="Anna",
            institution_id=read_id(INSTITUTION, centre.institution["id"]),
        )  # fmt: skip
        booking = await person.accept(await centre.made(staff, "/v1/requests", centre.order()))
        clock.now = START + timedelta(minutes=20)
        await person.api.post(path_of(booking, "client-no-show"))
        page = await network.client.get(f"{await link(centre)}?lang=en")
        assert "The interpreter came, and no client did." in text_of(page)


async def test_nobody_is_asked_where_the_network_asks_nobody_or_a_key_asked(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, person, _ = await asked_by_somebody(network, clock, approval_days=0)
        booking = await centre.booked(person, starts_at=z(START + timedelta(days=1)))
        await centre.coordinator.patch("/v1/network", {"approval_days": None})
        await held(centre, booking, minutes=60)
        assert await approval(centre, booking) == "open"
        assert await Post(centre).sent("approve") == []


async def test_a_link_of_somebody_who_may_no_longer_sign_in_is_dead_like_one_that_never_was(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre, _, _ = await asked_by_somebody(network, clock)
        path = await link(centre)
        never = f"/a/{new_token(network.id, 'ap')}"
        other = f"/a/{new_token(network.id, 'ol')}"
        people = (await centre.coordinator.get("/v1/users")).json()["items"]
        anna = next(one for one in people if one["email"] == "anna@example.org")
        await centre.coordinator.patch(f"/v1/users/{anna['id']}", {"active": False})
        answers = {
            (await network.client.get(f"{one}?lang=en")).text for one in (path, never, other)
        }
        assert len(answers) == 1
        posted = await network.client.post(path, data={"answer": "right"})
        assert posted.status_code == 404


@pytest.mark.parametrize("language", ["en", "lv", "ro", "bg", "uk", "fa", "ar"])
async def test_the_page_is_in_the_readers_language(pool: Pool, clock: Clock, language: str) -> None:
    async with serving(pool, clock) as network:
        centre, _, _ = await asked_by_somebody(network, clock)
        page = await network.client.get(f"{await link(centre)}?lang={language}")
        way = "rtl" if language in ("fa", "ar") else "ltr"
        assert f'<html lang="{language}" dir="{way}">' in page.text
        assert ("Please check" in page.text) == (language == "en")


async def test_another_sites_form_answers_nothing(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre, _, booking = await asked_by_somebody(network, clock)
        page = await network.client.post(
            await link(centre), data={"answer": "right"},
            headers={"Sec-Fetch-Site": "cross-site"},
        )  # fmt: skip
        assert page.status_code == 403
        assert await approval(centre, booking) == "open"
