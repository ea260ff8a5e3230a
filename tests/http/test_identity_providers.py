"""`/v1/identity-providers`: who may set up with which provider people sign in, and as what."""

from typing import Any

import pytest

from api import Network, serving
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.keys import create_key
from interpreters.application.networks import open_network
from interpreters.application.provider_sign_in import providers_for
from interpreters.database import Pool
from interpreters.domain.callers import SCOPES, Caller

pytestmark = pytest.mark.anyio
PATH = "/v1/identity-providers"
PROVIDER: dict[str, Any] = {
    "name": "City login", "issuer": "https://id.example.org/realm", "client_id": "desk",
    "client_secret": "very secret", "group_roles": {"desk": ["coordinator"], "money": ["finance"]},
}  # fmt: skip


def codes(response: Any) -> list[tuple[str, str]]:
    assert response.status_code == 422, response.text
    return [(one["pointer"], one["code"]) for one in response.json()["errors"]]


async def made(network: Network, **fields: Any) -> dict[str, Any]:
    coordinator = await network.caller("coordinator")
    response = await coordinator.post(PATH, {**PROVIDER, **fields})
    assert response.status_code == 201, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def test_a_coordinator_sets_up_a_provider_and_never_sees_its_secret_again(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await made(network)
        assert one["id"].startswith("idp_")
        assert {k: v for k, v in one.items() if k not in ("id", "created_at")} == {
            "name": "City login", "issuer": "https://id.example.org/realm", "client_id": "desk",
            "has_client_secret": True, "redirect_uri": "http://test/sign-in/with/callback",
            "institution_id": None, "scopes": ["openid", "profile", "email"],
            "groups_claim": "groups",
            "group_roles": {"desk": ["coordinator"], "money": ["finance"]},
            "default_roles": [], "active": True, "version": 1,
        }  # fmt: skip
        for shown in (
            await coordinator.get(f"{PATH}/{one['id']}"), await coordinator.get(PATH),
        ):  # fmt: skip
            assert shown.status_code == 200
            assert "very secret" not in shown.text
        stored = await run(
            pool, network.id,
            lambda db: db.fetchval("SELECT client_secret FROM identity_providers"),
        )  # fmt: skip
        assert stored.startswith("sealed:")


async def test_a_change_is_guarded_and_takes_only_what_may_change(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        path = f"{PATH}/{(await made(network))['id']}"
        changed = await coordinator.patch(
            path, {"client_secret": None, "scopes": ["groups"], "active": False},
            headers={"If-Match": '"1"'},
        )  # fmt: skip
        assert changed.status_code == 200, changed.text
        assert changed.json()["has_client_secret"] is False
        assert changed.json()["scopes"] == ["openid", "groups"]
        assert (changed.json()["active"], changed.json()["version"]) == (False, 2)
        stale = await coordinator.patch(path, {"name": "X"}, headers={"If-Match": '"1"'})
        assert stale.status_code == 412
        for fixed in ({"issuer": "https://other.example.org"}, {"institution_id": None}):
            assert codes(await coordinator.patch(path, fixed)) == [
                (f"/{next(iter(fixed))}", "unknown-field")
            ]
        role = await coordinator.patch(path, {"default_roles": ["consultant"]})
        assert codes(role) == [("/default_roles/0", "role-not-by-provider")]


async def test_a_deleted_provider_is_gone(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        path = f"{PATH}/{(await made(network))['id']}"
        assert (await coordinator.delete(path)).status_code == 204
        assert (await coordinator.get(path)).status_code == 404
        assert await providers_for(pool, network.id) == []


async def test_no_provider_gives_roles_beyond_its_own_people(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        institution_id, _ = await network.institution()
        for fields, wrong in (
            ({"default_roles": ["interpreter"]}, "/default_roles/0"),
            ({"default_roles": ["consultant"]}, "/default_roles/0"),
            ({"group_roles": {"a/b": ["finance", "consultant"]}}, "/group_roles/a~1b/1"),
            ({"institution_id": institution_id}, "/group_roles/desk/0"),
            ({"institution_id": institution_id, "group_roles": {"x": ["interpreter"]}},
             "/group_roles/x/0"),
        ):  # fmt: skip
            answer = await coordinator.post(PATH, {**PROVIDER, **fields})
            assert (wrong, "role-not-by-provider") in codes(answer)
        own = {"institution_id": institution_id, "group_roles": {"staff": ["consultant"]}}
        assert (await made(network, **own))["institution_id"] == institution_id


@pytest.mark.parametrize(
    ("issuer", "code"),
    [
        ("http://id.example.org", "invalid-address"),
        ("https://user:password@id.example.org", "invalid-address"),
        ("https://169.254.169.254/latest", "private-address"),
        ("https://127.0.0.1:8443", "private-address"),
        ("https://0x7f.1/realm", "private-address"),
        ("https://[::1]/realm", "private-address"),
        ("https://[::ffff:10.0.0.1]/", "private-address"),
        ("https://localhost/", "private-address"),
        ("https://id.internal/", "private-address"),
        ("https://id.example.org/?tenant=1", "invalid"),
        ("https://id.example.org/#x", "invalid"),
        ("https://id.example.org/?", "invalid"),
        ("ftp://id.example.org", "invalid-address"),
        ("javascript:alert(1)", "invalid-address"),
        ("id.example.org", "invalid-address"),
    ],
)
async def test_an_issuer_is_a_public_https_address(
    pool: Pool, clock: Clock, issuer: str, code: str
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        answer = await coordinator.post(PATH, {**PROVIDER, "issuer": issuer})
        assert codes(answer) == [("/issuer", code)]


async def test_where_private_addresses_are_allowed_the_machines_own_data_is_not(
    pool: Pool, clock: Clock
) -> None:
    settings = {"INTERPRETERS_ALLOW_PRIVATE_URLS": "1"}
    async with serving(pool, clock, settings) as network:
        coordinator = await network.caller("coordinator")
        fine = await coordinator.post(PATH, {**PROVIDER, "issuer": "http://127.0.0.1:9/realm"})
        assert fine.status_code == 201
        bad = await coordinator.post(PATH, {**PROVIDER, "issuer": "http://169.254.169.254"})
        assert codes(bad) == [("/issuer", "private-address")]


async def test_an_unknown_institution_is_a_wrong_field(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        answer = await coordinator.post(
            PATH,
            {**PROVIDER, "institution_id": "ins_" + "0" * 26, "group_roles": {}},
        )
        assert codes(answer) == [("/institution_id", "unknown-institution")]


async def test_only_coordinators_may_and_only_for_what_they_may_themselves(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        path = f"{PATH}/{(await made(network))['id']}"
        _, software = await network.institution()
        for other in (software, await network.caller("finance")):
            assert (await other.get(PATH)).status_code == 403
            assert (await other.get(path)).status_code == 403
            assert (await other.post(PATH, PROVIDER)).status_code == 403
            assert (await other.delete(path)).status_code == 403
        narrow = Caller(
            network_id=network.id, role="coordinator",
            scopes=frozenset({"users:read", "users:write"}),
        )  # fmt: skip
        key = await run(
            pool, network.id,
            lambda db: create_key(db, holder=narrow, expires_at=None, now=network.now),
        )  # fmt: skip
        coordinator = await network.caller("coordinator")
        coordinator.token = key.token
        assert SCOPES["coordinator"] != tuple(narrow.scopes)
        assert (await coordinator.post(PATH, PROVIDER)).status_code == 403
        more = await coordinator.patch(path, {"group_roles": {"x": ["finance"]}})
        assert more.status_code == 403


async def test_another_networks_provider_is_not_there(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        one = await made(network)
        opened = await open_network(
            pool, name="Other", slug="other", time_zone="Europe/Riga", currency="EUR",
            country="LV", working_language="lav", now=clock(),
        )  # fmt: skip
        other = Network(pool, network.client, opened.network_id, clock())
        outsider = await other.caller("coordinator")
        for response in (
            await outsider.get(f"{PATH}/{one['id']}"),
            await outsider.patch(f"{PATH}/{one['id']}", {"name": "Mine"}),
            await outsider.delete(f"{PATH}/{one['id']}"),
        ):
            assert response.status_code == 404
        assert (await outsider.get(PATH)).json()["items"] == []
        assert await providers_for(pool, other.id) == []
        [(name, path)] = await providers_for(pool, network.id)
        assert name == "City login"
        assert path.startswith(f"/sign-in/with/{one['id']}?network=net_")


async def test_what_is_done_to_a_provider_is_in_the_audit_log(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        path = f"{PATH}/{(await made(network))['id']}"
        await coordinator.patch(path, {"name": "Renamed"})
        await coordinator.delete(path)
        rows = await run(
            pool, network.id,
            lambda db: db.fetch(
                "SELECT action FROM audit WHERE subject_kind = 'identity-provider' ORDER BY id"
            ),
        )  # fmt: skip
        assert sorted(row["action"] for row in rows) == ["changed", "created", "deleted"]
