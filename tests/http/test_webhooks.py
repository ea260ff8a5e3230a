"""Webhook endpoints through their doors: whose they are, their secrets, what is refused."""

from datetime import timedelta

import pytest

from api import Api, Network, serving
from conftest import Clock
from interpreters.application.calls import run
from interpreters.database import Pool
from interpreters.domain.ids import read_id
from interpreters.domain.webhooks import PREFIX
from roster import added, themselves
from told import about_request, told

pytestmark = pytest.mark.anyio
ROOT = "/v1/webhook-endpoints"
URL = "https://hooks.example.org/in?key=abc"


async def made(api: Api, **fields: object) -> dict[str, object]:
    response = await api.post(ROOT, {"url": URL, **fields})
    assert response.status_code == 201, response.text
    answer: dict[str, object] = response.json()
    return answer


async def stored(network: Network) -> list[dict[str, object]]:
    rows = await run(
        network.pool, network.id,
        lambda db: db.fetch(
            "SELECT w.url, w.secret, w.old_secret FROM webhook_endpoints w WHERE w.network_id = $1",
            network.id,
        ),
    )  # fmt: skip
    return [dict(row) for row in rows]


async def test_only_the_address_is_needed_and_the_secret_is_shown_once(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        institution_id, school = await network.institution()
        answer = await made(school)

        assert str(answer["secret"]).startswith(PREFIX)
        assert (answer["url"], answer["types"], answer["active"]) == (URL, [], True)
        assert answer["institution_id"] == institution_id
        shown = (await school.get(f"{ROOT}/{answer['id']}")).json()
        assert shown == {**answer, "secret": None}
        listed = (await school.get(ROOT)).json()
        assert listed == {"items": [shown], "next": None}


async def test_a_creation_told_again_does_not_show_the_secret_again(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        _, school = await network.institution()
        key = {"Idempotency-Key": "one"}
        first = await school.post(ROOT, {"url": URL}, headers=key)
        again = await school.post(ROOT, {"url": URL}, headers=key)

        assert (first.json()["id"], first.json()["secret"] is None) == (again.json()["id"], False)
        assert again.json()["secret"] is None
        assert await network.count("webhook_endpoints") == 1


async def test_address_and_secrets_stand_sealed_in_the_database(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        _, school = await network.institution()
        answer = await made(school)
        await school.patch(f"{ROOT}/{answer['id']}", {"rotate_secret": True})

        (row,) = await stored(network)
        assert None not in row.values()
        for plain in (answer["secret"], "example.org", PREFIX):
            assert str(plain) not in str(row)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1/in", "private-address"),
        ("https://localhost/in", "private-address"),
        ("https://10.1.2.3/in", "private-address"),
        ("https://169.254.169.254/latest", "private-address"),
        ("https://0x7f.1/in", "private-address"),
        ("http://hooks.example.org/in", "invalid-address"),
        ("https://me:secret@hooks.example.org/in", "invalid-address"),
        ("mailto:somebody@example.org", "invalid-address"),
    ],
)
async def test_addresses_that_must_not_be_called_are_refused_also_as_a_change(
    pool: Pool, clock: Clock, url: str, code: str
) -> None:
    async with serving(pool, clock) as network:
        _, school = await network.institution()
        refused = await school.post(ROOT, {"url": url})
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert refused.json()["errors"][0]["pointer"] == "/url"

        answer = await made(school)
        changed = await school.patch(f"{ROOT}/{answer['id']}", {"url": url})
        assert (changed.status_code, changed.json()["code"]) == (422, code)


async def test_a_network_on_its_own_machines_may_allow_private_addresses(
    pool: Pool, clock: Clock
) -> None:
    settings = {"INTERPRETERS_ALLOW_PRIVATE_URLS": "1"}
    async with serving(pool, clock, settings) as network:
        _, school = await network.institution()
        answer = await made(school, url="http://10.1.2.3:8080/in")
        assert answer["url"] == "http://10.1.2.3:8080/in"


async def test_types_are_those_of_the_owners_feed(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        _, school = await network.institution()
        coordinator = await network.caller("coordinator")
        wanted = ["booking.confirmed", "request.filled"]
        assert (await made(school, types=wanted))["types"] == wanted
        assert (await made(coordinator, types=["offer.sent"]))["types"] == ["offer.sent"]

        refused = await school.post(
            ROOT, {"url": URL, "types": ["booking.confirmed", "offer.sent"]}
        )
        assert (refused.status_code, refused.json()["code"]) == (422, "unknown-event-type")
        assert refused.json()["errors"][0]["pointer"] == "/types/1"


async def test_another_institution_finds_nothing_and_coordinators_see_everybodys(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        _, school = await network.institution()
        _, clinic = await network.institution("Clinic 3")
        coordinator = await network.caller("coordinator")
        own = await made(school)
        central = await made(coordinator)
        assert central["institution_id"] is None

        for verb, path, body in (
            ("GET", "", None),
            ("PATCH", "", {"active": False}),
            ("DELETE", "", None),
            ("POST", "/ping", {}),
            ("GET", "/deliveries", None),
            ("POST", "/replay", {"since": "2026-11-01T00:00:00Z"}),
        ):
            for theirs in (own, central):
                asked = {} if body is None else {"json": body}
                told_no = await clinic.call(verb, f"{ROOT}/{theirs['id']}{path}", **asked)
                assert (told_no.status_code, told_no.json()["code"]) == (404, "not-found")
        assert (await clinic.get(ROOT)).json()["items"] == []
        everybodys = (await coordinator.get(ROOT)).json()["items"]
        assert {one["id"] for one in everybodys} == {central["id"], own["id"]}


async def test_interpreters_and_finance_have_no_webhooks(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        someone = await themselves(network, await added(await network.caller("coordinator")))
        for api in (someone, await network.caller("finance")):
            refused = await api.post(ROOT, {"url": URL})
            assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_a_replaced_secret_is_shown_once_and_the_old_one_signs_for_a_day(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        _, school = await network.institution()
        answer = await made(school)
        changed = (await school.patch(f"{ROOT}/{answer['id']}", {"rotate_secret": True})).json()

        assert changed["secret"].startswith(PREFIX)
        assert changed["secret"] != answer["secret"]
        assert changed["old_secret_until"] == "2026-11-25T08:00:00Z"
        assert changed["version"] == 2
        assert (await school.get(f"{ROOT}/{answer['id']}")).json()["secret"] is None


async def test_a_change_against_an_old_version_is_refused(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        _, school = await network.institution()
        answer = await made(school)
        path, old = f"{ROOT}/{answer['id']}", {"If-Match": '"1"'}
        assert (await school.patch(path, {"types": []}, headers=old)).status_code == 200
        assert (await school.patch(path, {"types": []}, headers=old)).status_code == 412


async def test_nobody_has_more_than_twenty_endpoints(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        _, school = await network.institution()
        for _ in range(20):
            await made(school)
        refused = await school.post(ROOT, {"url": URL})
        assert (refused.status_code, refused.json()["code"]) == (409, "too-many-endpoints")


async def test_an_endpoint_that_is_off_is_neither_pinged_nor_replayed(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        _, school = await network.institution()
        answer = await made(school)
        path = f"{ROOT}/{answer['id']}"
        await school.patch(path, {"active": False})
        for verb, body in (("ping", {}), ("replay", {"since": "2026-11-01T00:00:00Z"})):
            refused = await school.post(f"{path}/{verb}", body)
            assert (refused.status_code, refused.json()["code"]) == (409, "endpoint-off")


async def test_a_ping_waits_in_the_list_until_it_is_sent(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        _, school = await network.institution()
        answer = await made(school)
        ping = await school.post(f"{ROOT}/{answer['id']}/ping")

        assert ping.status_code == 200
        assert ping.json()["state"] == "waiting"
        assert ping.json()["webhook_id"] == ping.json()["id"]
        assert ping.json()["message"]["type"] == "endpoint.ping"
        listed = (await school.get(f"{ROOT}/{answer['id']}/deliveries")).json()
        assert listed["items"] == [ping.json()]


async def test_deleted_it_is_gone_with_what_it_was_sent(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution_id, school = await network.institution()
        answer = await made(school)
        await school.post(f"{ROOT}/{answer['id']}/ping")
        assert (await school.delete(f"{ROOT}/{answer['id']}")).status_code == 204

        assert (await school.get(f"{ROOT}/{answer['id']}")).status_code == 404
        assert await network.count("webhook_deliveries") == 0
        due = await pool.fetchval("SELECT count(*) FROM due d WHERE d.kind = 'webhook'")
        assert due == 0
        await told(
            pool, network.id, about_request(institution_id=read_id("ins", institution_id)),
            now=clock() + timedelta(seconds=1),
        )  # fmt: skip
        assert await network.count("webhook_deliveries") == 0
