"""Webhooks, sent by the job to a real receiver that verifies them with the standard's library."""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from api import Api, Network, serving
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.deliveries import deliver_batch
from interpreters.application.due import take_due
from interpreters.application.events import place_all
from interpreters.database import Pool
from interpreters.domain.ids import EVENT, REQUEST, new_id, read_id, show_id
from interpreters.jobs import webhooks
from interpreters.jobs.relay import Jobs
from receivers import Call, Receiver, receiving
from told import about_request, told

pytestmark = pytest.mark.anyio
ROOT = "/v1/webhook-endpoints"
SETTINGS = {"INTERPRETERS_ALLOW_PRIVATE_URLS": "1"}
LEASE = timedelta(seconds=15)
Json = dict[str, Any]


async def outbox(pool: Pool, *, network_id: UUID, id: UUID, clock: Clock) -> None:  # noqa: A002 - as jobs have it
    """Place a batch and hand it to the channels."""
    now = clock()
    await run(pool, network_id, lambda db: place_all(db, network_id=network_id, now=now))
    await run(
        pool,
        network_id,
        lambda db: deliver_batch(db, network_id=network_id, batch_id=id, now=now),
    )


JOBS: Jobs = {"outbox": outbox, "webhook": webhooks.sender(allow_private=True)}


class Choosy(Receiver):
    """Answers 500 to what is about the requests in `refusing`."""

    def __init__(self) -> None:
        super().__init__()
        self.refusing: set[str] = set()

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        await super().answer(request)
        about = json.loads(await request.read())["data"]["ids"]["request_id"]
        return web.Response(status=500 if about in self.refusing else 200)


@pytest.fixture
def clock() -> Clock:
    """Receivers refuse what is older than five minutes, by their own clock: it begins now."""
    return Clock(datetime.now(UTC))


async def work(pool: Pool, clock: Clock) -> None:
    """Do what is due now, as the relay would, until nothing is."""
    while taken := await take_due(
        pool, kinds=list(JOBS), now=clock(), until=clock() + LEASE, limit=100
    ):
        for one in taken:
            await JOBS[one.kind](pool, network_id=one.network_id, id=one.id, clock=clock)


async def listening(api: Api, receiver: Receiver, **fields: object) -> Json:
    response = await api.post(ROOT, {"url": receiver.url, **fields})
    assert response.status_code == 201, response.text
    answer: Json = response.json()
    return answer


def verified(secret: str, call: Call) -> Json:
    message: Json = Webhook(secret).verify(call.body, dict(call.headers))
    return message


def heard(receiver: Receiver) -> list[tuple[str, str]]:
    """Return type and request of each message, as they came."""
    messages = [json.loads(one.body) for one in receiver.calls]
    return [(one["type"], one["data"]["ids"]["request_id"]) for one in messages]


def webhook_ids(receiver: Receiver) -> list[str]:
    return [one.headers["webhook-id"] for one in receiver.calls]


async def happened(
    network: Network, institution_id: str, *kinds: str, request: UUID | None = None
) -> str:
    """Tell the kinds of one request, each in a transaction of its own; return its public id."""
    request = request or new_id(network.now)
    owner = read_id("ins", institution_id)
    for kind in kinds:
        await told(
            network.pool, network.id,
            about_request(request, kind=kind, institution_id=owner), now=network.now,
        )  # fmt: skip
    return show_id(REQUEST, request)


async def sent_to(api: Api, endpoint: Mapping[str, Any]) -> list[Json]:
    response = await api.get(f"{ROOT}/{endpoint['id']}/deliveries?limit=200")
    items: list[Json] = response.json()["items"]
    return items


async def test_a_message_is_the_event_signed_and_says_nothing_more(
    pool: Pool, clock: Clock
) -> None:
    receiver = Receiver()
    async with serving(pool, clock, SETTINGS) as network, receiving(receiver):
        institution_id, school = await network.institution()
        endpoint = await listening(school, receiver)
        request_id = await happened(network, institution_id, "created")
        await work(pool, clock)

        (event,) = (await school.get("/v1/events")).json()["items"]
        (call,) = receiver.calls
        message = verified(endpoint["secret"], call)
        assert call.headers["webhook-id"] == event["id"]
        assert message == {
            "type": "request.created",
            "timestamp": event["timestamp"],
            "data": {
                "event_id": event["id"],
                "ids": {
                    "request_id": request_id, "booking_id": None, "offer_id": None,
                    "institution_id": institution_id, "interpreter_id": None,
                },
                "state": "searching",
            },
        }  # fmt: skip
        (delivery,) = await sent_to(school, endpoint)
        assert (delivery["state"], delivery["status"], delivery["tries"]) == ("delivered", 200, 1)
        assert delivery["message"] == message


