"""Signing in with a provider: somebody else's own implementation, and who is who."""

import base64
import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import anyio
import httpx
import oidc_provider_mock
import pytest

from api import Api, Network, serving
from conftest import Clock
from interpreters.application.calls import run
from interpreters.database import Pool
from interpreters.domain.callers import Role
from interpreters.domain.ids import INSTITUTION, new_id, read_id
from interpreters.sql import users
from interpreters.sql.users import User
from openid import Browser, Provider, a_provider, a_registered, location

pytestmark = pytest.mark.anyio
ALLOWED = {"INTERPRETERS_ALLOW_PRIVATE_URLS": "1"}
ANNA = {"name": "Anna Ozola", "email": "anna@example.org", "email_verified": True}
CALLBACK = "http://test/sign-in/with/callback"


@pytest.fixture(scope="module")
def foreign() -> Iterator[str]:
    """The issuer of an OpenID provider that is not ours, with a user in a group."""
    people = [oidc_provider_mock.User(sub="anna", claims={**ANNA, "groups": ["desk"]})]
    with oidc_provider_mock.run_server_in_thread(user_claims=people, require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


async def person(network: Network, **fields: Any) -> User:
    user = User(id=new_id(network.now), created_at=network.now, **fields)
    await run(
        network.pool, network.id, lambda db: users.insert(db, network_id=network.id, user=user)
    )
    return user


async def everybody(network: Network) -> list[User]:
    return await run(
        network.pool, network.id,
        lambda db: users.page(
            db, network_id=network.id, role=None, active=None, institution_id=None, before=None,
            limit=50,
        ),
    )  # fmt: skip


async def signed_in(
    network: Network, provider: Provider, path: str, subject: str, next_path: str = "/docs"
) -> Api | None:
    """Go all the way; return the person as a caller, None when they end on a page."""
    browser = Browser(network.client)
    url = location(await browser.get(f"{path}&next={next_path}"))
    back = await browser.back(provider.agree(url, subject))
    assert "interpreters_provider" not in browser.cookies
    if back.status_code == 303:
        assert back.headers["location"] == next_path
        return Api(network.client, browser.cookies["interpreters_token"])
    assert back.status_code == 403
    assert "interpreters_token" not in browser.cookies
    return None


async def roles_of(caller: Api) -> list[str]:
    me = await caller.get("/v1/me")
    assert me.status_code == 200, me.text
    return list(me.json()["roles"])


# the other implementation's own business with its library
@pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")
async def test_somebody_signs_in_with_a_provider_that_is_not_ours(pool: Pool, foreign: str) -> None:
    def clock() -> datetime:
        return datetime.now(UTC)

    async with serving(pool, clock, ALLOWED) as network:
        provider = Provider(clock)
        provider.issuer = foreign
        path = await a_registered(network, provider)
        browser = Browser(network.client)
        url = location(await browser.get(f"{path}&next=/docs"))
        async with httpx.AsyncClient() as outside:
            agreed = await outside.post(url, data={"sub": "anna"})
        assert agreed.status_code == 302, agreed.text
        came = urlsplit(agreed.headers["location"])
        assert agreed.headers["location"].startswith(CALLBACK)
        brought = {name: values[0] for name, values in parse_qs(came.query).items()}
        back = await browser.back(brought)
        assert location(back) == "/docs"
        caller = Api(network.client, browser.cookies["interpreters_token"])
        assert await roles_of(caller) == ["coordinator"]
        [user] = await everybody(network)
        assert (user.display_name, user.email) == ("Anna Ozola", "anna@example.org")
        # the code counts once, also for whoever has the cookie too
        browser.cookies["interpreters_provider"] = ""
        assert (await browser.back(brought)).status_code == 400


async def test_what_the_provider_is_asked_with(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider, scopes=["openid", "email", "groups"])
        browser = Browser(network.client)
        begun = await browser.get(path)
        url = urlsplit(location(begun))
        asked = parse_qs(url.query)
        assert f"{url.scheme}://{url.netloc}{url.path}" == f"{provider.issuer}/authorize"
        assert {k: asked[k] for k in ("response_type", "client_id", "redirect_uri", "scope")} == {
            "response_type": ["code"], "client_id": ["desk"], "redirect_uri": [CALLBACK],
            "scope": ["openid email groups"],
        }  # fmt: skip
        assert asked["code_challenge_method"] == ["S256"]
        assert re.fullmatch(r"[\w-]{43}", asked["code_challenge"][0])  # RFC 7636 §4.2
        assert len(asked["state"][0]) >= 22
        assert len(asked["nonce"][0]) >= 22
        line = begun.headers["set-cookie"]
        for part in ("HttpOnly", "SameSite=lax", "Secure", "Max-Age=600", "Path=/sign-in/with"):
            assert part.lower() in line.lower()
        assert begun.headers["cache-control"] == "no-store"
        provider.people["1"] = {"groups": ["desk"]}
        location(await browser.back(provider.agree(location(begun), "1")))
        [(_, form, authorization)] = [one for one in provider.calls if one[0].endswith("/token")]
        # each part form-encoded first, so that a colon inside is none between (RFC 6749 §2.3.1)
        assert base64.b64decode(authorization.removeprefix("Basic ")) == b"desk:s+e%3Acret"
        assert form["grant_type"] == "authorization_code"
        assert 43 <= len(form["code_verifier"]) <= 128
        assert "client_secret" not in form


async def test_without_a_secret_we_are_a_public_client(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        provider.people["1"] = {"groups": ["desk"]}
        path = await a_registered(network, provider, client_secret=None)
        assert await signed_in(network, provider, path, "1")
        [(_, form, authorization)] = [one for one in provider.calls if one[0].endswith("/token")]
        assert (form["client_id"], authorization) == ("desk", "")


async def test_it_lasts_a_day(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        provider.people["1"] = {"groups": ["desk"]}
        path = await a_registered(network, provider)
        caller = await signed_in(network, provider, path, "1")
        assert caller is not None
        clock.now += timedelta(days=1, seconds=-1)
        assert (await caller.get("/v1/me")).status_code == 200
        clock.now += timedelta(seconds=1)
        assert (await caller.get("/v1/me")).status_code == 401


async def test_what_is_published_is_asked_for_once_in_a_while(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        provider.people["1"] = {"groups": ["desk"], **ANNA}
        path = await a_registered(network, provider)
        for _ in range(3):
            assert await signed_in(network, provider, path, "1")
        last = [one.rsplit("/", 1)[-1] for one in provider.paths()]
        assert (last.count("openid-configuration"), last.count("jwks")) == (1, 1)
        assert last.count("token") == 3
        assert last.count("userinfo") == 0  # the ID token says all that is wanted
        assert len(await everybody(network)) == 1


async def test_groups_and_address_may_come_from_the_userinfo_door(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        provider.userinfo = {"sub": "1", "groups": ["desk"], **ANNA}
        path = await a_registered(network, provider)
        assert await signed_in(network, provider, path, "1")
        [user] = await everybody(network)
        assert (user.email, user.display_name) == ("anna@example.org", "Anna Ozola")
        assert provider.calls[-1][2].startswith("Bearer at-")


async def test_one_sources_address_is_not_believed_for_anothers_word(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        provider.people["1"] = {"groups": ["desk"], "email": "boss@example.org"}
        provider.userinfo = {"sub": "1", **ANNA}
        path = await a_registered(network, provider)
        assert await signed_in(network, provider, path, "1")
        [user] = await everybody(network)
        assert user.email == "anna@example.org"


async def test_an_institutions_people_become_its_consultants(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        institution_id, _ = await network.institution()
        await network.institution("Another")
        path = await a_registered(
            network, provider, institution_id=institution_id, group_roles={},
            default_roles=["consultant"],
        )  # fmt: skip
        caller = await signed_in(network, provider, path, "1")
        assert caller is not None
        assert await roles_of(caller) == ["consultant"]
        seen = (await caller.get("/v1/institutions")).json()["items"]
        assert [one["id"] for one in seen] == [institution_id]
        [device] = (await caller.get("/v1/sign-ins")).json()["items"]
        assert device["how"] == "provider"


async def test_somebody_in_no_group_is_told_so_and_nothing_is_made(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        provider.people["1"] = {"groups": ["elsewhere"], **ANNA}
        path = await a_registered(network, provider)
        assert await signed_in(network, provider, path, "1") is None
        assert await everybody(network) == []


async def test_an_invited_person_is_linked_by_the_address_the_provider_verified(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        anna = await person(
            network, email="anna@example.org", roles=["finance"], invited_at=network.now
        )
        provider.people["1"] = {"groups": ["desk"], **ANNA, "email": "Anna@Example.org"}
        path = await a_registered(network, provider)
        caller = await signed_in(network, provider, path, "1")
        assert caller is not None
        assert await roles_of(caller) == ["coordinator", "finance"]
        [user] = await everybody(network)
        assert (user.id, user.provider_subject) == (anna.id, "1")
        # from now on the subject tells who it is, whatever becomes of the address
        provider.people["1"] = {"groups": ["desk"], "email": "new@example.org"}
        assert await signed_in(network, provider, path, "1")
        assert [one.id for one in await everybody(network)] == [anna.id]


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        ({"email_verified": False}, {}),
        ({"email_verified": None}, {}),
        ({}, {"invited_at": None}),
        ({}, {"provider_subject": "2"}),
    ],
)
async def test_nobody_else_is_linked(
    pool: Pool, clock: Clock, told: dict[str, Any], fields: dict[str, Any]
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider)
        if "provider_subject" in fields:
            fields["identity_provider_id"] = read_id("idp", path.split("/")[3].split("?")[0])
        usual = {"email": "anna@example.org", "roles": ["finance"], "invited_at": network.now}
        anna = await person(network, **{**usual, **fields})
        provider.people["1"] = {"groups": ["desk"], **ANNA, **told}
        assert await signed_in(network, provider, path, "1")
        people = {one.id: one for one in await everybody(network)}
        assert people.pop(anna.id) == anna
        [other] = people.values()
        assert other.provider_subject == "1"


async def test_an_institutions_provider_never_signs_in_another_institutions_or_the_networks_people(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        own, _ = await network.institution()
        other, _ = await network.institution("Another")
        path = await a_registered(
            network, provider, institution_id=own, group_roles={"desk": ["consultant"]}
        )
        cases: list[tuple[tuple[Role, ...], UUID | None]] = [
            (("coordinator",), None),
            (("consultant",), read_id(INSTITUTION, other)),
            (("coordinator", "consultant"), read_id(INSTITUTION, own)),
        ]
        for roles, institution_id in cases:
            await person(
                network, email="anna@example.org", roles=roles, institution_id=institution_id,
                invited_at=network.now,
            )  # fmt: skip
        provider.people["1"] = {"groups": ["desk"], **ANNA}
        caller = await signed_in(network, provider, path, "1")
        assert caller is not None
        assert await roles_of(caller) == ["consultant"]
        known = [one for one in await everybody(network) if one.provider_subject]
        assert [(list(one.roles), one.provider_subject) for one in known] == [(["consultant"], "1")]


async def test_a_consultant_who_becomes_coordinator_needs_another_way_in(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        own, _ = await network.institution()
        path = await a_registered(
            network, provider, institution_id=own, group_roles={"desk": ["consultant"]}
        )
        provider.people["1"] = {"groups": ["desk"], **ANNA}
        assert await signed_in(network, provider, path, "1")
        [user] = await everybody(network)
        await _changed(network, user, roles=["coordinator", "consultant"])
        assert await signed_in(network, provider, path, "1") is None


async def _changed(network: Network, user: User, **fields: Any) -> None:
    changed = {**{name: getattr(user, name) for name in user.__struct_fields__}, **fields}
    following = User(**{**changed, "version": user.version + 1})
    assert await run(
        network.pool, network.id,
        lambda db: users.update(db, network_id=network.id, user=following),
    )  # fmt: skip


async def test_roles_follow_the_groups_and_the_coordinators_own_gifts_stay(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        await person(network, roles=("coordinator",))  # somebody else
        path = await a_registered(network, provider)
        provider.people["1"] = {"groups": ["desk"], **ANNA}
        first = await signed_in(network, provider, path, "1")
        assert first is not None
        assert await roles_of(first) == ["coordinator"]
        [user] = [one for one in await everybody(network) if one.provider_subject == "1"]
        await _changed(network, user, roles=["coordinator", "finance"])
        provider.people["1"] = {"groups": [], **ANNA}
        second = await signed_in(network, provider, path, "1")
        assert second is not None
        assert await roles_of(second) == ["finance"]
        assert await roles_of(first) == ["finance"]  # also where they were signed in before


async def test_whoever_left_all_groups_is_out_everywhere_and_may_come_back(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        institution_id, _ = await network.institution()
        path = await a_registered(
            network, provider, institution_id=institution_id,
            group_roles={"desk": ["consultant"]},
        )  # fmt: skip
        provider.people["1"] = {"groups": ["desk"], **ANNA}
        caller = await signed_in(network, provider, path, "1")
        assert caller is not None
        provider.people["1"] = {"groups": [], **ANNA}
        assert await signed_in(network, provider, path, "1") is None
        assert (await caller.get("/v1/me")).status_code == 401
        [user] = await everybody(network)
        assert list(user.roles) == []
        provider.people["1"] = {"groups": ["desk"], **ANNA}
        again = await signed_in(network, provider, path, "1")
        assert again is not None
        assert await roles_of(again) == ["consultant"]
        assert (await caller.get("/v1/me")).status_code == 401
        assert [one.id for one in await everybody(network)] == [user.id]


async def test_a_wrong_group_does_not_lock_the_last_coordinator_out(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider)
        provider.people["1"] = {"groups": ["desk"], **ANNA}
        caller = await signed_in(network, provider, path, "1")
        assert caller is not None
        provider.people["1"] = {"groups": ["dsek"], **ANNA}
        assert await signed_in(network, provider, path, "1") is None
        assert await roles_of(caller) == ["coordinator"]


async def test_somebody_deactivated_stays_out(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider)
        provider.people["1"] = {"groups": ["desk"], **ANNA}
        assert await signed_in(network, provider, path, "1")
        [user] = await everybody(network)
        await _changed(network, user, active=False)
        assert await signed_in(network, provider, path, "1") is None


async def test_whom_coordinators_shut_out_does_not_come_in_anew(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        await person(network, email="anna@example.org", roles=["finance"], active=False)
        path = await a_registered(network, provider)
        provider.people["1"] = {"groups": ["desk"], **ANNA}
        assert await signed_in(network, provider, path, "1") is None
        assert len(await everybody(network)) == 1


@pytest.mark.parametrize("how", ["delete", "switch off"])
async def test_without_the_provider_its_sign_ins_end(pool: Pool, clock: Clock, how: str) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider)
        provider.people["1"] = {"groups": ["desk"], **ANNA}
        caller = await signed_in(network, provider, path, "1")
        assert caller is not None
        coordinator = await network.caller("coordinator")
        thing = f"/v1/identity-providers/{path.split('/')[3].split('?')[0]}"
        if how == "delete":
            await coordinator.delete(thing)
        else:
            await coordinator.patch(thing, {"active": False})
        assert (await caller.get("/v1/me")).status_code == 401
        assert (await network.client.get(path)).status_code == 404


async def test_a_new_provider_takes_over_the_invited_people_of_a_deleted_one(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        await person(
            network, email="anna@example.org", roles=("coordinator",), invited_at=network.now
        )
        provider.people["1"] = {"groups": ["desk"], **ANNA}
        path = await a_registered(network, provider)
        assert await signed_in(network, provider, path, "1")
        coordinator = await network.caller("coordinator")
        await coordinator.delete(f"/v1/identity-providers/{path.split('/')[3].split('?')[0]}")
        path = await a_registered(network, provider)
        assert await signed_in(network, provider, path, "1")
        assert len(await everybody(network)) == 1


async def test_two_first_sign_ins_at_once_make_one_person(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider)
        provider.people["1"] = {"groups": ["desk"], **ANNA}
        browsers = [Browser(network.client) for _ in range(4)]
        urls = [location(await browser.get(path)) for browser in browsers]
        told: list[int] = []

        async def back(browser: Browser, url: str) -> None:
            told.append((await browser.back(provider.agree(url, "1"))).status_code)

        async with anyio.create_task_group() as group:
            for browser, url in zip(browsers, urls, strict=True):
                group.start_soon(back, browser, url)
        assert 303 in told
        assert set(told) <= {303, 409}
        assert len(await everybody(network)) == 1


async def test_a_sign_in_under_way_lasts_ten_minutes(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        provider.people["1"] = {"groups": ["desk"], **ANNA}
        path = await a_registered(network, provider)
        for after, status in ((599, 303), (600, 400)):
            browser = Browser(network.client)
            brought = provider.agree(location(await browser.get(path)), "1")
            clock.now += timedelta(seconds=after)
            assert (await browser.back(brought)).status_code == status


async def test_the_log_says_why_and_never_who_nor_what_was_sent(
    pool: Pool, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        provider.people["1"] = {"groups": ["elsewhere"], **ANNA}
        path = await a_registered(network, provider)
        browser = Browser(network.client)
        brought = provider.agree(location(await browser.get(path)), "1")
        assert (await browser.back(brought)).status_code == 403
        said = capsys.readouterr()
        for secret in (brought["code"], brought["state"], "anna", "Ozola", "s e:cret"):
            assert secret not in said.out + said.err
        assert "provider-sign-in-stopped" in said.out + said.err


async def test_the_page_for_signing_in_offers_the_networks_providers(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock, ALLOWED) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider, name="City <login>")
        page = await network.client.get("/sign-in?next=/docs")
        found = re.search(r'<a href="(/sign-in/with/[^"]+)">([^\n]*)</a>', page.text)
        assert found is not None
        assert html.unescape(found[1]) == f"{path}&next=%2Fdocs"
        assert "City &lt;login&gt;" in found[2]
        assert (await network.client.get(html.unescape(found[1]))).status_code == 303


async def test_the_way_back_is_counted_by_its_template(pool: Pool, clock: Clock) -> None:
    settings = {**ALLOWED, "INTERPRETERS_METRICS_TOKEN": "metrics"}
    async with serving(pool, clock, settings) as network, a_provider(clock) as provider:
        path = await a_registered(network, provider)
        provider.people["1"] = {"groups": ["desk"], **ANNA}
        assert await signed_in(network, provider, path, "1")
        told = await network.client.get("/metrics", headers={"Authorization": "Bearer metrics"})
        assert told.status_code == 200
        assert 'route="/sign-in/with/callback"' in told.text
        assert 'route="/sign-in/with/{id' in told.text
        assert "idp_" not in told.text
        assert "code=" not in told.text
