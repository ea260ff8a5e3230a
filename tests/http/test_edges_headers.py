"""What browsers are told with every answer, and whose word is taken about the caller."""

from collections.abc import Mapping

import httpx
import pytest

from api import Network, serving
from conftest import Clock
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
PROXIED = {
    "INTERPRETERS_TRUSTED_PROXIES": "192.0.2.1, 10.0.0.0/8,2001:db8::/32",
    "INTERPRETERS_RATE_ADDRESS_PER_MINUTE": "1",
    "INTERPRETERS_RATE_ADDRESS_BURST": "2",
}
PATHS = ("/", "/docs", "/docs/start.js", "/health/live", "/v1/me", "/nowhere", "/openapi.json")


def caller(network: Network, address: str, base_url: str = "http://test") -> httpx.AsyncClient:
    """A client that connects from an address."""
    app = network.client._transport.app  # type: ignore[attr-defined]  # httpx has no other way
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, client=(address, 1)), base_url=base_url
    )


async def left(client: httpx.AsyncClient, headers: Mapping[str, str]) -> str:
    """How many calls the caller has left, as they are told."""
    answer = await client.get("/v1/me", headers=headers)
    return answer.headers["ratelimit"].split(";")[1]


async def test_every_answer_has_the_safe_headers(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        for path in PATHS:
            headers = (await network.client.get(path)).headers
            policy = dict(
                (one.strip().split(" ", 1)) for one in headers["content-security-policy"].split(";")
            )
            assert policy["default-src"] == "'self'"
            assert policy["object-src"] == policy["frame-ancestors"] == "'none'"
            assert (policy["base-uri"], policy["form-action"]) == ("'none'", "'self'")
            assert "unsafe" not in headers["content-security-policy"]
            assert "http" not in headers["content-security-policy"]
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["cross-origin-opener-policy"] == "same-origin"
            assert headers["cross-origin-resource-policy"] == "same-origin"
            assert {"camera=()", "microphone=()", "geolocation=()"} <= set(
                headers["permissions-policy"].split(", ")
            )
            assert headers.get_list("content-security-policy") == [
                headers["content-security-policy"]
            ]


async def test_only_over_https_is_https_demanded(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        assert "strict-transport-security" not in (await network.client.get("/")).headers
        forged = await network.client.get("/", headers={"X-Forwarded-Proto": "https"})
        assert "strict-transport-security" not in forged.headers
        async with caller(network, "192.0.2.7", "https://test") as secure:
            told = (await secure.get("/")).headers["strict-transport-security"]
            assert told == "max-age=31536000"


async def test_no_other_site_may_read_an_answer(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        for origin in ("https://evil.example", "null", "http://test"):
            headers = {"Origin": origin}
            asked = headers | {"Access-Control-Request-Method": "POST",
                               "Access-Control-Request-Headers": "authorization"}  # fmt: skip
            before = await network.client.options("/v1/institutions", headers=asked)
            assert (before.status_code, before.json()["code"]) == (405, "method-not-allowed")
            simple = await coordinator.get("/v1/me", headers=headers)
            for answer in (before, simple):
                assert not [one for one in answer.headers if one.startswith("access-control")]


async def test_a_proxy_nobody_named_is_the_caller(pool: Pool, clock: Clock) -> None:
    async with (
        serving(pool, clock, PROXIED) as network,
        caller(network, "198.51.100.9") as outsider,
    ):
        found = [await left(outsider, {"X-Forwarded-For": f"203.0.113.{n}"}) for n in range(3)]
        assert found == ["r=1", "r=0", "r=0"]


@pytest.mark.parametrize("proxy", ["192.0.2.1", "10.1.2.3", "2001:db8::5", "::ffff:192.0.2.1"])
async def test_behind_a_named_proxy_each_caller_is_counted_apart(
    pool: Pool, clock: Clock, proxy: str
) -> None:
    async with serving(pool, clock, PROXIED) as network, caller(network, proxy) as through:
        for address in ("203.0.113.1", "203.0.113.2", "2a00:1450::1"):
            assert await left(through, {"X-Forwarded-For": address}) == "r=1"
        for forged, expected in (
            # What a caller wrote stands before what the proxy added, and is not believed.
            ("203.0.113.77, 203.0.113.1", "r=0"),
            ("198.51.100.1, 203.0.113.2, 10.9.9.9", "r=0"),
            ("203.0.113.3:4711", "r=1"),
            ("[2a00:1450::1]:443", "r=0"),
        ):
            assert await left(through, {"X-Forwarded-For": forged}) == expected, forged
        assert await left(through, {}) == "r=1"
        assert await left(through, {"X-Forwarded-For": "unknown"}) == "r=0"


async def test_several_header_lines_are_one_list(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, PROXIED) as network, caller(network, "10.0.0.1") as through:
        for first in ("203.0.113.8", "203.0.113.9"):
            lines = [("X-Forwarded-For", first), ("X-Forwarded-For", "203.0.113.1")]
            answer = await through.get("/v1/me", headers=lines)
            expected = "r=1" if first.endswith("8") else "r=0"
            assert answer.headers["ratelimit"].split(";")[1] == expected


@pytest.mark.parametrize(
    ("hops", "schemes", "secure"),
    [
        ("203.0.113.1", "https", True),
        ("203.0.113.1", "http", False),
        ("203.0.113.1", "javascript", False),
        ("203.0.113.1", None, False),
        ("203.0.113.1, 10.0.0.2", "https, http", True),
        ("203.0.113.1, 10.0.0.2", "http", False),
        # The caller wrote the first of each.
        ("198.51.100.1, 203.0.113.1", "https, http", False),
        ("203.0.113.1", "https, http", False),
    ],
)
async def test_the_scheme_is_that_of_the_callers_own_hop(
    pool: Pool, clock: Clock, hops: str, schemes: str | None, secure: bool
) -> None:
    async with serving(pool, clock, PROXIED) as network, caller(network, "10.0.0.1") as through:
        headers = {"X-Forwarded-For": hops}
        if schemes is not None:
            headers["X-Forwarded-Proto"] = schemes
        answer = await through.get("/", headers=headers)
        assert ("strict-transport-security" in answer.headers) == secure


async def test_an_ipv6_caller_has_one_share_for_the_whole_of_their_network(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock, PROXIED) as network:
        found = []
        for address in ("2a00:1:2:3::1", "2a00:1:2:3:ffff::9", "2a00:1:2:4::1"):
            async with caller(network, address) as one:
                found.append(await left(one, {}))
        assert found == ["r=1", "r=0", "r=1"]


async def test_signing_in_has_a_narrower_share_whatever_the_path_looks_like(
    pool: Pool, clock: Clock
) -> None:
    narrow = {
        "INTERPRETERS_RATE_SIGN_IN_PER_MINUTE": "1",
        "INTERPRETERS_RATE_SIGN_IN_BURST": "3",
    }
    async with serving(pool, clock, narrow) as network:
        for path in ("/v1/sign-in", "/v1/sign-in/verify", "/v1/sign-in/"):
            answer = await network.client.post(path, json={})
            assert answer.status_code != 429
            assert answer.headers["ratelimit-policy"] == '"sign-in";q=1;w=60'
        coordinator = await network.caller("coordinator")
        for path in ("/v1/sign-in", "/v1/sign-in/x?y=1", "/sign-in", "/v1/%73ign-in"):
            assert (await network.client.post(path, json={})).status_code == 429, path
            assert (await coordinator.post(path, {})).status_code == 429, path
        for path in ("//v1/sign-in", "/v1//sign-in", "/v1/./sign-in", "/./v1/sign-in"):
            raw = httpx.URL("http://test").copy_with(raw_path=path.encode())
            answer = await network.client.post(raw, json={})
            assert answer.status_code in (404, 429), path
        assert (await network.client.get("/v1/me")).status_code == 401
        assert (await coordinator.get("/v1/me")).status_code == 200