async def test_nothing_that_people_write_of_somebody_is_in_a_message(
    pool: Pool, clock: Clock
) -> None:
    receiver = Receiver()
    async with serving(pool, clock, SETTINGS) as network, receiving(receiver):
        institution_id, school = await network.institution("Canary School")
        coordinator = await network.caller("coordinator")
        await listening(school, receiver)
        await listening(coordinator, receiver)
        asked = {
            "institution_id": institution_id, "language": "dari", "modes": ["phone"],
            "starts_at": (clock() + timedelta(days=3)).isoformat(), "duration_minutes": 60,
            "clients": [{"reference": "canary-1"}], "topic": "health",
            "instructions": "canary instructions", "external_reference": "canary-2",
        }  # fmt: skip
        response = await school.post("/v1/requests", asked)
        assert response.status_code == 201, response.text
        await work(pool, clock)

        assert len(receiver.calls) >= 2
        for call in receiver.calls:
            assert b"canary" not in call.body.lower()
            assert set(json.loads(call.body)) == {"type", "timestamp", "data"}
            assert set(json.loads(call.body)["data"]) == {"event_id", "ids", "state"}


async def test_each_hears_their_own_feed_and_the_types_they_chose(pool: Pool, clock: Clock) -> None:
    ours, theirs, central, chosen = (Receiver() for _ in range(4))
    async with contextlib.AsyncExitStack() as stack:
        network = await stack.enter_async_context(serving(pool, clock, SETTINGS))
        for one in (ours, theirs, central, chosen):
            await stack.enter_async_context(receiving(one))
        school_id, school = await network.institution()
        clinic_id, clinic = await network.institution("Clinic 3")
        await listening(school, ours)
        await listening(school, chosen, types=["request.filled"])
        await listening(clinic, theirs)
        await listening(await network.caller("coordinator"), central)
        first = await happened(network, school_id, "created", "filled")
        second = await happened(network, clinic_id, "created")
        await work(pool, clock)

        assert heard(ours) == [("request.created", first), ("request.filled", first)]
        assert heard(chosen) == [("request.filled", first)]
        assert heard(theirs) == [("request.created", second)]
        assert sorted(heard(central)) == sorted([*heard(ours), *heard(theirs)])


async def test_what_is_of_no_interest_stops_nothing(pool: Pool, clock: Clock) -> None:
    receiver = Receiver()
    async with serving(pool, clock, SETTINGS) as network, receiving(receiver):
        institution_id, school = await network.institution()
        endpoint = await listening(school, receiver, types=["request.filled"])
        await happened(network, institution_id, "created")
        await work(pool, clock)
        assert receiver.calls == []
        await school.post(f"{ROOT}/{endpoint['id']}/ping")
        await work(pool, clock)
        assert len(receiver.calls) == 1


async def test_what_happened_before_is_not_told_and_can_be_replayed_in_order_with_its_ids(
    pool: Pool, clock: Clock
) -> None:
    receiver = Receiver()
    async with serving(pool, clock, SETTINGS) as network, receiving(receiver):
        institution_id, school = await network.institution()
        request_id = await happened(network, institution_id, "created", "filled")
        endpoint = await listening(school, receiver)
        await work(pool, clock)
        assert receiver.calls == []

        since = {"since": (clock() - timedelta(minutes=1)).isoformat()}
        for _ in range(2):
            answer = await school.post(f"{ROOT}/{endpoint['id']}/replay", since)
            assert answer.status_code == 200, answer.text
            await work(pool, clock)

        events = [one["id"] for one in (await school.get("/v1/events")).json()["items"]]
        assert webhook_ids(receiver) == [*events, *events]
        assert heard(receiver)[:2] == [
            ("request.created", request_id),
            ("request.filled", request_id),
        ]


async def test_a_refusal_is_repeated_within_ten_seconds_with_the_same_id_and_its_own_time(
    pool: Pool, clock: Clock
) -> None:
    receiver = Receiver(status=503)
    async with serving(pool, clock, SETTINGS) as network, receiving(receiver):
        institution_id, school = await network.institution()
        endpoint = await listening(school, receiver)
        await happened(network, institution_id, "created")
        await work(pool, clock)
        (waiting,) = await sent_to(school, endpoint)
        assert (waiting["state"], waiting["status"], waiting["tries"]) == ("waiting", 503, 1)

        receiver.status = 200
        clock.now += timedelta(seconds=4)
        await work(pool, clock)
        assert len(receiver.calls) == 1  # five seconds are not over
        clock.now += timedelta(seconds=6)
        await work(pool, clock)

        first, repeat = receiver.calls
        assert first.headers["webhook-id"] == repeat.headers["webhook-id"]
        assert first.headers["webhook-timestamp"] != repeat.headers["webhook-timestamp"]
        assert verified(endpoint["secret"], first) == verified(endpoint["secret"], repeat)
        (done,) = await sent_to(school, endpoint)
        assert (done["state"], done["tries"]) == ("delivered", 2)


