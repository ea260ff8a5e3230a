"""Signing in by a one-time code, as a caller sees it."""

import re
from datetime import timedelta
from typing import Any

import pytest

from api import Api, Network, serving
from conftest import Clock
from interpreters.application.calls import run
from interpreters.database import Pool
from interpreters.domain.ids import INTERPRETER, read_id
from interpreters.jobs.messages import sender
from interpreters.sql import messages
from interpreters.sql.messages import Message

pytestmark = pytest.mark.anyio
ANNA = {"display_name": "Anna", "languages": [{"code": "prs"}, {"code": "lav"}]}


async def waiting(pool: Pool, network: Network) -> list[Message]:
    """What a demonstration would show: every waiting message, kept instead of sent."""
    keep = sender({"mail": None, "text": None}, texts_per_day=100)

    async def due(db: Any) -> list[Any]:
        rows = await db.fetch("SELECT id FROM due WHERE kind = 'message' ORDER BY id")
        return [row["id"] for row in rows]

    for one in await run(pool, network.id, due):
        await keep(pool, network_id=network.id, id=one, clock=lambda: network.now)
    return await run(
        pool, network.id, lambda db: messages.kept(db, network_id=network.id, limit=50)
    )


def code_in(message: Message) -> str:
    found = re.search(r"\b\d{6}\b", message.body)
    assert found is not None
    return found[0]


