"""What interpreters spend: asked about, submitted, decided, paid once, and told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from api import Api, serving
from centre import START, Centre, Json, Person, z
from conftest import Clock
from interpreters.database import Pool
from interpreters.jobs.expenses import teller
from people_post import Post

pytestmark = pytest.mark.anyio
TAXI: Json = {"kind": "taxi", "amount": {"amount_minor": 2350, "currency": "EUR"}}
BOSS = "boss@example.org"


class Trip:
    """A booking, whose interpreter spends something for it."""

    def __init__(self, centre: Centre, person: Person, booking: Json, finance: Api) -> None:
        self.centre = centre
        self.person = person
        self.booking = booking
        self.finance = finance

    async def said(self, api: Api, body: Json) -> Any:
        return await api.post(f"/v1/bookings/{self.booking['id']}/expenses", body)

    async def made(self, **changes: Any) -> Json:
        response = await self.said(self.person.api, {**TAXI, **changes})
        assert response.status_code == 201, response.text
        shown: Json = response.json()
        return shown

    async def verb(self, api: Api, expense: Json, verb: str, body: Json | None = None) -> Json:
        response = await api.post(f"/v1/expenses/{expense['id']}/{verb}", body or {})
        assert response.status_code == 200, response.text
        shown: Json = response.json()
        return shown

    async def entries(self, api: Api) -> list[Json]:
        found: list[Json] = (await api.get("/v1/usage/entries")).json()["items"]
        return found


@asynccontextmanager
async def trip(pool: Pool, clock: Clock, threshold: int | None = None) -> AsyncIterator[Trip]:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        changed = await centre.coordinator.patch(
            "/v1/network", {"travel_approval_minor": threshold}
        )
        assert changed.json()["travel_approval_minor"] == threshold
        person = await centre.person()
        booking = await centre.booked(person)
        yield Trip(centre, person, booking, await network.caller("finance"))


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


async def test_what_was_spent_is_approved_and_stands_in_the_ledger_once(
    pool: Pool, clock: Clock
) -> None:
    async with trip(pool, clock) as one:
        clock.now = START + timedelta(hours=2)
        made = await one.made(receipt="no. 17, 25.11.2026", note="Rain")
        assert (made["state"], made["amount"]) == ("submitted", TAXI["amount"])
        assert (made["receipt"], made["note"], made["decide_by"]) == (
            "no. 17, 25.11.2026", "Rain", None,
        )  # fmt: skip

        done = await one.verb(
            one.finance, made, "approve", {"amount": {"amount_minor": 2000, "currency": "EUR"}}
        )
        again = await one.verb(one.finance, made, "approve")

        assert done == again
        assert (done["state"], done["approved"]["amount_minor"]) == ("approved", 2000)
        (entry,) = await one.entries(one.finance)
        assert entry["id"] == done["usage_entry_id"]
        assert (entry["kind"], entry["pay"]["amount_minor"]) == ("adjustment", 2000)
        assert (entry["charge"]["amount_minor"], entry["billable_minutes"]) == (0, 0)
        assert [line["kind"] for line in entry["lines"]] == ["expense"]
        assert (await one.person.api.get(f"/v1/expenses/{made['id']}")).json() == done


async def test_an_institution_sees_neither_the_expense_nor_what_it_is_not_charged(
    pool: Pool, clock: Clock
) -> None:
    async with trip(pool, clock) as one:
        clock.now = START + timedelta(hours=2)
        kept, charged = await one.made(), await one.made()
        school = one.centre.school
        for path in ("/v1/expenses", f"/v1/expenses/{kept['id']}"):
            assert (await school.get(path)).status_code == 403
        assert (await one.said(school, TAXI)).status_code == 403
        await one.verb(one.finance, kept, "approve")
        assert await one.entries(school) == []

        await one.verb(one.finance, charged, "approve", {"charge_on": True})

        (entry,) = await one.entries(school)
        assert (entry["charge"]["amount_minor"], entry["pay"]) == (2350, None)
        told = [event for event in await one.centre.events(school) if event == "usage.recorded"]
        assert told == ["usage.recorded"]
        assert len(await one.entries(one.finance)) == 2


async def test_the_statements_hold_what_is_paid_back_and_what_is_charged_on(
    pool: Pool, clock: Clock
) -> None:
    async with trip(pool, clock) as one:
        clock.now = START + timedelta(hours=2)
        await one.verb(one.finance, await one.made(), "approve")
        paid = await statement(one, f"pay-statements/{one.person.id}")
        assert [line["amount"]["amount_minor"] for line in paid] == [2350]
        owed = f"statements/{one.centre.institution['id']}"
        assert await statement(one, owed) == []
        await one.verb(one.finance, await one.made(), "approve", {"charge_on": True})
        charged = await statement(one, owed)
        assert [line["amount"]["amount_minor"] for line in charged] == [2350]


async def statement(one: Trip, whose: str) -> list[Json]:
    response = await one.finance.get(f"/v1/{whose}/2026-11")
    assert response.status_code == 200, response.text
    lines: list[Json] = response.json()["lines"]
    return lines


async def test_another_interpreter_does_not_find_it(pool: Pool, clock: Clock) -> None:
    async with trip(pool, clock) as one:
        clock.now = START + timedelta(hours=2)
        made, stranger = await one.made(), (await one.centre.person()).api
        assert (await stranger.get("/v1/expenses")).json()["items"] == []
        theirs = f"/v1/expenses?interpreter_id={one.person.id}"
        assert (await stranger.get(theirs)).json()["items"] == []
        assert (await stranger.get(f"/v1/expenses/{made['id']}")).status_code == 404
        assert (await stranger.post(f"/v1/expenses/{made['id']}/withdraw")).status_code == 404
        assert (await one.said(stranger, TAXI)).status_code == 404
        assert (await one.person.api.post(f"/v1/expenses/{made['id']}/approve")).status_code == 403
        listed = f"/v1/expenses?state=submitted&booking_id={one.booking['id']}"
        assert (await one.centre.coordinator.get(listed)).json()["items"] == [made]


async def test_dear_travel_is_asked_about_first(pool: Pool, clock: Clock) -> None:
    async with trip(pool, clock, threshold=2000) as one:
        asked = await one.made(beforehand=True)
        day = timedelta(hours=24)
        by = min(clock.now + day, START - timedelta(hours=48))
        by = max(by, clock.now + timedelta(hours=1))
        assert (asked["state"], asked["decide_by"]) == ("asked", z(by))
        limit = {"amount": {"amount_minor": 2300, "currency": "EUR"}}
        agreed = await one.verb(one.centre.coordinator, asked, "approve", limit)
        assert (agreed["state"], agreed["agreed"]["amount_minor"]) == ("agreed", 2300)
        early = await one.person.api.post(f"/v1/expenses/{asked['id']}/submit")
        assert code(early) == (409, "too-early")

        clock.now = START + timedelta(hours=2)
        assert code(await one.said(one.person.api, TAXI)) == (409, "needs-approval-beforehand")
        spent = await one.verb(one.person.api, asked, "submit", {**limit, "receipt": "17"})
        assert (spent["state"], spent["receipt"]) == ("submitted", "17")
        cheap = {"amount": {"amount_minor": 2000, "currency": "EUR"}}
        assert (await one.made(**cheap))["state"] == "submitted"
        more = {"kind": "parking", "amount": {"amount_minor": 1, "currency": "EUR"}}
        assert code(await one.said(one.person.api, more)) == (409, "needs-approval-beforehand")
        # What a coordinator enters is a coordinator's word.
        assert (await one.said(one.centre.coordinator, more)).status_code == 201
        done = await one.verb(one.finance, asked, "approve")
        assert done["approved"]["amount_minor"] == 2300


async def test_what_cannot_be_is_refused_with_its_reason(pool: Pool, clock: Clock) -> None:
    async with trip(pool, clock) as one:
        api = one.person.api
        assert code(await one.said(api, TAXI)) == (409, "too-early")
        clock.now = START + timedelta(hours=2)
        lats = {**TAXI, "amount": {"amount_minor": 100, "currency": "SEK"}}
        assert code(await one.said(api, lats)) == (422, "wrong-currency")
        nothing = {**TAXI, "amount": {"amount_minor": 0, "currency": "EUR"}}
        assert code(await one.said(api, nothing)) == (422, "validation")
        assert code(await one.said(api, {**TAXI, "beforehand": True})) == (409, "too-late")
        made = await one.made()
        much = {"amount": {"amount_minor": 2351, "currency": "EUR"}}
        over = await one.finance.post(f"/v1/expenses/{made['id']}/approve", much)
        assert code(over) == (422, "validation")
        no = await one.verb(one.finance, made, "refuse", {"reason": "The tram goes there"})
        assert (no["state"], no["reason"]) == ("refused", "The tram goes there")
        late = await one.finance.post(f"/v1/expenses/{made['id']}/approve")
        assert code(late) == (409, "wrong-state")
        clock.now = START + timedelta(hours=1, days=60, seconds=1)
        assert code(await one.said(api, TAXI)) == (409, "too-late")
        assert await one.entries(one.finance) == []


async def told(one: Trip, post: Post) -> list[tuple[str, str]]:
    """Return what was told about expenses by now: purpose and recipient."""
    job = teller(post.out)
    for due in await post.due("expense"):
        for _ in range(2):  # a job may run twice
            await job(
                one.centre.network.pool, network_id=due.network_id, id=due.id,
                clock=one.centre.clock,
            )  # fmt: skip
    sent = await post.sent()
    return sorted(
        (it.purpose, it.recipient or "") for it in sent if it.purpose.startswith("expense")
    )


async def test_coordinators_hear_of_a_question_and_once_more_when_nobody_answers(
    pool: Pool, clock: Clock
) -> None:
    async with trip(pool, clock, threshold=0) as one:
        await one.centre.network.person(["coordinator"], email=BOSS)
        post = Post(one.centre)
        asked = await one.made(beforehand=True)
        assert await told(one, post) == [("expense-asked", BOSS)]
        ((_, at),) = await post.planned("expense")
        assert z(at) == asked["decide_by"]
        clock.now = at
        assert await told(one, post) == [("expense-asked", BOSS), ("expense-waits", BOSS)]
        assert await post.planned("expense") == []
        shown = (await one.finance.get(f"/v1/expenses/{asked['id']}")).json()
        assert shown["state"] == "asked"  # silence is neither a yes nor a no
        await one.verb(one.finance, asked, "refuse", {"reason": "No"})
        heard = await told(one, post)
        assert heard == [
            ("expense-asked", BOSS), ("expense-decided", "p1@example.org"), ("expense-waits", BOSS),
        ]  # fmt: skip
        assert not [it for it in await post.sent() if "23.50" in it.body or "2350" in it.body]


async def test_the_pay_of_a_booking_holds_what_it_earns_and_what_is_paid_back(
    pool: Pool, clock: Clock
) -> None:
    async with trip(pool, clock) as one:
        rate = {"mode": "in_person", "charge_per_hour_minor": 4800, "pay_per_hour_minor": 3000}
        price = {"name": "2026", "default": True, "valid_from": "2026-01-01", "rates": [rate]}
        assert (await one.centre.coordinator.post("/v1/tariffs", price)).status_code == 201
        shown = f"/v1/bookings/{one.booking['id']}"
        clock.now = START
        await one.person.api.post(f"{shown}/start")
        await one.verb(one.finance, await one.made(), "approve")
        assert (await one.person.api.get(shown)).json()["pay"]["amount_minor"] == 3000 + 2350
        clock.now = START + timedelta(hours=1)
        await one.person.api.post(f"{shown}/end")
        assert (await one.person.api.get(shown)).json()["pay"]["amount_minor"] == 3000 + 2350
