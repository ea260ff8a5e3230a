"""A replacement instead of a late fee, through the doors, added up by hand.

Sessions are on Wednesday 25 November 2026 from 10:00 in Riga for three hours: 48.00 an hour are
charged and 30.00 paid in person, half of that by phone, and 26 km of way cost 7.80 and pay 6.50.
Called off from Monday 10:00 on, the whole price is owed without the way: 144.00 and 90.00.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, TypeAlias

import pytest

from api import serving
from centre import START, Centre, Json, Person, z
from conftest import Clock
from interpreters.application.ledger_checks import check_ledger
from interpreters.database import Pool
from over import TARIFF, euro, opened, path_of

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
PRICES: Json = {
    **TARIFF, "valid_from": "2026-02-01",
    "rates": [*TARIFF["rates"],
              {"mode": "phone", "charge_per_hour_minor": 2400, "pay_per_hour_minor": 1500}],
}  # fmt: skip
RULE: Json = {"free_until_hours": 48, "fee_percent": 100, "replacement": True}
Late: TypeAlias = tuple[Centre, Person, Json, Json]
WHY: Json = {"reason": "The family moved"}


async def called_off(network: Any, clock: Clock, *, rule: Json = RULE, **order: Any) -> Late:
    """A booking called off a day before, and what that answered."""
    centre, person = await opened(network, clock)
    finance = await network.caller("finance")
    await centre.made(finance, "/v1/tariffs", PRICES)
    await centre.made(finance, "/v1/cancellation-policies", {
        "name": "2026", "default": True, "valid_from": "2026-01-01", "rules": [rule],
    })  # fmt: skip
    booking = await centre.booked(person, duration_minutes=180, **order)
    centre.at(days=1)
    answer = await centre.school.post(path_of(booking, "cancel"), WHY)
    assert answer.status_code == 200, answer.text
    return centre, person, booking, answer.json()


@pytest.fixture
async def late(pool: Pool, clock: Clock) -> AsyncIterator[Late]:
    """A booking called off late; when the test has ended, the books add up."""
    async with serving(pool, clock) as network:
        yield await called_off(network, clock)
        assert await adds_up(network) == []


def instead(centre: Centre, booking: Json, **changes: Any) -> Json:
    """The order of an hour in person within the time, from 11:00."""
    asked = {"starts_at": z(START + HOUR), "duration_minutes": 60} | changes
    return centre.order(replaces=booking["id"], **asked)


async def entries(centre: Centre, booking: Json) -> list[Json]:
    items = (await centre.coordinator.get("/v1/usage/entries?limit=200")).json()["items"]
    own = [one for one in items if one["booking_id"] == booking["id"]]
    return sorted(own, key=lambda one: (one["recorded_at"], one["kind"] == "adjustment"))


def sums(found: list[Json]) -> tuple[int, int]:
    return (
        sum(one["charge"]["amount_minor"] for one in found),
        sum(one["pay"]["amount_minor"] for one in found),
    )


async def replaced(centre: Centre, booking: Json, **changes: Any) -> Json:
    """Ask for the replacement, and return its booking."""
    request = await centre.made(centre.school, "/v1/requests", instead(centre, booking, **changes))
    assert (request["state"], request["replaces"]) == ("filled", booking["id"])
    [booking_id] = request["booking_ids"]
    found: Json = (await centre.school.get(f"/v1/bookings/{booking_id}")).json()
    return found


async def carried_out(centre: Centre, person: Person, booking: Json, minutes: int) -> None:
    centre.clock.now = START + HOUR
    assert (await person.api.post(path_of(booking, "start"))).status_code == 200
    centre.clock.now += timedelta(minutes=minutes)
    assert (await person.api.post(path_of(booking, "end"))).status_code == 200


async def adds_up(network: Any) -> list[Any]:
    return [one async for one in check_ledger(network.pool, network_id=network.id)]


async def test_the_answer_says_until_when_something_else_may_take_the_place(late: Late) -> None:
    centre, _, booking, answer = late
    assert answer["fee"]["charge"] == euro(14400)
    assert answer["replacement_until"] == z(START + 3 * HOUR)
    again = await centre.school.post(path_of(booking, "cancel"), WHY)
    assert again.json()["replacement_until"] == z(START + 3 * HOUR)
    for caller in (centre.school, centre.coordinator):
        assert await until(caller, booking) == z(START + 3 * HOUR)
    await replaced(centre, booking)
    assert await until(centre.school, booking) is None  # once


async def until(caller: Any, booking: Json) -> Any:
    """Return what the booking itself says of how long it may be replaced; None: nothing."""
    shown = (await caller.get(f"/v1/bookings/{booking['id']}")).json()["cancellation"]
    return shown.get("replacement_until")


async def test_a_preview_says_what_the_replacement_costs_or_why_it_cannot_be(late: Late) -> None:
    centre, _, booking, _ = late
    looked = await centre.school.post("/v1/requests/preview", instead(centre, booking))
    told = looked.json()
    # 144.00, not to be undercut, and the way: 26 km, told in whole tens, for 0.30 each.
    assert (told["quote"], told["likelihood"]) == (euro(14400 + 900), "likely")
    assert (told["alternatives"], told["excluded"]) == ([], [])
    longer = instead(centre, booking, starts_at=z(START), duration_minutes=240)
    for order, code in (
        (longer, "outside-replaced-time"),
        (instead(centre, booking, language="uk"), "replacement-does-not-fit"),
    ):
        refused = await centre.school.post("/v1/requests/preview", order)
        assert (refused.status_code, refused.json()["code"]) == (409, code)
    await replaced(centre, booking)
    again = await centre.school.post("/v1/requests/preview", instead(centre, booking))
    assert again.json()["code"] == "already-replaced"
    centre.clock.now = START + 3 * HOUR
    over = await centre.school.post(path_of(booking, "cancel"), WHY)
    assert over.json()["replacement_until"] is None


async def test_a_replacement_books_the_interpreter_and_takes_the_fee_back(late: Late) -> None:
    centre, person, booking, _ = late
    other = await centre.person()  # as good, nearer, and not asked
    second = await replaced(centre, booking)
    assert second["interpreter"]["id"] == person.id
    assert second["state"] == "confirmed"
    assert await other.offers() == []
    fee, back = await entries(centre, booking)
    assert sums([fee, back]) == (0, 0)
    assert (back["kind"], back["reason_code"]) == ("adjustment", "replaced")
    assert back["corrects_id"] == fee["id"]
    assert back["rule"] == fee["rule"] | {"replaced_by": second["id"]}
    assert (back["billable_minutes"], back["charge"]) == (0, euro(-14400))
    assert "usage.recorded" in await centre.events(centre.school)
    [slot] = (await centre.coordinator.get("/v1/freed-slots")).json()["items"]
    assert slot["request_id"] == second["request_id"]
    again = await centre.school.post(path_of(booking, "cancel"), WHY)
    assert again.json()["replacement_until"] is None


async def test_the_larger_of_the_replaced_and_the_replacement_is_owed(late: Late) -> None:
    centre, person, booking, _ = late
    second = await replaced(centre, booking)
    assert (await person.api.get(f"/v1/bookings/{second['id']}")).json()["pay"] == euro(9650)
    await carried_out(centre, person, second, 60)
    [held] = await entries(centre, second)
    assert held["lines"] == [
        {"kind": "base", "minutes": 60, "charge": euro(4800), "pay": euro(3000)},
        {"kind": "travel", "km": 26, "charge": euro(780), "pay": euro(650)},
        {"kind": "replaced", "charge": euro(9600), "pay": euro(6000)},
    ]
    assert (held["charge"], held["pay"]) == (euro(15180), euro(9650))
    seen = (await centre.school.get("/v1/usage/entries")).json()["items"]
    rules = [one["rule"]["replaces"] for one in seen if one["booking_id"] == second["id"]]
    assert rules == [{
        "booking": booking["id"], "charge_time_minor": 14400, "charge_travel_minor": 0,
    }]  # fmt: skip
    assert await adds_up(centre.network) == []
    # Corrected to four hours: what it was is the larger now, and the way is the same
    centre.clock.now += 4 * HOUR
    later = {"ended_at": z(START + 5 * HOUR), "reason": "It went on"}
    fixed = await centre.coordinator.post(path_of(second, "correct-times"), later)
    assert fixed.status_code == 200, fixed.text
    assert sums(await entries(centre, second)) == (4 * 4800 + 780, 4 * 3000 + 650)


async def test_by_phone_instead_nobody_earns_less(late: Late) -> None:
    centre, person, booking, _ = late
    by_phone = {"modes": ["phone"], "site_id": None, "duration_minutes": 120}
    second = await replaced(centre, booking, **by_phone)
    await carried_out(centre, person, second, 120)
    [held] = await entries(centre, second)
    assert (held["charge"], held["pay"]) == (euro(14400), euro(9000))
    assert held["lines"][-1] == {"kind": "replaced", "charge": euro(9600), "pay": euro(6000)}


async def test_a_client_who_does_not_come_is_owed_for_like_the_replaced(late: Late) -> None:
    centre, person, booking, _ = late
    second = await replaced(centre, booking)
    centre.clock.now = START + 2 * HOUR
    assert (await person.api.post(path_of(second, "client-no-show"))).status_code == 200
    assert sums(await entries(centre, second)) == (15180, 9650)


async def test_a_replacement_called_off_brings_the_fee_back_once(late: Late) -> None:
    centre, _, booking, _ = late
    second = await replaced(centre, booking)
    shown = (await centre.school.get(f"/v1/bookings/{second['id']}")).json()["cancellation"]
    assert (shown["charge_now"], shown["free_until"]) == (euro(14400), None)
    for _ in range(2):
        gone = await centre.school.post(path_of(second, "cancel"), WHY)
        assert (gone.status_code, gone.json()["fee"]["charge"]) == (200, euro(14400))
        assert gone.json()["replacement_until"] is None
    assert await entries(centre, second) == []
    found = await entries(centre, booking)
    assert sums(found) == (14400, 9000)
    assert sorted(str(one["reason_code"]) for one in found) == [
        "None", "replaced", "replacement-called-off",
    ]  # fmt: skip
    told = (await centre.school.get(f"/v1/bookings/{second['id']}")).json()["cancellation"]
    assert told["charge_now"] == euro(14400)
    for wanted, code in ((second, "replacement-of-replacement"), (booking, "already-replaced")):
        refused = await centre.school.post("/v1/requests", instead(centre, wanted))
        assert (refused.status_code, refused.json()["code"]) == (409, code)


async def test_what_calling_the_request_off_costs_is_the_same(late: Late) -> None:
    centre, _, booking, _ = late
    second = await replaced(centre, booking)
    gone = await centre.school.post(f"/v1/requests/{second['request_id']}/cancel", WHY)
    assert gone.status_code == 200
    assert sums(await entries(centre, booking)) == (14400, 9000)


async def test_our_fault_and_an_interpreter_who_leaves_bring_nothing_back(late: Late) -> None:
    centre, person, booking, _ = late
    second = await replaced(centre, booking)
    other = await centre.person()
    left = await person.api.post(path_of(second, "give-back"), {"reason": "Ill"})
    assert left.status_code == 200, left.text
    assert sums(await entries(centre, booking)) == (0, 0)
    third = await other.accept({"id": second["request_id"]})
    await carried_out(centre, other, third, 60)  # owed what they do
    assert sums(await entries(centre, third)) == (4800, 3000)


async def test_waived_by_a_coordinator_costs_nothing(late: Late) -> None:
    centre, _, booking, _ = late
    second = await replaced(centre, booking)
    ours = WHY | {"reason_code": "system_fault"}
    gone = await centre.coordinator.post(path_of(second, "cancel"), ours)
    assert gone.json()["fee"]["charge"] == euro(0)
    assert sums(await entries(centre, booking)) == (0, 0)


async def test_a_replacement_lies_within_the_booked_time(late: Late) -> None:
    centre, _, booking, _ = late
    for start, minutes in ((START - timedelta(minutes=1), 60), (START + 2.5 * HOUR, 31)):
        wrong = instead(centre, booking, starts_at=z(start), duration_minutes=minutes)
        refused = await centre.school.post("/v1/requests", wrong)
        assert (refused.status_code, refused.json()["code"]) == (409, "outside-replaced-time")
        assert "2026-11-25T11:00:00+00:00" in refused.json()["detail"]
    assert (await centre.school.get("/v1/requests?state=filled")).json()["items"] == []
    edge = await replaced(centre, booking, starts_at=z(START), duration_minutes=180)
    assert edge["state"] == "confirmed"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"language": "pashto"}, "replacement-does-not-fit"),
        ({"interpreters_needed": 2}, "replacement-in-group"),
        ({"recurrence": "FREQ=DAILY;COUNT=2"}, "replacement-in-group"),
    ],
)
async def test_what_does_not_fit_is_refused_and_nothing_is_stored(
    late: Late, changes: Json, code: str
) -> None:
    centre, _, booking, _ = late
    refused = await centre.school.post("/v1/requests", instead(centre, booking, **changes))
    assert (refused.status_code, refused.json()["code"]) == (409, code)
    assert sums(await entries(centre, booking)) == (14400, 9000)
    assert (await centre.school.get("/v1/requests?state=searching")).json()["items"] == []


async def test_who_is_busy_since_is_not_booked_twice(late: Late) -> None:
    centre, person, booking, _ = late
    await centre.booked(person, starts_at=z(START + HOUR))
    refused = await centre.school.post("/v1/requests", instead(centre, booking))
    assert (refused.status_code, refused.json()["code"]) == (409, "replacement-does-not-fit")


async def test_another_institutions_booking_is_not_there(late: Late) -> None:
    centre, _, booking, _ = late
    police, stranger = await centre.network.institution("Police")
    order = instead(centre, booking, modes=["phone"], site_id=None, institution_id=police)
    nobodys = order | {"replaces": "bkg_00000000000000000000000000"}
    for body in (order, nobodys):
        refused = await stranger.post("/v1/requests", body)
        assert refused.status_code == 422, refused.text
        assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [
            ("/replaces", "unknown-booking")
        ]


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param({**RULE, "replacement": False}, id="a rule without"),
        pytest.param({**RULE, "free_until_hours": 12}, id="in time"),
    ],
)
async def test_without_a_late_fee_of_such_a_rule_nothing_is_replaced(
    pool: Pool, clock: Clock, rule: Json
) -> None:
    async with serving(pool, clock) as network:
        centre, _, booking, answer = await called_off(network, clock, rule=rule)
        assert answer["replacement_until"] is None
        refused = await centre.school.post("/v1/requests", instead(centre, booking))
        assert (refused.status_code, refused.json()["code"]) == (409, "fee-not-replaceable")


async def test_a_live_booking_and_a_fee_that_was_argued_about_are_not_replaced(late: Late) -> None:
    centre, person, booking, _ = late
    live = await centre.booked(person, starts_at=z(START + 30 * HOUR))
    refused = await centre.school.post(
        "/v1/requests", instead(centre, live, starts_at=z(START + 30 * HOUR))
    )
    assert refused.json()["code"] == "fee-not-replaceable"
    made = await centre.school.post(path_of(booking, "dispute"), {"reason": "Snow"})
    answer = {"answer": "Half", "outcome": "upheld", "correction": {"adjustment": {
        "minutes": 0, "charge_minor": -7200, "pay_minor": 0, "reason_code": "snow",
    }}}  # fmt: skip
    done = await centre.coordinator.post(f"/v1/disputes/{made.json()['id']}/answer", answer)
    assert done.status_code == 200, done.text
    refused = await centre.school.post("/v1/requests", instead(centre, booking))
    assert refused.json()["code"] == "fee-not-replaceable"


async def test_the_same_call_again_is_the_same_replacement(late: Late) -> None:
    centre, _, booking, _ = late
    body, key = instead(centre, booking), {"Idempotency-Key": "one-replacement"}
    first = await centre.school.post("/v1/requests", body, headers=key)
    again = await centre.school.post("/v1/requests", body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert len(await entries(centre, booking)) == 2
