"""An institution on whose behalf another one asks: it sees who comes and when, and no more."""

from datetime import timedelta
from typing import Any

import pytest

from api import Api, serving
from centre import Centre, Json, Person
from interpreters.application.calls import run
from interpreters.application.deliveries import deliver_batch
from interpreters.application.retention import forget_old
from interpreters.application.webhook_deliveries import Webhooks
from interpreters.database import Pool
from interpreters.domain.ids import read_id

pytestmark = pytest.mark.anyio
REMOTE: Json = {
    "modes": ["phone"],
    "site_id": ...,
    "connect": {"by": "interpreter", "number": "+37125565098", "pin": "1234"},
}
SECRETS = ("LV-1042", "CASE-77", "COST-9", "Ask for", "25565098", "1234", "the police", "not now")


class Referred:
    """A court, and a school on whose side a coordinator asks on behalf of it."""

    async def open(self, centre: Centre) -> "Referred":
        self.centre = centre
        self.court = await centre.made(
            centre.coordinator, "/v1/institutions", {"name": "Court", "kind": "justice"}
        )
        key = await centre.made(centre.coordinator, f"/v1/institutions/{self.court['id']}/keys", {})
        self.api = Api(centre.network.client, key["token"])
        return self

    async def asked(self, **changes: Any) -> Json:
        order = self.centre.order(
            institution_id=self.centre.institution["id"],
            on_behalf_of={"institution_id": self.court["id"]},
            external_reference="CASE-77", cost_centre="COST-9", instructions="Ask for Ilze",
            referred_by="the police", channel="hotline",
            **{**REMOTE, **changes},
        )  # fmt: skip
        return await self.centre.made(self.centre.coordinator, "/v1/requests", order)

    async def items(self, path: str) -> list[Json]:
        response = await self.api.get(path)
        assert response.status_code == 200, response.text
        found: list[Json] = response.json()["items"]
        return found


async def opened(network: Any, clock: Any) -> tuple[Centre, Referred, Person]:
    centre = await Centre(network, clock).open()
    person = await centre.person()
    return centre, await Referred().open(centre), person


