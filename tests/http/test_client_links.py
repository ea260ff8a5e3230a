"""The helped person's link through its doors: who may make one, for whom, and when it ends."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from api import Api, serving
from centre import START, Centre, z
from clients_page import link, open_centre, opened, path_of
from conftest import Clock
from interpreters.application.calls import run
from interpreters.database import Pool
from interpreters.domain.ids import INSTITUTION, read_id

pytestmark = pytest.mark.anyio


async def stranger(centre: Centre) -> Api:
    """Another institution's software."""
    return (await centre.network.institution("Bank"))[1]


async def test_a_link_is_told_once_and_ends_with_the_session(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        booking = await centre.booked(await open_centre(centre))
        made = await link(centre, booking)
        assert made["id"].startswith("lnk_")
        assert made["url"].startswith("http://test/c/cl_")
        assert made["expires_at"] == z(START + timedelta(hours=1))
        assert made["language"] == "fa-AF"  # Dari is asked for, and read in Persian
        listed = await centre.school.get(f"/v1/bookings/{booking['id']}/client-link")
        assert [one["id"] for one in listed.json()["items"]] == [made["id"]]
        token = made["url"].rpartition("/")[2]
        assert token not in listed.text
        rows = await run(
            pool, network.id, lambda db: db.fetch("SELECT l::text FROM client_links l")
        )
        assert token not in str(rows)


async def test_the_address_is_the_public_one_where_it_is_known(pool: Pool, clock: Clock) -> None:
    settings = {"INTERPRETERS_PUBLIC_URL": "https://tolk.example/"}
    async with serving(pool, clock, settings) as network:
        centre = Centre(network, clock)
        made = await link(centre, await centre.booked(await open_centre(centre)))
        assert made["url"].startswith("https://tolk.example/c/cl_")


async def test_a_repeated_call_has_no_address_and_none_is_kept(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        booking = await centre.booked(await open_centre(centre))
        path, once = f"/v1/bookings/{booking['id']}/client-link", {"Idempotency-Key": "k1"}
        first = await centre.school.post(path, headers=once)
        again = await centre.school.post(path, headers=once)
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.json() == {**first.json(), "url": None}
        assert (await opened(centre, first.json())).status_code == 200


async def test_a_new_link_ends_the_clients_former_one(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        booking = await centre.booked(await open_centre(centre))
        first, second = await link(centre, booking), await link(centre, booking)
        assert (await opened(centre, first)).status_code == 404
        assert (await opened(centre, second)).status_code == 200


async def test_of_two_links_made_at_once_one_lives(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        booking = await centre.booked(await open_centre(centre))
        made = await asyncio.gather(*(link(centre, booking) for _ in range(4)))
        answers = [(await opened(centre, one)).status_code for one in made]
        assert sorted(answers) == [200, 404, 404, 404]


async def test_revoking_ends_every_link_at_once(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        people = [{"reference": "LV-1"}, {"reference": "LV-2"}]
        booking = await centre.booked(await open_centre(centre), clients=people)
        made = [await link(centre, booking, reference=one["reference"]) for one in people]
        path = f"/v1/bookings/{booking['id']}/client-link"
        assert (await centre.school.delete(path)).status_code == 204
        assert [(await opened(centre, one)).status_code for one in made] == [404, 404]
        assert (await centre.school.delete(path)).status_code == 204
        items = (await centre.school.get(path)).json()["items"]
        assert all(one["revoked_at"] == z(clock.now) for one in items)


async def test_which_client_is_said_when_there_are_several(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        people = [{"reference": "LV-1"}, {"reference": "LV-2"}]
        booking = await centre.booked(await open_centre(centre), clients=people)
        path = f"/v1/bookings/{booking['id']}/client-link"

        async def refused(body: dict[str, Any]) -> tuple[int, str, str]:
            answer = await centre.school.post(path, body)
            error = answer.json()["errors"][0]
            return answer.status_code, error["pointer"], error["code"]

        assert await refused({}) == (422, "/client_id", "required")
        assert await refused({"reference": "LV-3"}) == (422, "/reference", "unknown-client")
        unknown = "cli_" + "0" * 26
        assert await refused({"client_id": unknown}) == (422, "/client_id", "unknown-client")
        both = {"client_id": unknown, "reference": "LV-1"}
        assert await refused(both) == (422, "/reference", "conflicting")
        assert await refused({"language": "Tigrinya"}) == (422, "/language", "not-supported")
        known = (await centre.school.get("/v1/clients?reference=LV-2")).json()["items"][0]
        assert (await link(centre, booking, client_id=known["id"]))["client_id"] == known["id"]


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("lv", "lv"),
        ("Dari", "fa-AF"),
        ("prs", "fa-AF"),
        ("Arabic", "ar"),
        ("apc", "ar"),
        ("pus", "ps"),
    ],
)
async def test_the_language_of_the_page_may_be_chosen(
    pool: Pool, clock: Clock, asked: str, language: str
) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        booking = await centre.booked(await open_centre(centre))
        assert (await link(centre, booking, language=asked))["language"] == language


async def test_the_clients_own_first_language_comes_before_the_sessions(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        person = await open_centre(centre)
        await centre.made(
            centre.school, "/v1/clients", {"reference": "LV-7", "languages": ["tir", "ukr", "prs"]}
        )
        booking = await centre.booked(person, clients=[{"reference": "LV-7"}])
        assert (await link(centre, booking))["language"] == "uk"


async def test_links_are_off_until_the_institution_wants_them(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        booking = await centre.booked(await centre.person())
        path = f"/v1/bookings/{booking['id']}/client-link"
        refused = await centre.school.post(path)
        assert (refused.status_code, refused.json()["code"]) == (409, "client-links-off")
        institution = f"/v1/institutions/{centre.institution['id']}"
        await centre.coordinator.patch(institution, {"client_links": True})
        made = await link(centre, booking)
        await centre.coordinator.patch(institution, {"client_links": False})
        assert (await opened(centre, made)).status_code == 404


@pytest.mark.parametrize(
    ("institution", "request_fields"),
    [
        ({"kind": "crisis_centre"}, {}),
        ({}, {"topic": "emergency"}),
        ({}, {"topic": "supervised_contact"}),
        ({}, {"priority": "emergency"}),
    ],
)
async def test_where_being_found_is_the_danger_there_is_never_a_link(
    pool: Pool, clock: Clock, institution: dict[str, Any], request_fields: dict[str, Any]
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open(client_links=True, **institution)
        booking = await centre.booked(await centre.person(), **request_fields)
        for caller in (centre.school, centre.coordinator):
            refused = await caller.post(f"/v1/bookings/{booking['id']}/client-link")
            assert (refused.status_code, refused.json()["code"]) == (
                409, "client-link-not-allowed",
            )  # fmt: skip


async def test_a_booking_that_is_over_has_no_link(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        booking = await centre.booked(await open_centre(centre))
        await centre.school.post(f"/v1/bookings/{booking['id']}/cancel", {"reason": "moved"})
        refused = await centre.school.post(f"/v1/bookings/{booking['id']}/client-link")
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong-state")


async def test_outsiders_learn_nothing_of_links(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        person = await open_centre(centre)
        booking = await centre.booked(person)
        made = await link(centre, booking)
        other, finance = await stranger(centre), await network.caller("finance")
        owner = read_id(INSTITUTION, centre.institution["id"])
        consultant = await network.caller("consultant", institution_id=owner)
        path = f"/v1/bookings/{booking['id']}/client-link"
        for method in ("GET", "POST", "DELETE"):
            asked = {
                caller: (await caller.call(method, path)) for caller in (other, person.api, finance)
            }
            codes = [one.status_code for one in asked.values()]
            assert codes == [404, 403, 403], method
        assert (await network.client.get(path)).status_code == 401
        assert (await opened(centre, made)).status_code == 200
        assert (await consultant.get(path)).status_code == 200
        assert (await network.client.get("/v1/me", headers={
            "Authorization": f"Bearer {path_of(made).rpartition('/')[2]}"
        })).status_code == 401  # fmt: skip


async def test_a_link_made_is_noted_as_a_look_at_the_client(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        made = await link(centre, await centre.booked(await open_centre(centre)))
        noted = await run(
            pool,
            network.id,
            lambda db: db.fetch("SELECT subject_kind FROM audit WHERE action = 'linked'"),
        )
        assert [row["subject_kind"] for row in noted] == ["client"]
        assert made["client_id"].startswith("cli_")
