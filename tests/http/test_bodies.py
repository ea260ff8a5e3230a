"""Whatever is sent: every error at once, nothing stored, and never our fault."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api import Api, Network, serving
from conftest import Clock
from interpreters.application.calls import run
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
TABLES = ("institutions", "sites", "rooms", "clients", "keys", "idempotency_keys", "audit")
HUGE = 10**30
INSTITUTION = {"name": "School", "kind": "education", "time_zone": "Europe/Riga"}
SITE = {"name": "Centre", "latitude": 56.9, "longitude": 24.1, "rooms": ["1", {"name": "2"}],
        "opening_hours": [{"day": "mon", "from": "09:00", "to": "17:00"}]}  # fmt: skip
KEY = {"scopes": ["requests:read"], "expires_at": "2027-01-01T00:00:00Z", "mode": "test"}
CLIENT = {"reference": "LV-1", "languages": ["dari"], "nationality": "AF", "group": "g"}
NETWORK = {"name": "Centre", "time_zone": "Europe/Riga", "currency": "EUR", "country": "LV"}


async def rows(network: Network) -> list[int]:
    counts = ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in TABLES)
    found = await run(network.pool, network.id, lambda db: db.fetchrow(f"SELECT {counts}"))
    return list(found)


async def doors(network: Network) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Every kind of body with its door, on an institution and a site that are there."""
    institution, _ = await network.institution()
    coordinator = await network.caller("coordinator")
    site = await coordinator.post(f"/v1/institutions/{institution}/sites", {"name": "There"})
    here = f"/v1/institutions/{institution}"
    return {
        "institution": ("POST", "/v1/institutions", INSTITUTION),
        "institution change": ("PATCH", here, INSTITUTION),
        "site": ("POST", f"{here}/sites", SITE),
        "site change": ("PATCH", f"{here}/sites/{site.json()['id']}", SITE),
        "key": ("POST", f"{here}/keys", KEY),
        "client": ("POST", "/v1/clients", CLIENT | {"institution_id": institution}),
        "network change": ("PATCH", "/v1/network", NETWORK),
    }


KINDS = ["institution", "institution change", "site", "site change", "key", "client",
         "network change"]  # fmt: skip


async def refused(network: Network, api: Api, method: str, path: str, **kwargs: Any) -> Any:
    """Call, check that it is a refusal of the caller that stored nothing, and return it."""
    before = await rows(network)
    response = await api.call(method, path, headers={"Idempotency-Key": "k"}, **kwargs)
    assert 400 <= response.status_code < 500, (response.status_code, response.text, kwargs)
    assert response.headers["content-type"] == "application/problem+json"
    assert await rows(network) == before
    return response


NOT_JSON = {
    "cut": b'{"name": ',
    "not utf-8": b"\xff\xfe",
    "nan": b'{"name": NaN}',
    "infinity": b'{"name": Infinity}',
    "too much": b"{}}",
    "no word": b"nul",
    "half a character": b'{"name": "\\ud800"}',
    "5000 digits": b'{"name": ' + b"9" * 5000 + b"}",
    "100000 deep": b"[" * 100_000,
    "no number": b'{"name": 1e999}',
}


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_not_json_is_malformed(pool: Pool, clock: Clock, kind: str) -> None:
    async with serving(pool, clock) as network:
        method, path, _ = (await doors(network))[kind]
        coordinator = await network.caller("coordinator")
        for case, raw in NOT_JSON.items():
            response = await refused(network, coordinator, method, path, content=raw)
            assert (response.status_code, response.json()["code"]) == (400, "malformed"), case


@pytest.mark.parametrize("kind", KINDS)
async def test_json_that_is_no_object_is_a_wrong_type(pool: Pool, clock: Clock, kind: str) -> None:
    async with serving(pool, clock) as network:
        method, path, _ = (await doors(network))[kind]
        coordinator = await network.caller("coordinator")
        for raw in (b"[" * 500 + b"]" * 500, b'"text"', b"1", b"null", b"[]"):
            response = await refused(network, coordinator, method, path, content=raw)
            assert (response.status_code, response.json()["code"]) == (422, "validation")
            assert [one["pointer"] for one in response.json()["errors"]] == [""]


