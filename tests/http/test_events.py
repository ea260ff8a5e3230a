"""The feed through its door: who sees what, and following it page by page."""

from uuid import UUID

import pytest

from api import Api, Network, serving
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.events import FeedOrder, list_events
from interpreters.application.keys import create_key
from interpreters.database import Pool
from interpreters.domain.callers import Caller, house
from interpreters.domain.ids import read_id, show_id
from interpreters.sql.outbox import Notice
from roster import added, an_institution, themselves
from told import NOON, about_request, centre, number, told

pytestmark = pytest.mark.anyio

REQUEST, OFFER, BOOKING, NOBODY = (number() for _ in range(4))


def offer(kind: str, interpreter_id: UUID) -> Notice:
    return Notice(
        type=f"offer.{kind}", subject_kind="offer", subject_id=OFFER, request_id=REQUEST,
        offer_id=OFFER, booking_id=BOOKING, institution_id=NOBODY, interpreter_id=interpreter_id,
        state="open",
    )  # fmt: skip


def booking(kind: str, institution_id: UUID, interpreter_id: UUID) -> Notice:
    return Notice(
        type=f"booking.{kind}", subject_kind="booking", subject_id=BOOKING, request_id=REQUEST,
        booking_id=BOOKING, offer_id=OFFER, institution_id=institution_id,
        interpreter_id=interpreter_id, state="confirmed",
    )  # fmt: skip


def usage(institution_id: UUID, interpreter_id: UUID) -> Notice:
    return Notice(
        type="usage.recorded", subject_kind="usage_entry", subject_id=number(),
        booking_id=BOOKING, institution_id=institution_id, interpreter_id=interpreter_id,
    )  # fmt: skip


async def an_interpreter(network: Network, coordinator: Api) -> tuple[Api, UUID]:
    """Put somebody on the roster; return them as a caller, and their id."""
    someone = await added(coordinator)
    return await themselves(network, someone), read_id("int", someone["id"])


async def types(api: Api, path: str = "/v1/events") -> list[str]:
    response = await api.get(path)
    assert response.status_code == 200, response.text
    return [one["type"] for one in response.json()["items"]]


