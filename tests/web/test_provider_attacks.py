"""What somebody tries who wants in with a provider's help, or with a provider of their own."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import anyio
import httpx
import pytest
from aiohttp import web
from itsdangerous import URLSafeSerializer
from joserfc import jws
from joserfc.jwk import RSAKey

from api import Network, serving
from conftest import Clock
from interpreters.application.networks import open_network
from interpreters.database import Pool
from interpreters.domain.id_tokens import UnknownKey
from interpreters.domain.ids import NETWORK, show_id
from interpreters.gateways.providers import ProviderAway, Providers
from openid import (
    KEY,
    OTHER_KEY,
    Browser,
    Provider,
    a_provider,
    a_registered,
    location,
    made_key,
    signed,
    signed_by_password,
    unsigned,
)

pytestmark = pytest.mark.anyio
ALLOWED = {"INTERPRETERS_ALLOW_PRIVATE_URLS": "1"}
DESK = {"groups": ["desk"], "name": "Anna", "email": "anna@example.org", "email_verified": True}


async def out_and_back(
    network: Network, provider: Provider, path: str, **changed: Any
) -> tuple[httpx.Response, Browser]:
    """Go to the provider and come back with `changed` in what it sent along."""
    provider.people["1"] = DESK
    browser = Browser(network.client)
    brought = provider.agree(location(await browser.get(path)), "1", **changed)
    return await browser.back({k: v for k, v in brought.items() if v is not None}), browser


def refused(response: httpx.Response, browser: Browser, status: int = 400) -> bool:
    page = response.headers["content-type"].startswith("text/html")
    return response.status_code == status and page and "interpreters_token" not in browser.cookies


async def nobody(network: Network) -> bool:
    return await network.count("users") == 0 and await network.count("sign_ins") == 0


FORGER = RSAKey.generate_key(2048, {"kid": "first"})
TOKENS: dict[str, Callable[[dict[str, Any]], str]] = {
    "no signature": unsigned,
    "the published key as a password": lambda claims: signed_by_password(
        claims, KEY.as_pem(private=False)
    ),
    "our secret as a password": lambda claims: signed_by_password(claims, b"s e:cret"),
    "a key of the same name": lambda claims: signed(claims, FORGER),
    "a key nobody published": lambda claims: signed(claims, OTHER_KEY),
    "a key brought along": lambda claims: signed(claims, FORGER, jwk=FORGER.as_dict(private=False)),
    "no token": lambda _: "not.a.token",
    "an empty one": lambda _: "",
    "only a head": lambda claims: signed(claims, KEY).split(".")[0],
    "a list": lambda _: jws.serialize_compact({"alg": "RS256", "kid": "first"}, b"[1]", KEY),
}


@pytest.mark.parametrize("kind", TOKENS)
async def test_a_token_the_provider_did_not_sign_lets_nobody_in(
    pool: Pool, clock: Clock, kind: str
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider)
        provider.token = TOKENS[kind]
        assert refused(*await out_and_back(network, provider, path))
        assert await nobody(network)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example.org"},
        {"aud": "another client"},
        {"aud": ["desk", "another client"]},
        {"aud": None},
        {"azp": "another client"},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"exp": 0},
        {"exp": None},
        {"iat": 4102444800},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"sub": ""},
        {"groups": None, "_claim_names": {"groups": "src"}},
    ],
)
async def test_a_token_made_for_something_else_lets_nobody_in(
    pool: Pool, clock: Clock, claims: dict[str, Any]
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider)
        provider.claims = claims
        assert refused(*await out_and_back(network, provider, path))
        assert await nobody(network)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"state": None}, 400),
        ({"state": ""}, 400),
        ({"state": "forged"}, 400),
        ({"state": "ā"}, 400),
        ({"code": None}, 400),
        ({"code": ""}, 400),
        ({"code": "guessed"}, 400),
        ({"code": "x" * 3000}, 400),
        ({"iss": "https://evil.example.org"}, 400),
        ({"error": "access_denied", "code": None}, 403),
        ({"error": "server_error"}, 403),
        ({"error": "<script>alert(1)</script>", "code": None}, 403),
        ({"error": "access_denied", "state": "forged"}, 400),
    ],
)
async def test_an_answer_that_does_not_fit_lets_nobody_in(
    pool: Pool, clock: Clock, changed: dict[str, Any], status: int
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider)
        response, browser = await out_and_back(network, provider, path, **changed)
        assert refused(response, browser, status)
        assert "<script>" not in response.text
        assert await nobody(network)


async def test_an_answer_that_names_its_issuer_rightly_is_taken_and_none_where_it_must(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider)
        provider.metadata = {"authorization_response_iss_parameter_supported": True}
        assert refused(*await out_and_back(network, provider, path))
        response, _ = await out_and_back(network, provider, path, iss=provider.issuer)
        assert response.status_code == 303


async def test_a_parameter_that_stands_there_twice_is_none(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider)
        provider.people["1"] = DESK
        browser = Browser(network.client)
        brought = provider.agree(location(await browser.get(path)), "1")
        twice = f"code={brought['code']}&state={brought['state']}&state={brought['state']}"
        assert refused(await browser.get(f"/sign-in/with/callback?{twice}"), browser)


async def test_an_answer_needs_the_browser_that_asked(pool: Pool, clock: Clock) -> None:
    """Else somebody could be signed in as somebody else without noticing it."""
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider)
        provider.people["1"] = DESK
        mine, theirs = Browser(network.client), Browser(network.client)
        brought = provider.agree(location(await mine.get(path)), "1")
        assert refused(await theirs.back(brought), theirs)
        location(await theirs.get(path))
        assert refused(await theirs.back(brought), theirs)
        assert (await mine.back(brought)).status_code == 303


async def test_an_answer_counts_once_even_with_the_cookie(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider)
        provider.people["1"] = DESK
        browser, copy = Browser(network.client), Browser(network.client)
        brought = provider.agree(location(await browser.get(path)), "1")
        copy.cookies = dict(browser.cookies)
        assert (await browser.back(brought)).status_code == 303
        assert refused(await browser.back(brought), copy)
        assert refused(await copy.back(brought), copy)
        assert await network.count("sign_ins") == 1


async def test_a_cookie_that_we_did_not_sign_is_none(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider)
        provider.people["1"] = DESK
        browser = Browser(network.client)
        brought = provider.agree(location(await browser.get(path)), "1")
        good = browser.cookies["interpreters_provider"]
        said = URLSafeSerializer("guessed", salt="provider-sign-in").dumps({"state": "x"})
        for forged in (str(said), good[:-1], f"x{good}", good.split(".")[0], "", "%C3"):
            browser.cookies = {"interpreters_provider": forged}
            assert refused(await browser.back(brought), browser), forged


async def test_one_providers_answer_does_not_count_for_another(pool: Pool, clock: Clock) -> None:
    """A mix-up: the browser asked one, and another's code or token comes back."""
    async with (
        serving(pool, clock, ALLOWED) as network,
        a_provider(clock) as good,
        a_provider(clock) as evil,
    ):
        first = await a_registered(network, good)
        second = await a_registered(network, evil, name="Evil", group_roles={})
        good.people["1"] = DESK
        browser = Browser(network.client)
        # the victim's code at the good one, brought back to a sign-in with the evil one
        asked = location(await browser.get(first))
        stolen = good.agree(asked, "1")["code"]
        url = location(await browser.get(second))
        assert refused(await browser.back({**evil.agree(url, "1"), "code": stolen}), browser)
        # and the evil one gives a token that the good one made for us
        evil.token = lambda _: signed(
            {"iss": good.issuer, "sub": "1", "aud": "desk", "exp": 4102444800, "iat": 0}, KEY
        )
        assert refused(*await out_and_back(network, evil, second))
        assert await nobody(network)


