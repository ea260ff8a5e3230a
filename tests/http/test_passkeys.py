"""Passkeys as a browser uses them, and as somebody tries them who should not."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from api import Api, Network, serving
from authenticator import ORIGIN, Authenticator, said
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.networks import open_network
from interpreters.database import Pool
from interpreters.domain.ids import new_id
from interpreters.sql import users

pytestmark = pytest.mark.anyio


async def options(person: Api) -> dict[str, Any]:
    asked = await person.post("/v1/passkeys/options")
    assert asked.status_code == 200, asked.text
    made: dict[str, Any] = asked.json()["options"]
    return made


async def question(network: Network, named: str | None = None) -> dict[str, Any]:
    body = {} if named is None else {"network": named}
    asked = await Api(network.client, None).post("/v1/sign-in/passkey/options", body)
    assert asked.status_code == 200, asked.text
    made: dict[str, Any] = asked.json()["options"]
    return made


async def sign_in(network: Network, credential: Mapping[str, Any]) -> httpx.Response:
    return await Api(network.client, None).post("/v1/sign-in/passkey", {"credential": credential})


async def registered(person: Api, *, verifies: bool = True) -> Authenticator:
    """Give the person a passkey."""
    device = Authenticator(verifies=verifies)
    made = await person.post(
        "/v1/passkeys", {"credential": device.make(await options(person)), "name": "Telephone"}
    )
    assert made.status_code == 201, made.text
    return device


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


WRONG = (401, "wrong-passkey")


async def test_a_person_adds_a_passkey_and_signs_in_with_it_typing_nothing(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        person = await network.person(["coordinator", "finance"], email="eva@example.org")
        device = await registered(person)
        done = await sign_in(network, device.answer(await question(network)))
        assert done.status_code == 200, done.text
        assert done.json()["roles"] == ["coordinator", "finance"]
        assert done.json().keys() == {"token", "expires_at", "roles"}
        again = Api(network.client, done.json()["token"])
        assert (await again.get("/v1/me")).json()["role"] == "coordinator"
        devices = (await again.get("/v1/sign-ins")).json()["items"]
        assert {one["how"] for one in devices} == {"passkey", "code"}
        [kept] = (await person.get("/v1/passkeys")).json()["items"]
        assert kept["name"] == "Telephone"
        assert kept["last_used_at"] is not None


async def test_what_a_browser_is_asked_for_is_a_passkey_that_knows_its_person(
    pool: Pool, clock: Clock
) -> None:
    """It lies on the device (discoverable), its person is verified, and none is made twice."""
    async with serving(pool, clock) as network:
        person = await network.person(["coordinator"], email="eva@example.org")
        first = await options(person)
        assert first["rp"] == {"id": "localhost", "name": "Centre"}
        assert first["authenticatorSelection"]["residentKey"] == "required"
        assert first["authenticatorSelection"]["userVerification"] == "required"
        assert first["attestation"] == "none"
        assert len(base64url_to_bytes(first["challenge"])) >= 32
        assert first["excludeCredentials"] == []
        assert b"eva" not in base64url_to_bytes(first["user"]["id"])
        device = await registered(person)
        name = bytes_to_base64url(device.device.credential_id)
        assert [one["id"] for one in (await options(person))["excludeCredentials"]] == [name]
        asked = await question(network)
        assert asked["userVerification"] == "required"
        assert asked.get("allowCredentials", []) == []  # nobody learns whose passkeys there are
        assert asked["rpId"] == "localhost"


async def test_an_answer_is_good_once(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        device = await registered(await network.person(["coordinator"]))
        answer = device.answer(await question(network))
        assert (await sign_in(network, answer)).status_code == 200
        assert code(await sign_in(network, answer)) == WRONG
        person = await network.person(["finance"])
        made = {"credential": Authenticator().make(await options(person))}
        assert (await person.post("/v1/passkeys", made)).status_code == 201
        assert code(await person.post("/v1/passkeys", made)) == (409, "challenge-over")


async def test_a_wrong_answer_uses_the_question_up(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        device = await registered(await network.person(["coordinator"]))
        asked = await question(network)
        assert code(await sign_in(network, device.answer(asked, "https://evil.example"))) == WRONG
        assert code(await sign_in(network, device.answer(asked))) == WRONG


async def test_a_passkey_is_used_on_our_own_pages_only(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        person = await network.person(["coordinator"])
        device = await registered(person)
        for origin in ("https://evil.example", "http://localhost:8001", "https://localhost:8000"):
            answer = device.answer(await question(network), origin)
            assert code(await sign_in(network, answer)) == WRONG, origin
            made = Authenticator().make(await options(person), origin)
            refused = await person.post("/v1/passkeys", {"credential": made})
            assert code(refused) == (422, "passkey-refused"), origin


async def test_a_passkey_belongs_to_our_own_domain_only(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        person = await network.person(["coordinator"])
        asked = await options(person)
        asked["rp"] = {**asked["rp"], "id": "evil.example"}
        refused = await person.post("/v1/passkeys", {"credential": Authenticator().make(asked)})
        assert code(refused) == (422, "passkey-refused")
        device = await registered(person)
        device.device.rp_id = "evil.example"
        answer = device.answer({**await question(network), "rpId": "evil.example"})
        assert code(await sign_in(network, answer)) == WRONG


async def test_a_device_that_does_not_verify_its_person_proves_nothing(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        person = await network.person(["coordinator"])
        made = Authenticator(verifies=False).make(await options(person))
        refused = await person.post("/v1/passkeys", {"credential": made})
        assert code(refused) == (422, "passkey-refused")
        device = await registered(person)
        device.flag = 0
        assert code(await sign_in(network, device.answer(await question(network)))) == WRONG


async def test_a_question_lasts_five_minutes(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        person = await network.person(["coordinator"])
        device = await registered(person)
        asked, wanted = await question(network), await options(person)
        clock.now += timedelta(minutes=5)
        assert code(await sign_in(network, device.answer(asked))) == WRONG
        late = await person.post("/v1/passkeys", {"credential": Authenticator().make(wanted)})
        assert code(late) == (409, "challenge-over")


async def test_a_question_to_one_is_not_answered_by_another(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        eva = await network.person(["coordinator"])
        mallory = await network.person(["finance"])
        stolen = Authenticator().make(await options(eva))
        refused = await mallory.post("/v1/passkeys", {"credential": stolen})
        assert code(refused) == (409, "challenge-over")
        # neither does a question for a new passkey serve to sign in, nor the other way round
        device = await registered(eva)
        asked = await options(eva)
        answer = device.answer({"challenge": asked["challenge"], "rpId": "localhost"})
        assert code(await sign_in(network, answer)) == WRONG
        mixed = {**await options(mallory), "challenge": (await question(network))["challenge"]}
        swapped = await mallory.post("/v1/passkeys", {"credential": Authenticator().make(mixed)})
        assert code(swapped) == (409, "challenge-over")


async def test_a_passkey_signs_in_nobody_but_its_own_person(pool: Pool, clock: Clock) -> None:
    """The handle is not signed: whoever changes it must not become somebody else."""
    async with serving(pool, clock) as network:
        eva = await network.person(["coordinator"])
        mallory = await network.person(["interpreter"], interpreter_id=await roster(network))
        assert eva.user_id is not None
        device = await registered(mallory)
        handle = network.id.bytes + eva.user_id.bytes
        device.device.user_handle = handle
        assert code(await sign_in(network, device.answer(await question(network)))) == WRONG
        for odd in (b"", handle[:-1], handle + b"0", new_id(network.now).bytes * 2):
            device.device.user_handle = odd
            answer = device.answer(await question(network))
            if not odd:
                del answer["response"]["userHandle"]
            assert code(await sign_in(network, answer)) == WRONG


async def roster(network: Network) -> UUID:
    coordinator = await network.caller("coordinator")
    made = await coordinator.post(
        "/v1/interpreters",
        {"display_name": "M", "email": "m@example.org", "languages": [{"code": "prs"}]},
    )

    async def find(db: Any) -> Any:
        return await db.fetchval("SELECT id FROM interpreters")

    assert made.status_code == 201
    return UUID(str(await run(network.pool, network.id, find)))


async def test_a_passkey_of_one_network_opens_no_other(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        device = await registered(await network.person(["coordinator"]))
        other = await open_network(
            pool, name="Other", slug="other", time_zone="UTC", currency="EUR", country=None,
            working_language=None, now=clock(),
        )  # fmt: skip
        unnamed = await Api(network.client, None).post("/v1/sign-in/passkey/options")
        assert unnamed.status_code == 422
        # the question was asked in the other network; so it is in the handle's
        asked = await question(network, "other")
        assert code(await sign_in(network, device.answer(asked))) == WRONG
        there = device.copy()
        there.device.user_handle = other.network_id.bytes + device.device.user_handle[16:]
        asked = await question(network, "other")
        assert code(await sign_in(network, there.answer(asked))) == WRONG
        nowhere = await question(network, "no-such-network")
        assert nowhere.keys() == asked.keys()
        assert len(nowhere["challenge"]) == len(asked["challenge"])
        assert code(await sign_in(network, device.answer(nowhere))) == WRONG
        own = await question(network, "centre")
        assert (await sign_in(network, device.answer(own))).status_code == 200


async def test_whoever_was_deactivated_has_passkeys_for_nothing(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        person = await network.person(["coordinator"])
        device = await registered(person)
        user_id = person.user_id
        assert user_id is not None

        async def deactivate(db: Any) -> None:
            user = await users.find(db, network_id=network.id, user_id=user_id)
            assert user is not None
            gone = msgspec.structs.replace(user, active=False, version=user.version + 1)
            assert await users.update(db, network_id=network.id, user=gone)

        await run(pool, network.id, deactivate)
        assert code(await sign_in(network, device.answer(await question(network)))) == WRONG


async def test_a_copy_of_a_passkey_is_noticed(pool: Pool, clock: Clock) -> None:
    """Whichever of the two comes second counts no further than was seen: it is refused."""
    async with serving(pool, clock) as network:
        person = await network.person(["coordinator"])
        device = await registered(person)
        copy = device.copy()
        for _ in range(2):
            done = await sign_in(network, device.answer(await question(network)))
            assert done.status_code == 200
        for _ in range(2):
            refused = await sign_in(network, copy.answer(await question(network)))
            assert code(refused) == (401, "passkey-cloned")

        async def noted(db: Any) -> list[tuple[Any, ...]]:
            rows = await db.fetch(
                "SELECT action, subject_kind FROM audit WHERE action = 'passkey-cloned'"
            )
            return [tuple(row) for row in rows]

        assert await run(pool, network.id, noted) == [("passkey-cloned", "passkey")] * 2


async def test_a_passkey_that_does_not_count_is_none_the_worse(pool: Pool, clock: Clock) -> None:
    """Passkeys kept on several devices of a person always say nought (WebAuthn section 6.1.1)."""
    async with serving(pool, clock) as network:
        device = await registered(await network.person(["coordinator"]))
        for _ in range(3):
            device.device.sign_count = -1  # one is added before it is said
            done = await sign_in(network, device.answer(await question(network)))
            assert done.status_code == 200, done.text


async def test_a_person_has_ten_passkeys_and_none_twice(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        person = await network.person(["coordinator"])
        waiting = await options(person)
        device = await registered(person)
        again = {"credential": device.make(await options(person), anew=False)}
        assert code(await person.post("/v1/passkeys", again)) == (409, "passkey-known")
        for _ in range(8):
            await registered(person)
        last = await options(person)
        assert (
            await person.post("/v1/passkeys", {"credential": Authenticator().make(last)})
        ).status_code == 201
        assert code(await person.post("/v1/passkeys/options")) == (409, "too-many-passkeys")
        eleventh = {"credential": Authenticator().make(waiting)}
        assert code(await person.post("/v1/passkeys", eleventh)) == (409, "too-many-passkeys")
        kept = (await person.get("/v1/passkeys")).json()["items"]
        assert len({one["id"] for one in kept}) == 10


async def test_a_passkey_taken_away_signs_in_nobody(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        person = await network.person(["coordinator"])
        other = await network.person(["coordinator"])
        device = await registered(person)
        [kept] = (await person.get("/v1/passkeys")).json()["items"]
        assert (await other.get("/v1/passkeys")).json()["items"] == []
        assert (await other.delete(f"/v1/passkeys/{kept['id']}")).status_code == 404
        assert (await person.delete(f"/v1/passkeys/{kept['id']}")).status_code == 204
        assert (await person.delete(f"/v1/passkeys/{kept['id']}")).status_code == 404
        assert code(await sign_in(network, device.answer(await question(network)))) == WRONG


async def test_software_with_a_key_has_no_passkeys(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        key = await network.caller("coordinator")
        assert (await key.get("/v1/passkeys")).status_code == 403
        assert (await key.post("/v1/passkeys/options")).status_code == 403
        assert (await key.post("/v1/passkeys", {"credential": "odd"})).status_code == 403


@pytest.mark.parametrize(
    ("url", "origin", "domain"),
    [
        ("https://Interpreters.Example.org", "https://interpreters.example.org",
         "interpreters.example.org"),
        ("https://a.example:8443/", "https://a.example:8443", "a.example"),
        ("https://a.example:443", "https://a.example", "a.example"),
        ("http://localhost:9000", "http://localhost:9000", "localhost"),
    ],
)  # fmt: skip
async def test_passkeys_belong_to_the_public_address(
    pool: Pool, clock: Clock, url: str, origin: str, domain: str
) -> None:
    async with serving(pool, clock, {"INTERPRETERS_PUBLIC_URL": url}) as network:
        person = await network.person(["coordinator"])
        asked = await options(person)
        assert asked["rp"]["id"] == domain
        made = {"credential": Authenticator().make(asked, origin)}
        assert (await person.post("/v1/passkeys", made)).status_code == 201


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://a.example", "https://10.0.0.1"])
async def test_an_address_that_is_no_name_of_its_own_has_no_passkeys(
    pool: Pool, clock: Clock, url: str
) -> None:
    async with serving(pool, clock, {"INTERPRETERS_PUBLIC_URL": url}) as network:
        person = await network.person(["coordinator"])
        nobody = Api(network.client, None)
        wanted = (409, "passkeys-unavailable")
        assert code(await person.post("/v1/passkeys/options")) == wanted
        assert code(await nobody.post("/v1/sign-in/passkey/options")) == wanted


async def test_bytes_that_are_no_answer_are_refused_in_words(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        person = await network.person(["coordinator"])
        device = await registered(person)
        good = device.answer(await question(network))
        for name in good["response"]:
            for odd in ("AA", "A", "_" * 3000):
                spoiled = {**good, "response": {**good["response"], name: odd}}
                assert code(await sign_in(network, spoiled)) == WRONG, (name, odd)
        for changed in (
            {"type": 7},
            {"challenge": 7},
            {"origin": None},
            {"type": "webauthn.create"},
        ):
            fresh = device.answer(await question(network))
            assert code(await sign_in(network, said(fresh, **changed))) == WRONG, changed
        for name in ("clientDataJSON", "attestationObject"):
            for odd in ("AA", "A", "_" * 3000, "o2NmbXQ"):
                made = Authenticator().make(await options(person))
                made["response"][name] = odd
                refused = await person.post("/v1/passkeys", {"credential": made})
                assert code(refused) == (422, "passkey-refused"), (name, odd)


async def test_what_is_not_a_credential_at_all_has_every_error_named(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        refused = await sign_in(network, {"id": "x y", "type": "password", "response": {}})
        assert refused.status_code == 422
        pointers = {one["pointer"] for one in refused.json()["errors"]}
        assert {"/credential/id", "/credential/rawId", "/credential/type",
                "/credential/response/signature"} <= pointers  # fmt: skip
        assert ORIGIN not in refused.text


async def test_what_a_person_calls_a_passkey_is_sealed(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        person = await network.person(["coordinator"])
        await registered(person)

        async def stored(db: Any) -> str:
            return str(await db.fetchval("SELECT name FROM passkeys"))

        text = await run(pool, network.id, stored)
        assert text.startswith("sealed:")
        assert "Telephone" not in text


async def test_questions_that_nobody_answered_do_not_pile_up(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, {"INTERPRETERS_RATE_SIGN_IN_BURST": "1000"}) as network:
        for _ in range(20):
            await question(network)
        assert await network.count("passkey_challenges") == 20
        clock.now += timedelta(minutes=5)
        for _ in range(20):
            await question(network)
        assert await network.count("passkey_challenges") == 20


async def test_only_who_has_just_signed_in_adds_a_passkey(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        person = await network.person(["coordinator"], email="eva@example.org")
        clock.now += timedelta(minutes=10) - timedelta(microseconds=1)
        device = Authenticator()
        asked = await options(person)
        clock.now += timedelta(microseconds=1)
        refused = await person.post("/v1/passkeys/options")
        assert code(refused) == (403, "sign-in-again")
        made = await person.post("/v1/passkeys", {"credential": device.make(asked)})
        assert made.status_code == 201, made.text  # it was begun in time
        done = await sign_in(network, device.answer(await question(network)))
        fresh = Api(network.client, done.json()["token"])
        assert (await fresh.post("/v1/passkeys/options")).status_code == 200


async def test_signing_out_everywhere_takes_the_passkeys_along_when_that_is_wished(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        person = await network.person(["coordinator"], email="eva@example.org")
        other = await network.person(["finance"], email="ilze@example.org")
        device, kept = await registered(person), await registered(other)
        phone = Api(network.client, (
            await sign_in(network, device.answer(await question(network)))
        ).json()["token"])  # fmt: skip
        assert (await phone.post("/v1/sign-out", {"passkeys": False})).status_code == 200
        gone = await person.post("/v1/sign-out", {"everywhere": True, "passkeys": True})
        assert gone.status_code == 200, gone.text
        assert code(await sign_in(network, device.answer(await question(network)))) == WRONG
        answer = await sign_in(network, kept.answer(await question(network)))
        assert answer.status_code == 200