HOSTILE = [
    HUGE, -HUGE, 1.5, True, {}, {"a": {"b": []}}, [[]], [{}], [None], "a\x00b", ["a\x00b"],
    "x" * 5000, "9" * 400, "net_00000000000000000000000000", "\ufeff", "2026-13-45",
    "2026-11-24T10:00:00", "Mars/Olympus", json.loads("[" * 500 + "]" * 500),
]  # fmt: skip
# A few of these are right for some fields: any text is a name, any number may be a place.
YES_OR_NO = ("client_links", "applications_open", "ask_conflicts")
# Structs whose every field may be left out.
ALL_AS_USUAL = ("ladder", "weights", "retention", "planning")
FITTING = ("name", "city", "address", "reference", "status", "group", "rooms")


@pytest.mark.parametrize("kind", KINDS)
async def test_every_field_bears_every_wrong_value(pool: Pool, clock: Clock, kind: str) -> None:
    async with serving(pool, clock) as network:
        method, path, right = (await doors(network))[kind]
        coordinator = await network.caller("coordinator")
        document = (await network.client.get("/openapi.json")).json()
        template = path.replace(path.split("/")[3], "{id}") if path.count("/") > 2 else path
        if path.count("/") > 4:
            template = template.replace(path.split("/")[5], "{site_id}")
        content = document["paths"][template][method.lower()]["requestBody"]["content"]
        name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
        fields = document["components"]["schemas"][name]["properties"]
        assert set(right) <= set(fields)
        for field in fields:
            for value in HOSTILE:
                if field in FITTING and isinstance(value, str) and "\x00" not in value:
                    continue
                if isinstance(value, float) and field in ("latitude", "longitude"):
                    continue
                if value is True and field in YES_OR_NO:
                    continue
                if value == {} and field in ALL_AS_USUAL:
                    continue
                sent = right | {field: value}
                response = await refused(network, coordinator, method, path, json=sent)
                assert response.status_code == 422, (field, value, response.text)
                pointers = [one["pointer"] for one in response.json()["errors"]]
                assert any(one.startswith(f"/{field}") for one in pointers), (field, pointers)


@pytest.mark.parametrize("kind", KINDS)
async def test_unknown_fields_are_refused(pool: Pool, clock: Clock, kind: str) -> None:
    async with serving(pool, clock) as network:
        method, path, right = (await doors(network))[kind]
        coordinator = await network.caller("coordinator")
        sent = right | {"colour/of~hair": "red"}
        response = await refused(network, coordinator, method, path, json=sent)
        assert response.json()["errors"] == [
            {
                "pointer": "/colour~1of~0hair",
                "code": "unknown-field",
                "detail": "There is no such field",
            }
        ]