async def test_another_networks_provider_is_not_reached_through_ours(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider)
        opened = await open_network(
            pool, name="Other", slug="other", time_zone="Europe/Riga", currency="EUR",
            country="LV", working_language="lav", now=clock(),
        )  # fmt: skip
        bare = path.split("?", maxsplit=1)[0]
        for wrong in (
            f"{bare}?network={show_id(NETWORK, opened.network_id)}",
            f"{bare}?network=net_{'0' * 26}",
            f"{bare}?network=x",
            bare,  # there are two networks now
            f"/sign-in/with/idp_{'0' * 26}?network={show_id(NETWORK, network.id)}",
            f"/sign-in/with/x?network={show_id(NETWORK, network.id)}",
        ):
            answer = await network.client.get(wrong)
            assert answer.status_code == 404, wrong
            assert answer.headers["content-type"].startswith("text/html")
        assert provider.calls == []


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example.org", "//evil.example.org", "/\\evil.example.org", "\\\\evil",
        "/\t/evil.example.org", "/\n/evil", "javascript:alert(1)", "evil", "", " /desk",
        "/desk\r\nX", "/\x00", "/ā", "/" + "x" * 1100, "http:/desk",
    ],
)  # fmt: skip
async def test_nobody_is_sent_on_to_another_site(pool: Pool, clock: Clock, path: str) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        button = await a_registered(network, provider)
        provider.people["1"] = DESK
        browser = Browser(network.client)
        led = []
        for query in ({}, {"next": path}):
            url = location(await browser.get(button.split("?")[0], **query))
            led.append(location(await browser.back(provider.agree(url, "1"))))
        assert led[1] == led[0]  # as if nothing had been asked for
        assert re.fullmatch(r"/\w*", led[0])


