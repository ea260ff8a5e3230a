"""An OpenID provider for tests that lies when it is told to, and the browser between it and us."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey

from api import Network
from interpreters.domain.ids import NETWORK, show_id

Claims = dict[str, Any]
ISSUER_PATH: Final = "/realm"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(claims: Claims) -> str:
    """A token with `alg: none`."""
    head, body = ({"alg": "none", "typ": "JWT"}, claims)
    return f"{b64(msgspec.json.encode(head))}.{b64(msgspec.json.encode(body))}."


def signed(claims: Claims, key: Any, *, algorithm: str = "RS256", **header: Any) -> str:
    head = {"alg": algorithm, "kid": key.kid, **header}
    return jwt.encode({k: v for k, v in head.items() if v is not None}, claims, key,
                      algorithms=[algorithm])  # fmt: skip


def made_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"}, private=True)


KEY: Final = made_key("first")
OTHER_KEY: Final = made_key("second")


class Provider:
    """What it answers, all of it to be changed by a test.

    A code is a person's subject; `people` are their claims.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.issuer = ""
        self.people: dict[str, Claims] = {}
        self.keys: list[Any] = [KEY]
        self.signing: Any = KEY
        self.metadata: Claims = {}  # instead of what it usually publishes
        self.claims: Claims = {}  # instead of what it usually says in an ID token
        self.userinfo: Claims | None = None
        self.instead: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None
        self.token: Callable[[Claims], str] | None = None  # instead of signing
        self.broken: dict[str, web.StreamResponse | Exception] = {}  # by the last part of a path
        self.calls: list[tuple[str, dict[str, str], str]] = []  # path, form, authorization
        self.asked: dict[str, Claims] = {}  # by code: what the browser came with
        self.used: set[str] = set()

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.calls]

    def agree(self, url: str, person: str, **changed: Any) -> dict[str, str]:
        """Let a person agree on its page; return what the browser brings back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = f"code{urlsplit(self.issuer).port}x{len(self.asked)}-{person}"
        self.asked[code] = asked
        return {"code": code, "state": asked["state"], **changed}

    def id_token(self, code: str) -> str:
        asked = self.asked[code]
        subject = code.partition("-")[2]
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.issuer, "sub": subject, "aud": asked["client_id"], "exp": now + 300,
            "iat": now, "nonce": asked.get("nonce"), **self.people.get(subject, {}), **self.claims,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        return self.token(claims) if self.token else signed(claims, self.signing)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if self.instead is not None:
            return await self.instead(request)
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.calls.append((request.path, form, request.headers.get("Authorization", "")))
        last = request.path.rsplit("/", 1)[-1]
        broken = self.broken.get(last)
        if isinstance(broken, Exception):
            raise broken
        if broken is not None:
            return broken
        answer: Claims
        if last == "openid-configuration":
            answer = self._published()
        elif last == "jwks":
            answer = {"keys": [one.as_dict(private=False) for one in self.keys]}
        elif last == "token":
            return self._tokens(form)
        else:
            answer = self.userinfo or {}
        return web.json_response(answer)

    def _published(self) -> Claims:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            **self.metadata,
        }

    def _tokens(self, form: dict[str, str]) -> web.StreamResponse:
        code = form.get("code", "")
        asked = self.asked.get(code, {})
        proof = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        fits = asked.get("redirect_uri") == form.get("redirect_uri")
        if code in self.used or not fits or asked.get("code_challenge") != proof:
            return web.json_response({"error": "invalid_grant"}, status=400)
        self.used.add(code)
        tokens = {"access_token": f"at-{code}", "id_token": self.id_token(code)}
        return web.json_response({**tokens, "token_type": "Bearer"})


@asynccontextmanager
async def a_provider(clock: Callable[[], datetime]) -> AsyncIterator[Provider]:
    """Serve a provider on loopback, over plain http."""
    provider = Provider(clock)
    runner = web.ServerRunner(web.Server(provider.answer), shutdown_timeout=0.1)  # type: ignore[arg-type]  # a Request is what comes
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    provider.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}{ISSUER_PATH}"
    try:
        yield provider
    finally:
        await runner.cleanup()


def signed_by_password(claims: Claims, password: bytes, algorithm: str = "HS256") -> str:
    """A token under a password, such as a published key read as one (RFC 8725 §2.1)."""
    head = msgspec.json.encode({"alg": algorithm, "kid": "first"})
    text = f"{b64(head)}.{b64(msgspec.json.encode(claims))}"
    digest = hmac.digest(password, text.encode(), f"sha{algorithm[2:]}")
    return f"{text}.{b64(digest)}"


def location(response: httpx.Response) -> str:
    assert response.status_code == 303, response.text
    return response.headers["location"]


class Browser:
    """A browser's cookies and its way between the sites; it follows nothing by itself."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.cookies: dict[str, str] = {}

    async def get(self, path: str, **query: str) -> httpx.Response:
        said = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": said} if said else {}
        response = await self.client.get(path, params=query or None, headers=headers)
        for line in response.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.cookies[name]
        return response

    async def back(self, brought: dict[str, str]) -> httpx.Response:
        """Come back from the provider."""
        return await self.get("/sign-in/with/callback", **brought)


async def a_registered(network: Network, provider: Provider, **fields: Any) -> str:
    """Register a provider for the network; return the path its button leads to."""
    coordinator = await network.caller("coordinator")
    made = await coordinator.post(
        "/v1/identity-providers",
        {
            "name": "City login", "issuer": provider.issuer, "client_id": "desk",
            "client_secret": "s e:cret", "group_roles": {"desk": ["coordinator"]}, **fields,
        },
    )  # fmt: skip
    assert made.status_code == 201, made.text
    return f"/sign-in/with/{made.json()['id']}?network={show_id(NETWORK, network.id)}"