async def test_a_refusal_says_what_may_be_written_instead(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        sent = {
            "institution_id": "x", "language": "da\0ri", "modes": ["phone", "car"],
            "duration_minutes": 60, "starts": "soon", "topic": "health",
            "clients": [{"reference": "LV-1", "nationality": "lv"}],
        }  # fmt: skip
        response = await refused(network, coordinator, "POST", "/v1/requests", json=sent)
        said = {one["pointer"]: one["detail"] for one in response.json()["errors"]}
        assert said == {
            "/institution_id": "An id: ins_ and 26 digits and capital letters",
            "/language": "The character NUL may not stand here",
            "/modes/1": "One of in_person, phone, video",
            "/starts": "One of now",
            "/clients/0/nationality": "ISO 3166-1 alpha-2: two capital letters",
        }


async def test_every_wrong_field_is_named_at_once(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        response = await refused(network, coordinator, "POST", "/v1/institutions", json={
            "kind": "castle", "country": "XX", "time_zone": "Mars/Olympus", "working_language":
            "Kurdish", "preferred_interpreter_ids": ["int_1"], "colour": 1,
        })  # fmt: skip
        assert response.json()["code"] == "validation"
        assert {(one["pointer"], one["code"]) for one in response.json()["errors"]} == {
            ("/colour", "unknown-field"),
            ("/name", "required"),
            ("/kind", "invalid"),
            ("/country", "unknown-country"),
            ("/time_zone", "unknown-time-zone"),
            ("/working_language", "needs-variety"),
            ("/preferred_interpreter_ids/0", "invalid"),
        }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"working_language": "Kurdish"}, "needs-variety"),
        ({"working_language": "Klingonish"}, "unknown-language"),
        ({"time_zone": "Mars/Olympus"}, "unknown-time-zone"),
        ({"name": ""}, "validation"),
        ({"colour": 1}, "validation"),
    ],
)
async def test_a_single_wrong_field_gives_the_problem_its_own_code(
    pool: Pool, clock: Clock, change: dict[str, Any], code: str
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        sent = INSTITUTION | change
        response = await refused(network, coordinator, "POST", "/v1/institutions", json=sent)
        problem = response.json()
        assert (response.status_code, problem["code"]) == (422, code)
        assert set(problem) >= {"type", "title", "status", "detail", "code", "user_message"}
        assert problem["status"] == 422
        assert len(problem["errors"]) == 1


async def test_needs_variety_offers_the_varieties(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        sent = INSTITUTION | {"working_language": "Kurdish"}
        response = await refused(network, coordinator, "POST", "/v1/institutions", json=sent)
        assert {"kmr", "ckb"} <= {one["code"] for one in response.json()["options"]}


async def test_a_key_that_expired_already_is_in_the_past(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        method, path, _ = (await doors(network))["key"]
        coordinator = await network.caller("coordinator")
        sent = {"expires_at": clock.now.isoformat()}
        response = await refused(network, coordinator, method, path, json=sent)
        assert response.json()["code"] == "in-the-past"
        assert response.json()["errors"][0]["pointer"] == "/expires_at"


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_may_have_256_kb_and_no_byte_more(
    pool: Pool, clock: Clock, announced: bool
) -> None:
    start = b'{"name": "School", "kind": "education"}'
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")

        async def chunks(size: int) -> AsyncIterator[bytes]:
            yield start
            left = size - len(start)
            while left > 0:
                yield b" " * min(left, 10_000)
                left -= 10_000

        def body(size: int) -> Any:
            return start.ljust(size) if announced else chunks(size)

        large = body(256 * 1024 + 1)
        response = await refused(network, coordinator, "POST", "/v1/institutions", content=large)
        assert (response.status_code, response.json()["code"]) == (413, "body-too-large")
        full = body(256 * 1024)
        response = await coordinator.call("POST", "/v1/institutions", content=full)
        assert response.status_code == 201


async def test_parameters_nobody_knows_are_refused(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, software = await network.institution()
        client = (await software.post("/v1/clients", {"reference": "LV-1"})).json()["id"]
        coordinator = await network.caller("coordinator")
        for method, path in (
            ("GET", "/v1/institutions?as=1"),
            ("GET", f"/v1/institutions/{institution}?as=1"),
            ("DELETE", f"/v1/clients/{client}?as=1"),
            ("GET", "/v1/me?as=coordinator"),
        ):
            response = await coordinator.call(method, path)
            assert response.status_code == 422
            assert response.json()["errors"] == [
                {"pointer": "/as", "code": "unknown-field", "detail": "There is no such field"}
            ]
        assert (await coordinator.get(f"/v1/clients/{client}")).json()["reference"] == "LV-1"
        sent = await coordinator.call("POST", "/v1/institutions?dry_run=1", json=INSTITUTION)
        assert sent.status_code == 422
        assert await network.count("institutions") == 1