async def interpreter(network: Network, **fields: Any) -> str:
    coordinator = await network.caller("coordinator")
    made = await coordinator.post("/v1/interpreters", {**ANNA, **fields})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def test_an_interpreter_signs_in_with_the_code_and_calls_as_herself(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        own = await interpreter(network, email="anna@example.org")
        nobody = Api(network.client, None)
        started = await nobody.post("/v1/sign-in", {"email": "Anna@Example.org"})
        assert started.status_code == 202
        assert set(started.json()) == {"attempt", "expires_at"}
        [mail] = await waiting(pool, network)
        assert (mail.recipient, mail.channel) == ("anna@example.org", "mail")
        verified = await nobody.post(
            "/v1/sign-in/verify", {"attempt": started.json()["attempt"], "code": code_in(mail)}
        )
        assert verified.status_code == 200, verified.text
        assert verified.json()["roles"] == ["interpreter"]
        assert verified.json()["token"].startswith("st_")
        me = await Api(network.client, verified.json()["token"]).get("/v1/me")
        assert me.json()["interpreter_id"] == own
        assert read_id(INTERPRETER, own)


async def test_an_address_that_nobody_has_is_answered_the_same_and_sent_nothing(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        await interpreter(network, phone="+371 25565098")
        nobody = Api(network.client, None)
        known = await nobody.post("/v1/sign-in", {"phone": "+37125565098"})
        unknown = await nobody.post("/v1/sign-in", {"phone": "+37125565099"})
        assert known.status_code == unknown.status_code == 202
        assert known.json().keys() == unknown.json().keys()
        assert len(known.json()["attempt"]) == len(unknown.json()["attempt"])
        assert known.json()["expires_at"] == unknown.json()["expires_at"]
        sent = await waiting(pool, network)
        assert [one.recipient for one in sent] == ["+37125565098"]


async def test_a_code_bears_five_tries_and_ten_minutes_and_is_used_once(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        await interpreter(network, email="anna@example.org")
        nobody = Api(network.client, None)

        async def start() -> tuple[str, str]:
            clock.now += timedelta(seconds=1)  # so that the newest message is the newest
            started = await nobody.post("/v1/sign-in", {"email": "anna@example.org"})
            newest = (await waiting(pool, network))[0]
            return started.json()["attempt"], code_in(newest)

        async def verify(attempt: str, code: str) -> tuple[int, str | None]:
            answer = await nobody.post("/v1/sign-in/verify", {"attempt": attempt, "code": code})
            return answer.status_code, answer.json().get("code")

        attempt, code = await start()
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        for _ in range(5):
            assert await verify(attempt, wrong) == (401, "wrong-code")
        assert await verify(attempt, code) == (401, "attempt-over")
        attempt, code = await start()
        assert (await verify(attempt, code))[0] == 200
        assert await verify(attempt, code) == (401, "attempt-over")
        attempt, code = await start()
        clock.now += timedelta(minutes=10)
        assert await verify(attempt, code) == (401, "attempt-over")


async def test_codes_are_asked_for_five_times_in_a_quarter_of_an_hour(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        nobody = Api(network.client, None)
        body = {"email": "who@example.org"}
        for _ in range(5):
            assert (await nobody.post("/v1/sign-in", body)).status_code == 202
        refused = await nobody.post("/v1/sign-in", body)
        assert (refused.status_code, refused.json()["code"]) == (429, "too-many-attempts")
        assert refused.headers["retry-after"] == "900"
        assert (await nobody.post("/v1/sign-in", {"email": "b@example.org"})).status_code == 202
        clock.now += timedelta(minutes=15, seconds=1)
        assert (await nobody.post("/v1/sign-in", body)).status_code == 202


async def test_two_people_of_one_mailbox_say_who_they_are(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        await interpreter(network, email="desk@example.org")
        other = await interpreter(network, email="desk@example.org", display_name="Berta")
        nobody = Api(network.client, None)
        started = await nobody.post("/v1/sign-in", {"email": "desk@example.org"})
        [mail] = await waiting(pool, network)
        body = {"attempt": started.json()["attempt"], "code": code_in(mail)}
        which = await nobody.post("/v1/sign-in/verify", body)
        assert (which.status_code, which.json()["code"]) == (409, "which-person")
        options = {one["display_name"]: one["id"] for one in which.json()["options"]}
        assert set(options) == {"Anna", "Berta"}
        done = await nobody.post("/v1/sign-in/verify", {**body, "user_id": options["Berta"]})
        me = await Api(network.client, done.json()["token"]).get("/v1/me")
        assert me.json()["interpreter_id"] == other


async def test_devices_are_listed_and_signed_out_one_by_one_and_everywhere(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        await interpreter(network, email="anna@example.org")
        nobody = Api(network.client, None)

        async def device(agent: str) -> Api:
            clock.now += timedelta(seconds=1)
            started = await nobody.post("/v1/sign-in", {"email": "anna@example.org"})
            code = code_in((await waiting(pool, network))[0])
            done = await nobody.post(
                "/v1/sign-in/verify",
                {"attempt": started.json()["attempt"], "code": code},
                headers={"User-Agent": agent},
            )
            return Api(network.client, done.json()["token"])

        phone = await device("Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko Firefox/140.0")
        desk = await device("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36")
        third = await device("curl/8")
        listed = (await phone.get("/v1/sign-ins")).json()["items"]
        assert [one["device"] for one in listed] == [None, "Chrome, Windows", "Firefox, Android"]
        assert [one["current"] for one in listed] == [False, False, True]
        assert (await phone.delete(f"/v1/sign-ins/{listed[0]['id']}")).status_code == 204
        assert (await third.get("/v1/me")).status_code == 401
        assert (await desk.post("/v1/sign-out")).json() == {"signed_out": 1}
        assert (await desk.get("/v1/me")).status_code == 401
        assert (await phone.post("/v1/sign-out", {"everywhere": True})).json() == {"signed_out": 1}
        assert (await phone.get("/v1/me")).status_code == 401


async def test_a_key_neither_signs_out_nor_has_devices(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        assert (await coordinator.post("/v1/sign-out")).status_code == 403
        assert (await coordinator.get("/v1/sign-ins")).status_code == 403


async def test_a_cookie_counts_only_for_calls_from_our_own_pages(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        await interpreter(network, email="anna@example.org")
        nobody = Api(network.client, None)
        started = await nobody.post("/v1/sign-in", {"email": "anna@example.org"})
        code = code_in((await waiting(pool, network))[0])
        done = await nobody.post(
            "/v1/sign-in/verify", {"attempt": started.json()["attempt"], "code": code}
        )
        cookie = {"Cookie": f"interpreters_token={done.json()['token']}"}
        assert (await nobody.get("/v1/me", headers=cookie)).status_code == 200
        for evil in (
            {},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site", "Origin": "http://test"},
        ):
            refused = await nobody.post("/v1/sign-out", headers={**cookie, **evil})
            assert (refused.status_code, refused.json()["code"]) == (403, "cross-site"), evil
        own = await nobody.post("/v1/sign-out", headers={**cookie, "Origin": "http://test"})
        assert own.json() == {"signed_out": 1}


async def test_a_roster_address_leads_to_no_further_roles(pool: Pool, clock: Clock) -> None:
    """Whoever may change the roster must not come in as somebody who may do more."""
    async with serving(pool, clock) as network:
        own = await interpreter(network, email="anna@example.org")
        coordinator = await network.caller("coordinator")
        both = await coordinator.post(
            "/v1/users",
            {"email": "boss@example.org", "roles": ["coordinator", "interpreter"],
             "interpreter_id": own},
        )  # fmt: skip
        assert both.status_code == 201, both.text
        changed = await coordinator.patch(f"/v1/interpreters/{own}", {"email": "evil@example.org"})
        assert changed.status_code == 200
        nobody = Api(network.client, None)
        await nobody.post("/v1/sign-in", {"email": "evil@example.org"})
        sent = await waiting(pool, network)
        assert [one.recipient for one in sent if one.purpose == "sign-in"] == []
        await nobody.post("/v1/sign-in", {"email": "boss@example.org"})
        sent = await waiting(pool, network)
        assert [one.recipient for one in sent if one.purpose == "sign-in"] == ["boss@example.org"]


async def test_who_was_suspended_since_the_code_was_sent_stays_out(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        own = await interpreter(network, email="anna@example.org")
        nobody = Api(network.client, None)
        started = await nobody.post("/v1/sign-in", {"email": "anna@example.org"})
        [mail] = await waiting(pool, network)
        coordinator = await network.caller("coordinator")
        suspended = await coordinator.post(f"/v1/interpreters/{own}/suspend", {"reason": "rest"})
        assert suspended.status_code == 200, suspended.text
        answer = await nobody.post(
            "/v1/sign-in/verify",
            {"attempt": started.json()["attempt"], "code": code_in(mail)},
        )
        assert answer.status_code == 401
