"""What an outsider would try: every refusal is a documented problem, nothing is our mistake."""

import gzip
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from api import serving
from conftest import Clock
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
DOCUMENTED = dict(
    re.findall(
        r"^\| `([a-z-]+)` \| ([0-9]{3}) \|",
        (Path(__file__).parents[2] / "docs/problems.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
)
FIELDS = set(
    re.findall(
        r"^\| `([a-z-]+)` \| \|",
        (Path(__file__).parents[2] / "docs/problems.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
)
INSTITUTION = b'{"name": "School", "kind": "education"}'


def check_refused(response: httpx.Response, status: int | None = None) -> str:
    """Check that it is a documented refusal; return its code."""
    told = (response.request.method, str(response.request.url)[:120], response.text[:300])
    assert 400 <= response.status_code < 500, told
    assert response.headers["content-type"] == "application/problem+json", told
    code: str = response.json()["code"]
    assert DOCUMENTED.get(code, "422" if code in FIELDS else None) == str(response.status_code)
    assert status in (None, response.status_code), told
    return code


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "deflate", "br", "zstd", "gzip, identity"])
async def test_a_compressed_body_is_not_unpacked(pool: Pool, clock: Clock, encoding: str) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        for content in (bomb, INSTITUTION, b""):
            response = await coordinator.call(
                "POST", "/v1/institutions", content=content, headers={"Content-Encoding": encoding}
            )
            assert check_refused(response, 415) == "unsupported-encoding"
        assert await network.count("institutions") == 0
        plain = await coordinator.call(
            "POST", "/v1/institutions", content=INSTITUTION,
            headers={"Content-Encoding": "identity"},
        )  # fmt: skip
        assert plain.status_code == 201


@pytest.mark.parametrize(
    "media",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain",
     "text/plain; application/json", "text/html", "application/jsonp", "application/xml",
     "x/application/json", "application/octet-stream", "*/*", ";"],
)  # fmt: skip
async def test_what_a_form_of_another_site_can_send_is_refused(
    pool: Pool, clock: Clock, media: str
) -> None:
    async with serving(pool, clock) as network:
        institution, _ = await network.institution()
        coordinator = await network.caller("coordinator")
        for method, path, content in (
            ("POST", "/v1/institutions", INSTITUTION),
            ("POST", "/v1/institutions", b""),
            ("PATCH", f"/v1/institutions/{institution}", b'{"name": "Taken"}'),
        ):
            response = await coordinator.call(
                method, path, content=content, headers={"Content-Type": media}
            )
            assert check_refused(response, 415) == "unsupported-media-type"
        assert await network.count("institutions") == 1
        named = await coordinator.get(f"/v1/institutions/{institution}")
        assert named.json()["name"] == "School 12"


@pytest.mark.parametrize(
    "media",
    [None, "application/json", "Application/JSON; charset=UTF-8", "application/json;charset=utf-8",
     "application/merge-patch+json"],
)  # fmt: skip
async def test_json_is_accepted_by_each_of_its_names_and_without(
    pool: Pool, clock: Clock, media: str | None
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        headers = {} if media is None else {"Content-Type": media}
        response = await coordinator.call(
            "POST", "/v1/institutions", content=INSTITUTION, headers=headers
        )
        assert response.status_code == 201


async def test_the_body_is_looked_at_after_the_token(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        for headers in ({"Content-Encoding": "gzip"}, {"Content-Type": "text/plain"}):
            response = await network.client.post("/v1/institutions", content=b"{}", headers=headers)
            assert check_refused(response, 401) == "unauthorized"


async def test_of_two_fields_of_one_name_the_last_counts(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        twice = b'{"name": "First", "kind": "education", "name": "Last", "n\\u0061me": "Escaped"}'
        response = await coordinator.call("POST", "/v1/institutions", content=twice)
        assert (response.status_code, response.json()["name"]) == (201, "Escaped")
        hidden = b'{"name": "A", "kind": "castle", "kind": "education"}'
        response = await coordinator.call("POST", "/v1/institutions", content=hidden)
        assert (response.status_code, response.json()["kind"]) == (201, "education")


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"name":[', b'{"rooms":[{"a":'])
@pytest.mark.parametrize("depth", [1_000, 10_000, 40_000])
async def test_no_depth_of_nesting_is_our_mistake(
    pool: Pool, clock: Clock, opening: bytes, depth: int
) -> None:
    closing = {b"[": b"]", b"{": b"}"}
    end = b"".join(closing[bytes([one])] for one in reversed(opening) if bytes([one]) in closing)
    depth = min(depth, 250_000 // (len(opening) + len(end)))
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        for content in (opening * depth, opening * depth + b"1" + end * depth):
            for key in ({}, {"Idempotency-Key": "k"}):
                response = await coordinator.call(
                    "POST", "/v1/institutions", content=content, headers=key
                )
                assert check_refused(response) in ("malformed", "validation")


TRICKS = [
    "//v1/me", "/v1//me", "/v1/me//", "/v1/me/..",
    "/v1/%2e%2e/v1/me", "/v1/%2E/me", "/v1%2f%2fme", "/v1/me;admin=1", "/v1;x/me", "/v1/me%00",
    "/v1/me%0d%0aX:1", "/v1\\me", "/v1/%5cme", "/V1/me", "/v1/me.json", "/v1/me%20", "/%2fv1/me",
    "/docs/..%2f..%2fsettings.py", "/docs/%2e%2e/%2e%2e/etc/passwd", "/static/../../etc/passwd",
    "/v1/institutions/%2e%2e", "/v1/institutions/..%2fnetwork", "/v1/institutions/%00",
    "/v1/me%ff%fe", "/v1/institutions/%ed%a0%80", "/http://127.0.0.1/v1/me", "/v1/me%e2%80%8b",
]  # fmt: skip


@pytest.mark.parametrize("path", TRICKS)
async def test_no_trick_of_a_path_leads_anywhere(pool: Pool, clock: Clock, path: str) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        raw = httpx.URL("http://test").copy_with(raw_path=path.encode())
        for method in ("GET", "POST", "DELETE"):
            headers = {"Authorization": f"Bearer {coordinator.token}"}
            response = await network.client.request(method, raw, headers=headers)
            assert check_refused(response) in ("not-found", "method-not-allowed")


@pytest.mark.parametrize(
    "method", ["OPTIONS", "TRACE", "CONNECT", "TRACK", "PROPFIND", "DEBUG", "GE", "get", "X" * 999]
)
async def test_methods_nobody_needs_are_not_answered(pool: Pool, clock: Clock, method: str) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        for path in ("/v1/me", "/nowhere", "/", "/docs", "/health/live"):
            if method == "get":  # httpx writes it large
                assert (await coordinator.call(method, path)).status_code in (200, 404)
                continue
            response = await coordinator.call(
                method, path, headers={"X-HTTP-Method-Override": "GET"}, content=b"secret"
            )
            assert check_refused(response, 405) == "method-not-allowed"
            assert "GET" in response.headers["allow"]
            assert "secret" not in response.text


async def test_a_header_changes_neither_method_nor_path(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, _ = await network.institution()
        coordinator = await network.caller("coordinator")
        for headers in (
            {"X-HTTP-Method-Override": "DELETE"}, {"X-Method-Override": "DELETE"},
            {"X-Original-URL": "/v1/me"}, {"X-Rewrite-URL": "/v1/me"},
            {"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"},
            {"X-Forwarded-Prefix": "/evil"},
        ):  # fmt: skip
            response = await coordinator.get("/v1/institutions?limit=1", headers=headers)
            assert response.status_code == 200
            assert response.json()["items"][0]["id"] == institution
            assert "evil" not in response.text + str(response.headers)


async def test_an_endless_query_or_path_is_too_long(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        for path in (
            "/v1/requests?state=" + "x" * 9000,
            "/v1/requests?" + "&".join(f"a{n}=1" for n in range(2000)),
            "/v1/requests?" + "&" * 9000,
            "/v1/institutions/" + "x" * 3000,
        ):
            response = await coordinator.get(path)
            assert check_refused(response, 414) == "address-too-long"
        many = "&".join(f"a{n}=1" for n in range(500))
        response = await coordinator.get(f"/v1/requests?{many}")
        assert check_refused(response, 422) == "validation"


HOSTILE = [
    "\x00", "a\x00b", "9" * 30, "-" + "9" * 30, "9223372036854775808", "1e400", "NaN", "-1", "0",
    "'; DROP TABLE keys; --", "%", "_", "\\", "../..", "\ufeff", "\U0001d7d9", "\u0663", "\u202e",
    "2026-02-30", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00", "x" * 4000, "",
    "2026-11-24T10:00:00", "true", "[]", "{}", "null", "ins_" + "Z" * 26,
]  # fmt: skip


async def test_every_parameter_of_every_list_bears_every_wrong_value(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        document = (await network.client.get("/openapi.json")).json()
        tried = 0
        for path, doors in document["paths"].items():
            if "{" in path or "get" not in doors:
                continue
            names = [one["name"] for one in doors["get"].get("parameters", ())
                     if one["in"] == "query"]  # fmt: skip
            for name in names:
                for value in HOSTILE:
                    response = await coordinator.get(f"{path}?{name}={quote(value)}")
                    tried += 1
                    if response.status_code != 200:
                        check_refused(response)
        assert tried > 500


async def test_a_page_has_at_most_200(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        for number in range(201):
            sent = {"name": f"School {number}", "kind": "education"}
            assert (await coordinator.post("/v1/institutions", sent)).status_code == 201
        for limit in (200, 201, 10**6, 2**63, 10**40):
            page = await coordinator.get(f"/v1/institutions?limit={limit}")
            assert len(page.json()["items"]) == 200
        for wrong in ("0", "-1", "1.5", "all", "", "0x10"):
            check_refused(await coordinator.get(f"/v1/institutions?limit={wrong}"), 422)


async def test_a_report_covers_at_most_ten_years(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        fine = await coordinator.get("/v1/usage?from=2016-05-18&to=2026-05-18")
        assert fine.status_code == 200
        for span in ("from=2016-05-18&to=2026-05-19", "from=0001-01-01&to=9999-12-31",
                     "from=2026-05-18&to=2016-05-18", "from=2016-05-18"):  # fmt: skip
            check_refused(await coordinator.get(f"/v1/usage?{span}"), 422)


NUMBERS = [2**31, 2**63, 2**64, -(2**63) - 1, 10**100, 1e308, -0.0, 1e-400]


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_number_beyond_all_bounds_is_out_of_range(
    pool: Pool, clock: Clock, number: float
) -> None:
    async with serving(pool, clock) as network:
        _, software = await network.institution()
        coordinator = await network.caller("coordinator")
        body: dict[str, Any] = {
            "language": "dari", "modes": ["phone"], "starts_at": "2026-12-01T10:30:00+02:00",
            "duration_minutes": number, "clients": [{"reference": "LV-1"}], "topic": "health",
        }  # fmt: skip
        check_refused(await software.post("/v1/requests", body), 422)
        person = {"display_name": "A", "languages": [{"code": "prs", "level": "native"}],
                  "phone": "+371 25565098", "travel_radius_km": number}  # fmt: skip
        if number != 0:
            check_refused(await coordinator.post("/v1/interpreters", person), 422)


async def test_headers_with_anything_in_them_are_no_mistake_of_ours(
    pool: Pool, clock: Clock
) -> None:
    strange = [b"\xff\xfe", b"x" * 7000, b"\x01", "ключ".encode(), b"Bearer " + b"\xff" * 58,
               b"Basic YTpi", b"Bearer", b"Bearer  ", b"bearer a b c"]  # fmt: skip
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        for value in strange:
            for name in (b"Authorization", b"Cookie", b"Accept-Language", b"Idempotency-Key",
                         b"If-Match", b"X-Forwarded-For", b"Content-Type", b"Accept"):  # fmt: skip
                headers = [(name, value)]
                if name != b"Authorization":
                    headers.append((b"Authorization", f"Bearer {coordinator.token}".encode()))
                for method, path in (("GET", "/v1/me"), ("PATCH", "/v1/network")):
                    response = await network.client.request(
                        method, path, headers=headers, content=json.dumps({"name": "Centre"})
                    )
                    if response.status_code != 200:
                        check_refused(response)