@pytest.mark.parametrize("door", ["openid-configuration", "token", "jwks", "userinfo"])
@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=500),
        lambda: web.Response(status=404),
        lambda: web.Response(text="<html>"),
        lambda: web.json_response([]),
        lambda: web.json_response({"id_token": 5, "keys": {}, "issuer": None, "sub": "2"}),
        lambda: web.Response(body=b"[" * 100_000),
        lambda: web.Response(body=b'{"x": "' + b"x" * 300_000 + b'"}'),
        lambda: web.HTTPFound("http://169.254.169.254/latest/meta-data"),
        ConnectionResetError,
    ],
    ids=["500", "404", "html", "list", "types", "deep", "large", "redirect", "broken"],
)
async def test_a_provider_that_answers_badly_ends_on_a_page_with_another_way(
    pool: Pool, clock: Clock, door: str, answer: Callable[[], Any]
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider)
        provider.people["1"] = {}  # so that the userinfo door is asked
        browser = Browser(network.client)
        if door == "openid-configuration":
            provider.broken[door] = answer()
            response = await browser.get(path)
        else:
            brought = provider.agree(location(await browser.get(path)), "1")
            provider.broken[door] = answer()
            response = await browser.back(brought)
        assert response.status_code in {400, 409}
        assert 'href="/sign-in"' in response.text
        assert "interpreters_token" not in browser.cookies
        assert await nobody(network)


