"""`/app/expenses`: what one interpreter spent for one session, in words, and nobody else's."""

from datetime import timedelta
from typing import Any

import pytest

from api import serving
from centre import START, Centre, Json, Person
from conftest import Clock
from interpreters.database import Pool
from phone import signed_in

pytestmark = pytest.mark.anyio


def euro(amount_minor: int) -> Json:
    return {"amount_minor": amount_minor, "currency": "EUR"}


async def said(person: Person, booking: Json, **fields: Any) -> Json:
    response = await person.api.post(f"/v1/bookings/{booking['id']}/expenses", fields)
    assert response.status_code == 201, response.text
    made: Json = response.json()
    return made


async def looked(centre: Centre, token: str | None, path: str) -> Any:
    headers = {} if token is None else {"Cookie": f"interpreters_token={token}"}
    return await centre.network.client.get(path, headers=headers)


async def test_what_may_be_said_goes_from_asking_to_spending_to_nothing(
    pool: Pool, clock: Clock
) -> None:
    """Asked 48 hours before at the latest is answered within a day; 60 days after it is over."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.coordinator.patch("/v1/network", {"travel_approval_minor": 5000})
        person = await centre.person()
        booking = await centre.booked(person)
        path = f"/app/expenses?booking={booking['id']}&lang=en"
        token = await signed_in(network, person)
        clock.now = START - timedelta(days=5)  # in Riga 10:00 as well
        before = (await looked(centre, token, path)).json()
        assert (before["way"], before["limit"], before["decimals"]) == ("ask", "€50.00", 2)
        assert before["answer_by"] == "Nov 21 10:00"
        assert ["taxi", "Taxi"] in before["kinds"]
        made = await said(person, booking, kind="taxi", amount=euro(6000), beforehand=True)
        [asked] = (await looked(centre, token, path)).json()["expenses"]
        assert (asked["kind"], asked["amount"], asked["state_text"], asked["answer_by"]) == (
            "Taxi", "€60.00", "Asked before it is spent", "Nov 21 10:00",
        )  # fmt: skip
        finance = await network.caller("finance")
        await finance.post(f"/v1/expenses/{made['id']}/approve", {"amount": euro(5500)})
        clock.now = START + timedelta(hours=1)
        during = (await looked(centre, token, path)).json()
        [agreed] = during["expenses"]
        assert (during["way"], during["answer_by"]) == ("spend", None)
        assert (agreed["granted"], agreed["usual"], agreed["may_spend"]) == (
            "€55.00",
            "55.00",
            True,
        )
        clock.now = START + timedelta(days=62)
        assert (await looked(centre, token, path)).json()["way"] == "late"


async def test_a_session_stands_in_the_pay_until_nothing_may_be_said_of_it(
    pool: Pool, clock: Clock
) -> None:
    """From its start until 60 days after its end."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person, other = await centre.people(2)
        booking = await centre.booked(person)
        token, theirs = [await signed_in(network, one) for one in (person, other)]

        async def spendable(holder: str) -> list[Json]:
            found: Json = (await looked(centre, holder, "/app/pay?lang=en")).json()
            sessions: list[Json] = found["spendable"]
            return sessions

        assert await spendable(token) == []
        clock.now = START + timedelta(minutes=1)
        assert [one["id"] for one in await spendable(token)] == [booking["id"]]
        clock.now = START + timedelta(hours=1, days=60)
        [session] = await spendable(token)
        assert set(session) == {"id", "languages", "day", "times", "state_text"}
        assert await spendable(theirs) == []
        clock.now += timedelta(seconds=1)
        assert await spendable(token) == []


async def test_nobody_sees_what_another_spent(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person, other = await centre.people(2)
        booking = await centre.booked(person)
        clock.now = START + timedelta(hours=2)
        await said(person, booking, kind="taxi", amount=euro(2350), note="Rain")
        path = f"/app/expenses?booking={booking['id']}&lang=en"
        nobody = await looked(centre, None, path)
        assert (nobody.json(), nobody.headers["cache-control"]) == ({"who": None}, "no-store")
        stranger = await looked(centre, await signed_in(network, other), path)
        assert stranger.status_code == 404
        assert "Rain" not in stranger.text
        for role in ("finance", "coordinator"):
            somebody = await network.person([role], email=f"{role}@example.org")
            refused = await looked(centre, somebody.token, path)
            assert refused.status_code == 403
        token = await signed_in(network, person)
        assert (await looked(centre, token, "/app/expenses")).status_code == 404
        own = (await looked(centre, token, path)).json()
        assert [one["note"] for one in own["expenses"]] == ["Rain"]


async def test_a_paid_expense_is_named_in_the_pay_and_has_no_minutes(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        booking = await centre.booked(person)
        clock.now = START + timedelta(hours=2)
        paid, refused = [
            await said(person, booking, kind="parking", amount=euro(amount))
            for amount in (800, 900)
        ]
        finance = await network.caller("finance")
        await finance.post(f"/v1/expenses/{paid['id']}/approve", {})
        await finance.post(f"/v1/expenses/{refused['id']}/refuse", {"reason": "Twice the same"})
        token = await signed_in(network, person)
        this, _ = (await looked(centre, token, "/app/pay?lang=en")).json()["months"]
        [line] = this["lines"]
        assert (line["kind"], line["amount"], line["minutes"]) == ("Expenses", "€8.00", None)
        assert line["spent"] == "Parking"
        assert line["expenses"] == booking["id"]
        path = f"/app/expenses?booking={booking['id']}&lang=en"
        found = {one["id"]: one for one in (await looked(centre, token, path)).json()["expenses"]}
        assert found[paid["id"]]["state_text"] == "Paid"
        assert found[refused["id"]]["state_text"] == "Refused"
        assert found[refused["id"]]["reason"] == "Twice the same"