async def test_a_failing_message_holds_back_its_own_request_alone_and_order_is_kept(
    pool: Pool, clock: Clock
) -> None:
    receiver = Choosy()
    async with serving(pool, clock, SETTINGS) as network, receiving(receiver):
        institution_id, school = await network.institution()
        await listening(school, receiver)
        requests = [new_id(clock()) for _ in range(30)]
        stuck = show_id(REQUEST, requests[0])
        receiver.refusing = {stuck}
        for kind in ("created", "searching", "filled"):
            for one in requests:
                await happened(network, institution_id, kind, request=one)
        await work(pool, clock)

        kinds: defaultdict[str, list[str]] = defaultdict(list)
        for kind, about in heard(receiver):
            kinds[about].append(kind)
        wanted = ["request.created", "request.searching", "request.filled"]
        assert kinds.pop(stuck) == wanted[:1]
        assert len(kinds) == 29
        assert all(found == wanted for found in kinds.values())

        receiver.refusing.clear()
        clock.now += timedelta(seconds=10)
        before = len(receiver.calls)
        await work(pool, clock)
        assert heard(receiver)[before:] == [(kind, stuck) for kind in wanted]


async def test_while_a_secret_is_replaced_both_verify_and_after_a_day_the_new_one_alone(
    pool: Pool, clock: Clock
) -> None:
    receiver = Receiver()
    async with serving(pool, clock, SETTINGS) as network, receiving(receiver):
        institution_id, school = await network.institution()
        endpoint = await listening(school, receiver)
        old = endpoint["secret"]
        path = f"{ROOT}/{endpoint['id']}"
        new = (await school.patch(path, {"rotate_secret": True})).json()["secret"]
        await happened(network, institution_id, "created")
        await work(pool, clock)
        (call,) = receiver.calls
        assert verified(old, call) == verified(new, call)
        assert len(call.headers["webhook-signature"].split(" ")) == 2

        # The day is over: said by the database, since receivers compare with their own clock.
        await school.post(f"{path}/ping")
        clock.now += timedelta(hours=24)
        await work(pool, clock)
        assert len(receiver.calls[-1].headers["webhook-signature"].split(" ")) == 1


async def test_an_endpoint_that_is_gone_is_switched_off_and_hears_no_more(
    pool: Pool, clock: Clock
) -> None:
    receiver = Receiver(status=410)
    async with serving(pool, clock, SETTINGS) as network, receiving(receiver):
        institution_id, school = await network.institution()
        endpoint = await listening(school, receiver)
        await happened(network, institution_id, "created", "filled")
        await work(pool, clock)
        await happened(network, institution_id, "created")
        clock.now += timedelta(days=1)
        await work(pool, clock)

        assert len(receiver.calls) == 1
        assert (await school.get(f"{ROOT}/{endpoint['id']}")).json()["active"] is False
        states = {one["state"] for one in await sent_to(school, endpoint)}
        assert states == {"failed"}

        receiver.status = 200
        await school.patch(f"{ROOT}/{endpoint['id']}", {"active": True})
        after = await happened(network, institution_id, "created")
        await work(pool, clock)
        assert heard(receiver)[1:] == [("request.created", after)]


async def test_after_three_days_of_failing_an_endpoint_is_switched_off(
    pool: Pool, clock: Clock
) -> None:
    receiver = Receiver(status=500)
    async with serving(pool, clock, SETTINGS) as network, receiving(receiver):
        institution_id, school = await network.institution()
        endpoint = await listening(school, receiver)
        path = f"{ROOT}/{endpoint['id']}"
        await happened(network, institution_id, "created")
        began = clock()
        while clock() - began < timedelta(hours=71):
            await work(pool, clock)
            clock.now += timedelta(hours=1)
        shown = (await school.get(path)).json()
        assert shown["active"] is True
        assert shown["failing_since"] is not None

        for _ in range(40):
            clock.now += timedelta(hours=1)
            await work(pool, clock)
        assert (await school.get(path)).json()["active"] is False
        assert 5 <= len(receiver.calls) <= 10


