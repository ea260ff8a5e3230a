"""Browsers that show notices: whose they are, which addresses are taken, what a test shows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from api import Api, Network, serving
from conftest import Clock
from interpreters.application.calls import run
from interpreters.database import Db, Pool
from interpreters.domain.ids import USER, show_id
from push_service import Browser, octets

pytestmark = pytest.mark.anyio
PUBLIC = "https://push.example.net/send/1"


@asynccontextmanager
async def somebody(pool: Pool, clock: Clock) -> AsyncIterator[tuple[Network, Api]]:
    async with serving(pool, clock) as network:
        yield network, await network.person(["coordinator"], email="ilze@example.org")


async def added(person: Api, browser: Browser, endpoint: str = PUBLIC) -> tuple[int, Any]:
    made = await person.post("/v1/push-subscriptions", {"endpoint": endpoint, "keys": browser.keys})
    return made.status_code, made.json()


async def listed(person: Api) -> list[Any]:
    items: list[Any] = (await person.get("/v1/push-subscriptions")).json()["items"]
    return items


async def test_the_key_is_made_once_also_when_two_ask_first_and_is_sealed(
    pool: Pool, clock: Clock
) -> None:
    async with somebody(pool, clock) as (network, person):
        asked = await asyncio.gather(*[person.get("/v1/push-key") for _ in range(4)])
        asked.append(await person.get("/v1/push-key"))
        keys = {one.json()["public_key"] for one in asked}
        assert len(keys) == 1
        key = octets(keys.pop())
        assert (len(key), key[0]) == (65, 4)  # a point on P-256, as browsers want it

        async def read(db: Db) -> Any:
            return await db.fetchval("SELECT n.push_key FROM networks n")

        assert (await run(pool, network.id, read)).startswith("sealed:")


async def test_a_browser_is_added_once_and_shown_without_its_address(
    pool: Pool, clock: Clock
) -> None:
    async with somebody(pool, clock) as (network, person):
        browser = Browser()
        status, made = await added(person, browser)
        assert status == 201
        assert made == {
            "id": made["id"], "host": "push.example.net", "created_at": made["created_at"],
        }  # fmt: skip
        assert await added(person, browser) == (200, made)
        padded = {name: f"{value}=" for name, value in browser.keys.items()}
        again = await person.post(
            "/v1/push-subscriptions",
            {"endpoint": PUBLIC, "keys": padded, "expirationTime": None},
        )
        assert (again.status_code, again.json()) == (200, made)
        assert await listed(person) == [made]

        async def read(db: Db) -> Any:
            return await db.fetchval("SELECT s.subscription FROM push_subscriptions s")

        assert (await run(pool, network.id, read)).startswith("sealed:")


async def test_the_same_browser_belongs_to_whoever_is_signed_in_there_now(
    pool: Pool, clock: Clock
) -> None:
    async with somebody(pool, clock) as (network, first):
        second = await network.person(["finance"], email="uldis@example.org")
        browser = Browser()
        _, made = await added(first, browser)
        assert await added(second, browser) == (200, made)
        assert (await listed(first), await listed(second)) == ([], [made])
        assert (await first.delete(f"/v1/push-subscriptions/{made['id']}")).status_code == 404
        assert (await second.delete(f"/v1/push-subscriptions/{made['id']}")).status_code == 204
        assert await listed(second) == []


async def test_two_who_add_one_browser_at_once_leave_one(pool: Pool, clock: Clock) -> None:
    async with somebody(pool, clock) as (network, person):
        browser = Browser()
        made = await asyncio.gather(*[added(person, browser) for _ in range(4)])
        assert sorted(status for status, _ in made) == [200, 200, 200, 201]
        assert len({one["id"] for _, one in made}) == 1
        assert await network.count("push_subscriptions") == 1


async def test_of_more_than_twenty_browsers_the_oldest_goes(pool: Pool, clock: Clock) -> None:
    async with somebody(pool, clock) as (_, person):
        ids = []
        for number in range(21):
            clock.now += timedelta(seconds=1)
            ids.append((await added(person, Browser(), f"{PUBLIC}{number}"))[1]["id"])
        kept = {one["id"] for one in await listed(person)}
        assert kept == set(ids[1:])


@pytest.mark.parametrize(
    ("endpoint", "code"),
    [
        ("http://push.example.net/send/1", "invalid-address"),
        ("https://10.0.0.1/send/1", "private-address"),
        ("https://[::1]/send/1", "private-address"),
        ("https://localhost/send/1", "private-address"),
        ("https://169.254.169.254/latest", "private-address"),
        ("https://me:secret@push.example.net/", "invalid-address"),
    ],
)
async def test_an_address_that_must_not_be_called_is_refused(
    pool: Pool, clock: Clock, endpoint: str, code: str
) -> None:
    async with somebody(pool, clock) as (_, person):
        status, problem = await added(person, Browser(), endpoint)
        assert (status, problem["code"]) == (422, code)
        assert [one["pointer"] for one in problem["errors"]] == ["/endpoint"]


@pytest.mark.parametrize("keys", [{"p256dh": "AAAA"}, {"auth": "AAAA"}, {"auth": "not base64!"}])
async def test_keys_that_nobody_can_encrypt_for_are_refused(
    pool: Pool, clock: Clock, keys: dict[str, str]
) -> None:
    async with somebody(pool, clock) as (_, person):
        refused = await person.post(
            "/v1/push-subscriptions", {"endpoint": PUBLIC, "keys": {**Browser().keys, **keys}}
        )
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (422, "invalid-push-keys")
        assert [one["pointer"] for one in problem["errors"]] == ["/keys"]


async def test_software_has_no_browsers(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        key = await network.caller("coordinator")
        for path in ("/v1/push-key", "/v1/push-subscriptions"):
            assert (await key.get(path)).json()["code"] == "forbidden"
        assert (await added(key, Browser()))[0] == 403


async def test_whoever_is_deactivated_or_erased_is_shown_nothing_more(
    pool: Pool, clock: Clock
) -> None:
    async with somebody(pool, clock) as (network, staff):
        for undone in ("deactivated", "erased"):
            person = await network.person(["finance"], email=f"{undone}@example.org")
            await added(person, Browser())
            assert person.user_id is not None
            path = f"/v1/users/{show_id(USER, person.user_id)}"
            if undone == "erased":
                gone = await staff.post(f"{path}/erase", {})
                assert gone.status_code in {200, 204}, gone.text
            else:
                gone = await staff.patch(path, {"active": False})
                assert gone.status_code == 200, gone.text
            assert await network.count("push_subscriptions") == 0


async def test_an_export_names_the_browsers(pool: Pool, clock: Clock) -> None:
    async with somebody(pool, clock) as (_, person):
        await added(person, Browser())
        held = (await person.get("/v1/me/export")).json()["held"]
        [browser] = held["push_subscriptions"]
        assert set(browser) == {"id", "created_at"}