async def test_everybody_sees_their_own_events_and_only_public_ones(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        school, school_id = await an_institution(network, coordinator, name="School")
        _, court_id = await an_institution(network, coordinator, name="Court")
        consultant = await network.caller("consultant", institution_id=court_id)
        amina, amina_id = await an_interpreter(network, coordinator)
        omar, omar_id = await an_interpreter(network, coordinator)
        await told(
            pool,
            network.id,
            about_request(REQUEST, institution_id=school_id),
            about_request(institution_id=court_id),
            offer("sent", amina_id),
            offer("sent", omar_id),
            offer("taken", omar_id),
            booking("confirmed", school_id, amina_id),
            booking("checked_in", school_id, amina_id),
            booking("confirmed", court_id, omar_id),
            usage(school_id, amina_id),
        )

        assert await types(coordinator) == [
            "request.created", "request.created", "offer.sent", "offer.sent", "offer.taken",
            "booking.confirmed", "booking.confirmed", "usage.recorded",
        ]  # fmt: skip
        assert await types(school) == ["request.created", "booking.confirmed", "usage.recorded"]
        assert await types(consultant) == ["request.created", "booking.confirmed"]
        assert await types(amina) == ["offer.sent", "booking.confirmed"]
        assert await types(omar) == ["offer.sent", "offer.taken", "booking.confirmed"]


async def test_an_event_has_its_id_type_time_ids_and_state(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        school, school_id = await an_institution(network, coordinator)
        await told(pool, network.id, booking("confirmed", school_id, NOBODY), now=NOON)

        (item,) = (await school.get("/v1/events")).json()["items"]

        assert item == {
            "id": item["id"],
            "type": "booking.confirmed",
            "timestamp": "2026-11-24T12:00:00Z",
            "data": {
                "event_id": item["id"],
                "ids": {
                    "request_id": show_id("req", REQUEST),
                    "booking_id": show_id("bkg", BOOKING),
                    "offer_id": show_id("off", OFFER),
                    "institution_id": show_id("ins", school_id),
                    "interpreter_id": show_id("int", NOBODY),
                },
                "state": "confirmed",
            },
        }
        assert item["id"].startswith("evt_")


async def test_before_acceptance_an_interpreter_does_not_learn_who_asks(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        amina, amina_id = await an_interpreter(network, await network.caller("coordinator"))
        await told(pool, network.id, offer("sent", amina_id))

        (item,) = (await amina.get("/v1/events")).json()["items"]

        assert item["data"]["ids"] == {
            "request_id": show_id("req", REQUEST),
            "booking_id": None,
            "offer_id": show_id("off", OFFER),
            "institution_id": None,
            "interpreter_id": show_id("int", amina_id),
        }


async def test_next_leads_through_the_feed_once_and_ids_ascend(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        await told(pool, network.id, *[about_request() for _ in range(7)])
        coordinator = await network.caller("coordinator")
        seen, path = [], "/v1/events?limit=3"
        while path is not None:
            page = (await coordinator.get(path)).json()
            seen += [one["id"] for one in page["items"]]
            path = page["next"]

        assert len(seen) == 7
        assert seen == sorted(set(seen))


async def test_a_full_page_always_has_a_next_and_the_end_has_none(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        await told(pool, network.id, about_request(), about_request())
        coordinator = await network.caller("coordinator")

        full = (await coordinator.get("/v1/events?limit=2")).json()
        last = full["items"][-1]["id"]
        end = (await coordinator.get(full["next"])).json()

        assert full["next"] == f"/v1/events?limit=2&after={last}"
        assert end == {"items": [], "next": None}


async def test_a_limit_above_200_reads_as_200(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        await told(pool, network.id, *[about_request() for _ in range(201)])
        coordinator = await network.caller("coordinator")

        page = (await coordinator.get("/v1/events?limit=1000")).json()

        assert len(page["items"]) == 200
        assert page["next"] is not None


async def test_what_is_told_later_follows_what_was_read(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        await told(pool, network.id, about_request())
        (first,) = (await coordinator.get("/v1/events")).json()["items"]
        await told(pool, network.id, about_request(kind="filled"))

        assert await types(coordinator, f"/v1/events?after={first['id']}") == ["request.filled"]


@pytest.mark.parametrize(
    "after", ["evt_00000000000000000000000000", "req_00000000000000000000000000", "evt_", "x"]
)
async def test_an_unknown_after_is_refused_at_its_pointer(
    pool: Pool, clock: Clock, after: str
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")

        response = await coordinator.get(f"/v1/events?after={after}")

        assert response.status_code == 422
        assert [one["pointer"] for one in response.json()["errors"]] == ["/after"]


async def test_an_event_of_another_network_is_unknown(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        elsewhere = await centre(pool, slug="elsewhere")
        await told(pool, elsewhere, about_request())
        stranger = house(elsewhere)
        (event,) = await run(
            pool,
            elsewhere,
            lambda db: list_events(
                db, stranger, order=lambda: FeedOrder(after=None, limit=9), now=NOON
            ),
        )
        coordinator = await network.caller("coordinator")

        response = await coordinator.get(f"/v1/events?after={show_id('evt', event.id)}")

        assert response.status_code == 422


async def test_finance_has_no_feed_and_a_key_without_the_scope_has_none(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        finance = await network.caller("finance")
        narrow = Caller(
            network_id=network.id, role="coordinator", scopes=frozenset({"requests:read"})
        )
        made = await run(
            pool,
            network.id,
            lambda db: create_key(db, holder=narrow, expires_at=None, now=clock()),
        )

        refused = await finance.get("/v1/events?after=x")
        without = await finance.get("/v1/events", headers={"Authorization": f"Bearer {made.token}"})

        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert without.status_code == 403


async def test_without_a_token_it_is_401(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        response = await network.client.get("/v1/events?after=x")

        assert response.status_code == 401


async def test_other_parameters_are_refused(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")

        response = await coordinator.get("/v1/events?since=2026-01-01")

        assert response.status_code == 422
        assert response.json()["errors"][0]["pointer"] == "/since"
