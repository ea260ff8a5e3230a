"""The cookie of a sign-in: its name, its flags, how long it lasts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from litestar import Request, Response
from litestar.testing import RequestFactory

from interpreters.http.cookies import clear_sign_in_cookie, set_sign_in_cookie

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def request_to(url: str) -> Request[Any, Any, Any]:
    scheme, _, host = url.partition("://")
    factory = RequestFactory(scheme=scheme)
    return factory.post("/join", headers={"Host": host})


def told(url: str) -> set[str]:
    """The parts of the Set-Cookie header, in small letters but for the token."""
    response = Response(b"")
    set_sign_in_cookie(
        response, request_to(url), token="st_ABC", expires_at=NOW + timedelta(days=30), now=NOW
    )
    [cookie] = response.cookies
    text = cookie.to_header(header="")
    return {
        part if part.startswith("interpreters_token") else part.lower() for part in text.split("; ")
    }


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites() -> None:
    assert told("https://interpreters.example.org") == {
        "interpreters_token=st_ABC", "max-age=2592000", "path=/", "samesite=lax", "httponly",
        "secure",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "secure"),
    [
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000", False),
        ("http://localhost", False),
        ("http://LOCALHOST:8000", False),
        ("https://localhost:8443", True),
        ("http://interpreters.example.org", True),
        ("http://127.0.0.1.example.org", True),
        ("http://localhost.example.org:80", True),
        ("http://10.0.0.7:8000", True),
    ],
)
def test_only_plain_http_on_loopback_goes_without_secure(url: str, secure: bool) -> None:
    assert ("secure" in told(url)) is secure


def test_signing_out_empties_it_with_the_same_name_and_path() -> None:
    response = Response(b"")
    clear_sign_in_cookie(response, request_to("https://interpreters.example.org"))
    [cookie] = response.cookies
    assert (cookie.key, cookie.value, cookie.max_age, cookie.path) == (
        "interpreters_token", "", 0, "/",
    )  # fmt: skip