async def test_a_provider_that_is_not_there_ends_on_a_page_with_another_way(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock, ALLOWED) as network:
        gone = Provider(clock)
        async with a_provider(clock) as provider:
            gone.issuer = provider.issuer
        response = await network.client.get(await a_registered(network, gone))
        assert response.status_code == 409
        assert re.search(r"sign in with a code", response.text, re.IGNORECASE)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example.org"},
        {"issuer": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "http://169.254.169.254/"},
        {"authorization_endpoint": None},
        {"token_endpoint": 5},
    ],
)
async def test_what_a_provider_publishes_is_not_believed_blindly(
    pool: Pool, clock: Clock, metadata: dict[str, Any]
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        provider.metadata = metadata
        path = await a_registered(network, provider)
        assert (await network.client.get(path)).status_code == 409


@pytest.mark.parametrize("door", ["token_endpoint", "jwks_uri", "userinfo_endpoint"])
@pytest.mark.parametrize(
    "address",
    ["http://169.254.169.254/latest", "http://[fe80::1]/", "file:///etc/passwd", "http://[::]/"],
)
async def test_a_provider_does_not_lead_us_to_where_we_must_not_go(
    pool: Pool, clock: Clock, door: str, address: str
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        provider.metadata = {door: address}
        path = await a_registered(network, provider)
        provider.people["1"] = {}
        browser = Browser(network.client)
        brought = provider.agree(location(await browser.get(path)), "1")
        assert refused(await browser.back(brought), browser, 409)


async def test_where_private_addresses_are_not_allowed_a_private_provider_is_not_called(
    clock: Clock,
) -> None:
    async with a_provider(clock) as provider:
        strict = Providers(allow_private=False)
        with pytest.raises(ProviderAway):
            async with strict.conversation(provider.issuer) as talk:
                await talk.metadata()
        assert provider.calls == []


async def test_another_persons_userinfo_is_not_taken(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider)
        provider.userinfo = {"sub": "2", **DESK}
        browser = Browser(network.client)
        brought = provider.agree(location(await browser.get(path)), "1")
        assert refused(await browser.back(brought), browser)
        assert await nobody(network)


class Ticks:
    """Seconds that stand until they are moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def id_token(provider: Provider, key: Any, now: datetime) -> str:
    return signed({"iss": provider.issuer, "iat": now.timestamp()}, key)


async def test_a_provider_may_change_its_keys_and_is_asked_for_them_sparingly(
    clock: Clock,
) -> None:
    ticks = Ticks()
    new = made_key("third")
    async with a_provider(clock) as provider:
        known = Providers(allow_private=True, ticking=ticks)

        async def read(key: Any) -> bool:
            async with known.conversation(provider.issuer) as talk:
                return bool(await talk.signed(id_token(provider, key, clock())))

        def times() -> int:
            return sum(path.endswith("/jwks") for path in provider.paths())

        assert await read(KEY)
        assert times() == 1
        provider.keys = [new]
        ticks.now += 9
        with pytest.raises(UnknownKey):  # asked a moment ago
            await read(new)
        assert times() == 1
        ticks.now += 1
        assert await read(new)
        assert times() == 2
        for _ in range(5):  # a name that is never there: no more than one question in ten seconds
            with pytest.raises(UnknownKey):
                await read(OTHER_KEY)
        assert times() == 2
        ticks.now += 599
        assert await read(new)
        ticks.now += 1  # ten minutes old: asked again, so that a key taken back is forgotten
        provider.keys = [KEY]
        with pytest.raises(UnknownKey):
            await read(new)


async def test_a_slow_provider_is_cut_off_and_left_alone_for_a_moment(clock: Clock) -> None:
    ticks = Ticks()
    async with a_provider(clock) as provider:
        slow = Providers(allow_private=True, ticking=ticks, wait=0.3)
        ending = anyio.Event()

        async def wait(request: web.Request) -> web.StreamResponse:
            provider.calls.append((request.path, {}, ""))
            await ending.wait()
            return web.Response()

        provider.instead = wait

        async def ask() -> None:
            async with slow.conversation(provider.issuer) as talk:
                await talk.metadata()

        began = anyio.current_time()
        with pytest.raises(ProviderAway, match="too-slow"):
            await ask()
        assert 0.2 < anyio.current_time() - began < 2
        before = len(provider.calls)
        with pytest.raises(ProviderAway, match="too-slow"):
            await ask()
        assert len(provider.calls) == before
        ending.set()


async def test_a_false_code_keeps_nobody_else_out(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider)
        provider.broken["token"] = web.json_response({"error": "unsupported"}, status=401)
        response, browser = await out_and_back(network, provider, path)
        assert refused(response, browser, 409)
        del provider.broken["token"]
        response, _ = await out_and_back(network, provider, path)
        assert response.status_code == 303