async def test_the_receiving_institution_sees_the_state_the_time_and_who_comes_and_nothing_else(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre, court, person = await opened(network, clock)
        made = await court.asked()
        booked = await person.accept(made)
        path = f"/v1/requests/{made['id']}"
        answer = await court.api.get(path)
        seen, own = answer.json(), (await centre.school.get(path)).json()
        assert answer.status_code == 200
        for name in ("state", "starts_at", "ends_at", "language", "working_language", "modes",
                     "seats", "booking_ids", "institution_id", "time_zone"):  # fmt: skip
            assert seen[name] == own[name], name
        assert seen["state"] == "filled"
        assert seen["on_behalf_of"]["institution_id"] == court.court["id"]
        assert seen["clients"] == []
        shown = await court.api.get(f"/v1/bookings/{booked['id']}")
        assert shown.status_code == 200
        booking = shown.json()
        assert booking["interpreter"] == {"id": person.id, "display_name": "Person 1"}
        assert (booking["state"], booking["starts_at"]) == ("confirmed", made["starts_at"])
        assert booking["cancellation"] is None
        assert "pay" not in booking
        clock.now = clock.now.replace(year=2026, month=11, day=25, hour=7, minute=50)
        listed = (await court.api.get("/v1/requests")).text
        listed += (await court.api.get("/v1/bookings")).text
        listed += (await court.api.get(f"/v1/bookings/{booked['id']}")).text + answer.text
        assert [one for one in SECRETS if one in listed] == []
        known = await court.api.get(f"/v1/interpreters/{person.id}")
        assert known.status_code == 200
        assert set(known.json()) == {"id", "display_name", "languages"}


async def test_it_finds_them_in_its_lists_beside_its_own_newest_first_page_by_page(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        _, court, person = await opened(network, clock)
        made = []
        for hour in range(6):
            clock.now += timedelta(seconds=1)
            at = {"starts_at": f"2026-11-2{5 + hour % 3}T{8 + hour:02}:00:00Z"}
            if hour % 2:
                made.append(await court.asked(**at))
            else:
                body = court.centre.order(**REMOTE, **at)
                made.append(await court.centre.made(court.api, "/v1/requests", body))
            await person.accept(made[-1])
        wanted = [one["id"] for one in reversed(made)]
        found: list[str] = []
        after: str | None = "/v1/requests?limit=2"
        while after is not None:
            page = (await court.api.get(after)).json()
            found += [one["id"] for one in page["items"]]
            after = page["next"]
        assert found == wanted
        bookings = await court.items("/v1/bookings")
        assert [one["request_id"] for one in bookings] == wanted
        assert await court.items("/v1/requests?state=searching") == []
        own = await court.items(f"/v1/requests?institution_id={court.court['id']}")
        assert {one["id"] for one in own} == {one["id"] for one in made[::2]}
        synced = await court.items("/v1/requests?updated_since=2026-11-01T00:00:00Z")
        assert {one["id"] for one in synced} == set(wanted)
        assert {one["cost_centre"] for one in synced} == {None}
        changed = await court.items("/v1/bookings?updated_since=2026-11-01T00:00:00Z")
        assert {one["request_id"] for one in changed} == set(wanted)


@pytest.mark.parametrize("query", ["external_reference=CASE-77", "channel=hotline"])
async def test_it_cannot_search_by_what_it_may_not_see(pool: Pool, clock: Any, query: str) -> None:
    async with serving(pool, clock) as network:
        centre, court, _ = await opened(network, clock)
        made = await court.asked()
        assert await court.items(f"/v1/requests?{query}") == []
        since = "updated_since=2026-11-01T00:00:00Z"
        assert await court.items(f"/v1/requests?{query}&{since}") == []
        own = (await centre.school.get(f"/v1/requests?{query}")).json()["items"]
        assert [one["id"] for one in own] == [made["id"]]


async def test_it_changes_nothing(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        _, court, person = await opened(network, clock)
        made = await court.asked()
        booked = await person.accept(made)
        request, booking = f"/v1/requests/{made['id']}", f"/v1/bookings/{booked['id']}"
        answers = [
            await court.api.patch(request, {"instructions": "mine"}),
            await court.api.post(f"{request}/cancel", {"reason": "no"}),
            await court.api.post(f"{request}/widen", {"other_mode": True}),
            await court.api.post(f"{booking}/cancel", {"reason": "no"}),
            await court.api.post(f"{booking}/extend", {"minutes": 15}),
            await court.api.post(f"{booking}/client-links", {"client_id": "cli_" + "0" * 26}),
            await court.api.get(f"{booking}/receipt"),
        ]
        assert [one.status_code for one in answers] == [404] * 7
        assert (await court.api.get(request)).json()["version"] == made["version"] + 1  # the yes


async def test_others_see_nothing_of_it(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre, court, person = await opened(network, clock)
        made = await court.asked()
        booked = await person.accept(made)
        other = (await Referred().open(centre)).api
        assert (await other.get(f"/v1/requests/{made['id']}")).status_code == 404
        assert (await other.get(f"/v1/bookings/{booked['id']}")).status_code == 404
        assert (await other.get(f"/v1/interpreters/{person.id}")).status_code == 404
        for path in ("/v1/requests", "/v1/bookings", "/v1/events"):
            assert (await other.get(path)).json()["items"] == []


async def test_its_feed_has_what_happens_to_the_session_and_not_what_it_costs(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre, court, person = await opened(network, clock)
        made = await court.asked()
        booked = await person.accept(made)
        clock.now = clock.now.replace(year=2026, month=11, day=25, hour=8, minute=0)
        for verb in ("start", "end"):
            clock.now += timedelta(minutes=30)
            done = await person.api.post(f"/v1/bookings/{booked['id']}/{verb}")
            assert done.status_code == 200, done.text
        own = (await centre.school.get("/v1/events")).json()["items"]
        heard = (await court.api.get("/v1/events")).json()["items"]
        assert [one["type"] for one in heard] == [
            one["type"] for one in own if one["type"] != "usage.recorded"
        ]
        assert [one["id"] for one in heard] == [
            one["id"] for one in own if one["type"] != "usage.recorded"
        ]
        assert "booking.completed" in {one["type"] for one in heard}
        assert "usage.recorded" in {one["type"] for one in own}


async def test_its_webhooks_are_looked_at_when_something_happens_to_it(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        _, court, _ = await opened(network, clock)
        hook = await court.centre.made(
            court.api, "/v1/webhook-endpoints", {"url": "https://hooks.example.org/in"}
        )
        await court.asked()
        rows = await run(
            pool, network.id,
            lambda db: db.fetch(
                "SELECT d.id, d.kind FROM due d WHERE d.network_id = $1"
                " AND d.kind IN ('outbox', 'webhook')", network.id,
            ),
        )  # fmt: skip
        (batch,) = [one["id"] for one in rows]
        await run(
            pool, network.id,
            lambda db: deliver_batch(
                db, network_id=network.id, batch_id=batch, now=clock.now, channels=(Webhooks(),)
            ),
        )  # fmt: skip
        due = await run(
            pool, network.id,
            lambda db: db.fetch(
                "SELECT d.id FROM due d WHERE d.network_id = $1 AND d.kind = 'webhook'", network.id
            ),
        )  # fmt: skip
        assert [one["id"] for one in due] == [read_id("whe", hook["id"])]


async def test_it_sees_it_for_as_long_as_is_kept_on_whose_behalf_it_was(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        _, court, _ = await opened(network, clock)
        made = await court.asked()
        clock.now += timedelta(days=3650)
        await forget_old(pool, network_id=network.id, now=clock.now)
        assert (await court.api.get(f"/v1/requests/{made['id']}")).status_code == 404
        assert await court.items("/v1/requests") == []


async def test_a_list_by_channel_holds_what_came_that_way(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre, _, _ = await opened(network, clock)
        made = {
            way: await centre.asked(**REMOTE, channel=way, starts_at=f"2026-11-25T1{hour}:00:00Z")
            for hour, way in enumerate(("hotline", "crm"))
        }
        for way, one in made.items():
            for query in ("", "&updated_since=2026-11-01T00:00:00Z"):
                found = await centre.coordinator.get(f"/v1/requests?channel={way}{query}")
                assert [each["id"] for each in found.json()["items"]] == [one["id"]]
        assert (await centre.school.get("/v1/requests?channel=fax")).status_code == 422