async def test_one_that_answers_again_is_not_failing_any_more(pool: Pool, clock: Clock) -> None:
    receiver = Receiver(status=500)
    async with serving(pool, clock, SETTINGS) as network, receiving(receiver):
        institution_id, school = await network.institution()
        endpoint = await listening(school, receiver)
        await happened(network, institution_id, "created")
        await work(pool, clock)
        receiver.status = 204
        clock.now += timedelta(seconds=10)
        await work(pool, clock)
        assert (await school.get(f"{ROOT}/{endpoint['id']}")).json()["failing_since"] is None


async def test_a_worker_that_dies_between_sending_and_noting_sends_again_with_the_same_id(
    pool: Pool, clock: Clock
) -> None:
    receiver = Receiver(pause=60)
    async with serving(pool, clock, SETTINGS) as network, receiving(receiver):
        institution_id, school = await network.institution()
        endpoint = await listening(school, receiver)
        await happened(network, institution_id, "created", "filled")
        dying = asyncio.create_task(work(pool, clock))
        while not receiver.calls:
            assert not dying.done()
            await asyncio.sleep(0.01)
        dying.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await dying
        receiver.pause = 0

        await work(pool, clock)
        assert len(receiver.calls) == 1  # nobody knows that it died
        clock.now += timedelta(seconds=15)
        await work(pool, clock)

        first, again, following = receiver.calls
        assert first.headers["webhook-id"] == again.headers["webhook-id"]
        assert json.loads(following.body)["type"] == "request.filled"
        assert {one["state"] for one in await sent_to(school, endpoint)} == {"delivered"}


async def test_two_workers_at_once_send_everything_once_and_in_order(
    pool: Pool, clock: Clock
) -> None:
    receiver = Receiver(pause=0.01)
    async with serving(pool, clock, SETTINGS) as network, receiving(receiver):
        institution_id, school = await network.institution()
        endpoint = await listening(school, receiver)
        requests = [new_id(clock()) for _ in range(10)]
        for kind in ("created", "searching", "filled"):
            for one in requests:
                await happened(network, institution_id, kind, request=one)
        endpoint_id = read_id("whe", endpoint["id"])

        async def a_worker() -> None:
            for _ in range(3):
                await work(pool, clock)
                await JOBS["webhook"](pool, network_id=network.id, id=endpoint_id, clock=clock)

        await asyncio.gather(*(a_worker() for _ in range(3)))
        assert len(webhook_ids(receiver)) == 90 // 3
        assert len(set(webhook_ids(receiver))) == 30
        kinds: defaultdict[str, list[str]] = defaultdict(list)
        for kind, about in heard(receiver):
            kinds[about].append(kind)
        wanted = ["request.created", "request.searching", "request.filled"]
        assert list(kinds.values()) == [wanted] * 10


async def test_a_ping_arrives_signed_and_without_an_event(pool: Pool, clock: Clock) -> None:
    receiver = Receiver()
    async with serving(pool, clock, SETTINGS) as network, receiving(receiver):
        _, school = await network.institution()
        endpoint = await listening(school, receiver)
        ping = (await school.post(f"{ROOT}/{endpoint['id']}/ping")).json()
        await work(pool, clock)
        (call,) = receiver.calls
        message = verified(endpoint["secret"], call)
        assert (message["type"], message["data"]["event_id"]) == ("endpoint.ping", None)
        assert call.headers["webhook-id"] == ping["webhook_id"]
        with pytest.raises(WebhookVerificationError):
            Webhook("whsec_" + "A" * 43 + "=").verify(call.body, dict(call.headers))


async def test_a_name_that_leads_into_the_house_is_not_called_when_it_is_sent(
    pool: Pool, clock: Clock
) -> None:
    receiver = Receiver()
    async with serving(pool, clock, SETTINGS) as network, receiving(receiver):
        _, school = await network.institution()
        endpoint = await listening(school, receiver)
        await school.post(f"{ROOT}/{endpoint['id']}/ping")
        careful = webhooks.sender(allow_private=False)
        endpoint_id = read_id("whe", endpoint["id"])
        await careful(pool, network_id=network.id, id=endpoint_id, clock=clock)

        assert receiver.calls == []
        (delivery,) = await sent_to(school, endpoint)
        assert (delivery["state"], delivery["status"]) == ("waiting", None)
        assert delivery["error"] in {"private-address", "invalid-address"}


async def test_event_ids_are_webhook_ids(pool: Pool, clock: Clock) -> None:
    receiver = Receiver()
    async with serving(pool, clock, SETTINGS) as network, receiving(receiver):
        institution_id, school = await network.institution()
        await listening(school, receiver)
        await happened(network, institution_id, "created")
        await work(pool, clock)
        (one,) = webhook_ids(receiver)
        read_id(EVENT, one)
        assert one == json.loads(receiver.calls[0].body)["data"]["event_id"]
