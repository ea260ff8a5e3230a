"""What every answer carries, and how many there may be."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import serving
from conftest import Clock
from interpreters.database import Pool
from interpreters.domain.rates import Rate
from interpreters.domain.tokens import new_token
from interpreters.http.rates import Rates

pytestmark = pytest.mark.anyio
NARROW = {
    "INTERPRETERS_RATE_TOKEN_PER_MINUTE": "60",
    "INTERPRETERS_RATE_TOKEN_BURST": "3",
    "INTERPRETERS_RATE_ADDRESS_PER_MINUTE": "60",
    "INTERPRETERS_RATE_ADDRESS_BURST": "2",
}


def holds(response: httpx.Response) -> None:
    assert response.headers["request-id"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"].startswith("default-src 'self'")
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json"
        problem = response.json()
        assert problem["status"] == response.status_code
        assert problem["type"] == f"/problems/{problem['code']}"
        assert problem["title"] and problem["detail"] and problem["user_message"]  # noqa: PT018 - one fact


async def test_every_answer_has_a_request_id_and_every_error_is_a_problem(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        large = b" " * (256 * 1024 + 1)
        for status, method, path, kwargs in (
            (200, "GET", "/health/live", {}),
            (200, "GET", "/v1/me", {}),
            (400, "POST", "/v1/institutions", {"content": b"{"}),
            (404, "GET", "/nowhere", {}),
            (404, "GET", "/v1/nowhere", {}),
            (405, "DELETE", "/v1/institutions", {}),
            (405, "PUT", "/v1/me", {}),
            (413, "POST", "/v1/institutions", {"content": large}),
            (422, "POST", "/v1/institutions", {"json": {}}),
        ):
            response = await coordinator.call(method, path, **kwargs)
            assert response.status_code == status, (method, path, response.text)
            holds(response)
        unsigned = await network.client.get("/v1/me")
        assert unsigned.status_code == 401
        holds(unsigned)


async def test_no_two_answers_have_one_request_id(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        seen = {(await network.client.get("/health/live")).headers["request-id"] for _ in range(9)}
        assert len(seen) == 9


async def test_a_token_has_its_burst_and_is_then_told_to_wait(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, NARROW) as network:
        coordinator = await network.caller("coordinator")
        left = []
        for _ in range(3):
            response = await coordinator.get("/v1/me")
            assert response.status_code == 200
            left.append(response.headers["ratelimit"])
        assert left == ['"token";r=2;t=1', '"token";r=1;t=2', '"token";r=0;t=3']
        assert response.headers["ratelimit-policy"] == '"token";q=60;w=60'
        fourth = await coordinator.get("/v1/me")
        assert (fourth.status_code, fourth.json()["code"]) == (429, "too-many-requests")
        assert fourth.headers["retry-after"] == "1"
        holds(fourth)
        other = await network.caller("coordinator")
        assert (await other.get("/v1/me")).status_code == 200


async def test_an_address_without_a_token_has_a_burst_of_its_own(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, NARROW) as network:
        statuses = [(await network.client.get("/v1/me")).status_code for _ in range(3)]
        assert statuses == [401, 401, 429]
        coordinator = await network.caller("coordinator")
        assert (await coordinator.get("/v1/me")).status_code == 200


async def test_inventing_tokens_does_not_help(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, NARROW) as network:
        statuses = []
        for _ in range(4):
            headers = {"Authorization": f"Bearer {new_token(network.id, 'ik_live')}"}
            statuses.append((await network.client.get("/v1/me", headers=headers)).status_code)
        assert statuses == [401, 401, 429, 429]


async def test_a_page_is_counted_by_the_token_in_its_cookie(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, NARROW) as network:
        coordinator = await network.caller("coordinator")
        cookie = f"a=b; interpreters_token={coordinator.token}; c=d"
        answers = [await network.client.get("/v1/me", headers={"Cookie": cookie}) for _ in range(4)]
        assert [one.status_code for one in answers] == [200, 200, 200, 429]
        assert answers[0].headers["ratelimit-policy"].startswith('"token"')


async def test_no_second_token_hides_the_one_that_is_counted(pool: Pool, clock: Clock) -> None:
    wide = NARROW | {"INTERPRETERS_RATE_ADDRESS_BURST": "8"}
    async with serving(pool, clock, wide) as network:
        token = (await network.caller("coordinator")).token
        statuses = []
        for number in range(14):
            other = new_token(network.id, "ik_live")
            own = ("Cookie", f"interpreters_token={token}")
            headers = (
                [("Cookie", f"interpreters_token={other}; interpreters_token={token}")],
                [("Cookie", f"interpreters_token={other}"), own],
                [own, ("Cookie", f"interpreters_token={other}")],
                [("Cookie", f"interpreters_token={other}; interpreters_token =x"), own],
                [("Authorization", f" {other}"), own],
                [("Authorization", f"Basic {other}"), own],
                [("Authorization", ""), own],
            )[number % 7]
            response = await network.client.get("/v1/me", headers=headers)
            statuses.append(response.status_code)
        # All of them are one address without a token that is beyond doubt.
        assert statuses[8:] == [429] * 6


async def test_health_is_never_limited(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, NARROW) as network:
        answers = [await network.client.get("/health/live") for _ in range(10)]
        assert {one.status_code for one in answers} == {200}


@given(st.lists(st.floats(min_value=0, max_value=5), min_size=1, max_size=200))
def test_in_any_stretch_no_more_pass_than_the_burst_and_what_refilled(gaps: list[float]) -> None:
    rates, now, passed = Rates(Rate(per_minute=60, burst=5), "token"), 0.0, []
    for gap in gaps:
        now += gap
        if rates.take("one", now).wait is None:
            passed.append(now)
    for first, began in enumerate(passed):
        for count, ended in enumerate(passed[first:], start=1):
            assert count <= 5 + (ended - began) + 1e-3


@given(st.lists(st.floats(min_value=0, max_value=3), min_size=1, max_size=60))
def test_who_waits_as_long_as_told_may_pass(gaps: list[float]) -> None:
    rates, now = Rates(Rate(per_minute=60, burst=2), "token"), 0.0
    for gap in gaps:
        now += gap
        wait = rates.take("one", now).wait
        if wait is not None:
            now += wait
            assert rates.take("one", now).wait is None


def test_callers_without_number_take_no_memory_without_bound(monkeypatch: Any) -> None:
    monkeypatch.setattr("interpreters.http.rates.MOST", 100)
    rates = Rates(Rate(per_minute=60, burst=5), "address")
    for number in range(1000):
        rates.take(str(number), number / 1000)
    assert len(rates.paid_until) <= 100


async def test_the_numbers_are_by_route_and_never_by_id(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, software = await network.institution()
        await software.get(f"/v1/institutions/{institution}")
        await software.get(f"/v1/nowhere/{institution}")
        await software.get("/v1/institutions/x")
        text = (await network.client.get("/metrics")).text
        assert institution not in text
        line = 'interpreters_http_requests_total{{method="GET",route="{}",status="{}"}} 1.0'
        assert line.format("/v1/institutions/{id}", "2xx") in text
        assert line.format("/v1/institutions/{id}", "4xx") in text
        assert "interpreters_http_request_seconds_bucket" in text


async def test_the_numbers_are_for_this_machine_or_the_token(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, {"INTERPRETERS_METRICS_TOKEN": "secret"}) as network:
        app = network.client._transport.app  # type: ignore[attr-defined]  # httpx has no other way

        async def status(address: str, headers: Mapping[str, str] | None = None) -> int:
            transport = httpx.ASGITransport(app=app, client=(address, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return (await client.get("/metrics", headers=headers)).status_code

        assert await status("127.0.0.1") == 200
        assert await status("::1") == 200
        assert await status("192.0.2.7") == 401
        assert await status("192.0.2.7", {"Authorization": "Bearer secret"}) == 200
        assert await status("192.0.2.7", {"Authorization": "Bearer secre"}) == 401
        # A proxy on this machine speaks for somebody else.
        assert await status("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}) == 401


async def test_a_single_thing_has_an_etag_and_a_stale_change_is_refused(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        institution, _ = await network.institution()
        coordinator = await network.caller("coordinator")
        path = f"/v1/institutions/{institution}"
        etag = (await coordinator.get(path)).headers["etag"]
        first = await coordinator.patch(path, {"name": "A"}, headers={"If-Match": etag})
        assert first.status_code == 200
        assert first.headers["etag"] != etag
        for stale in (etag, '"x"', '"99999999999999999999"', 'W/"7"', ""):
            second = await coordinator.patch(path, {"name": "B"}, headers={"If-Match": stale})
            assert (second.status_code, second.json()["code"]) == (412, "precondition-failed")
        assert (await coordinator.get(path)).json()["name"] == "A"
        for fresh in (first.headers["etag"], "*"):
            third = await coordinator.patch(path, {"name": "C"}, headers={"If-Match": fresh})
            assert third.status_code == 200


async def test_what_has_no_version_has_an_etag_of_what_it_says(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        first, again = [(await coordinator.get("/v1/me")).headers["etag"] for _ in range(2)]
        assert first == again
        await coordinator.patch("/v1/network", {"name": "Another"})
        assert (await coordinator.get("/v1/me")).headers["etag"] != first
        assert "etag" not in (await coordinator.get("/v1/requests")).headers  # a list


async def test_a_parameter_that_is_there_twice_is_a_list(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        span = "/v1/usage?from=2026-01-01&to=2026-02-01"
        twice = await coordinator.get(f"{span}&group_by=mode&group_by=month")
        once = await coordinator.get(f"{span}&group_by=mode,month")
        assert (twice.status_code, twice.json()) == (200, once.json())
        refused = await coordinator.get(f"{span}&group_by=mode&group_by=years")
        assert refused.json()["errors"][0]["pointer"] == "/group_by/1"
        for path in ("/v1/requests?limit=1&limit=2", "/v1/requests?state=filled&state=closed"):
            assert (await coordinator.get(path)).status_code == 422


async def test_a_lost_database_is_503_and_says_when_to_come_back(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        await pool.close()
        response = await coordinator.get("/v1/me")
        assert (response.status_code, response.json()["code"]) == (503, "unavailable")
        assert response.headers["retry-after"] == "2"
        holds(response)
        ready = await network.client.get("/health/ready")
        assert (ready.status_code, json.loads(ready.content)["status"]) == (503, "unavailable")
