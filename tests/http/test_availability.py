"""Weekly hours, "available now" and free/busy through their doors."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from api import serving
from interpreters.application.calls import run
from interpreters.database import Pool
from interpreters.domain.ids import INTERPRETER, read_id
from ledger import Ledger, at
from roster import Clock, added, an_institution, another_network, errors_of, supply_of, themselves

pytestmark = pytest.mark.anyio

OFFICE = [{"day": "mon", "from": "09:00", "to": "17:00"}]


async def test_without_weekly_hours_an_interpreter_is_asked_at_any_hour(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await added(coordinator)
        shown = await coordinator.get(f"/v1/interpreters/{one['id']}/availability")
        assert (shown.status_code, shown.json()) == (
            200,
            {
                "weekly": [],
                "outside_hours": "ask",
                "available_until": None,
                "time_zone": "Europe/Riga",
                "version": 1,
            },
        )


async def test_weekly_hours_are_replaced_whole_in_order_of_the_week(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await added(coordinator)
        path = f"/v1/interpreters/{one['id']}/availability"
        await coordinator.put(path, {"weekly": OFFICE})
        replaced = await coordinator.put(
            path,
            {
                "weekly": [
                    {"day": "sun", "from": "00:00", "to": "03:15"},
                    {"day": "sat", "from": "22:00", "to": "24:00"},
                    {"day": "sat", "from": "08:00", "to": "12:00"},
                    {"day": "sat", "from": "11:00", "to": "13:00"},
                ],
                "outside_hours": "never",
            },
        )
        assert replaced.status_code == 200, replaced.text
        assert replaced.json() == {
            "weekly": [
                {"day": "sat", "from": "08:00", "to": "13:00"},
                {"day": "sat", "from": "22:00", "to": "24:00"},
                {"day": "sun", "from": "00:00", "to": "03:15"},
            ],
            "outside_hours": "never",
            "available_until": None,
            "time_zone": "Europe/Riga",
            "version": 3,
        }
        assert (await coordinator.get(path)).json() == replaced.json()
        stale = await coordinator.put(path, {"weekly": []}, headers={"If-Match": '"2"'})
        assert stale.status_code == 412


async def test_wrong_hours_are_named_row_by_row(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await added(coordinator)
        response = await coordinator.put(
            f"/v1/interpreters/{one['id']}/availability",
            {
                "weekly": [
                    {"day": "monday", "from": "09:00", "to": "17:00"},
                    {"day": "tue", "from": "09:10", "to": "17:00"},
                    {"day": "wed", "from": "22:00", "to": "06:00"},
                    {"day": "thu", "from": "22:00"},
                ],
                "outside_hours": "maybe",
            },
        )
        assert errors_of(response) == {
            ("/weekly/0/day", "unknown-day"),
            ("/weekly/1/from", "not-a-quarter-hour"),
            ("/weekly/2/to", "ends-before-start"),
            ("/weekly/3/to", "required"),
            ("/outside_hours", "invalid"),
        }


async def test_the_supply_rows_follow_the_hours(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await added(coordinator)
        before = (await supply_of(pool, network, one))["lav:prs"]
        assert before["week"].as_string().replace(" ", "") == "1" * 768
        await coordinator.put(
            f"/v1/interpreters/{one['id']}/availability",
            {"weekly": OFFICE, "outside_hours": "never"},
        )
        after = (await supply_of(pool, network, one))["lav:prs"]
        monday = "0" * 36 + "1" * 32 + "0" * 28
        assert after["week"].as_string().replace(" ", "") == monday + "0" * 576 + monday
        assert after == {**before, "week": after["week"], "outside_hours": "never"}


async def test_available_now_ends_by_itself_or_when_it_is_taken_back(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await added(coordinator)
        caller = await themselves(network, one)
        path = f"/v1/interpreters/{one['id']}/availability"
        said = await caller.put(f"{path}/now", {"until": "2026-11-24T12:00:00+02:00"})
        assert said.status_code == 200, said.text
        assert said.json()["available_until"] == "2026-11-24T10:00:00Z"
        assert (await caller.put(f"{path}/now", {"until": None})).json()["available_until"] is None
        await caller.put(f"{path}/now", {"until": "2026-11-24T10:00:00Z"})
        clock.now = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
        assert (await caller.get(path)).json()["available_until"] is None


@pytest.mark.parametrize(
    ("until", "code"),
    [
        ("2026-11-24T08:00:00Z", "in-the-past"),
        ("2026-12-01T08:00:01Z", "out-of-range"),
        ("2026-11-24T09:00:00", "naive-time"),
    ],
)
async def test_available_now_is_for_the_next_seven_days(
    pool: Pool, clock: Clock, until: Any, code: Any
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await added(coordinator)
        path = f"/v1/interpreters/{one['id']}/availability/now"
        assert errors_of(await coordinator.put(path, {"until": until})) == {("/until", code)}
        last = await coordinator.put(path, {"until": "2026-12-01T08:00:00Z"})
        assert last.status_code == 200
        assert errors_of(await coordinator.put(path, {})) == {("/until", "required")}


async def test_free_time_follows_the_wall_clock_over_both_nights_of_the_year(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await added(coordinator)
        await coordinator.put(
            f"/v1/interpreters/{one['id']}/availability",
            {"weekly": [*OFFICE, {"day": "sun", "from": "02:00", "to": "05:00"}]},
        )

        async def free(start: str, end: str) -> Any:
            response = await coordinator.get(
                f"/v1/interpreters/{one['id']}/free-busy", params={"from": start, "to": end}
            )
            assert response.status_code == 200, response.text
            return response.json()["free"]

        # Riga goes from +03:00 to +02:00 on 25 October 2026, and back on 28 March 2027.
        assert await free("2026-10-19T00:00:00+03:00", "2026-10-27T00:00:00+02:00") == [
            {"starts_at": "2026-10-19T06:00:00Z", "ends_at": "2026-10-19T14:00:00Z"},
            {"starts_at": "2026-10-24T23:00:00Z", "ends_at": "2026-10-25T03:00:00Z"},
            {"starts_at": "2026-10-26T07:00:00Z", "ends_at": "2026-10-26T15:00:00Z"},
        ]
        assert await free("2027-03-28T00:00:00+02:00", "2027-03-30T00:00:00+03:00") == [
            {"starts_at": "2027-03-28T00:00:00Z", "ends_at": "2027-03-28T02:00:00Z"},
            {"starts_at": "2027-03-29T06:00:00Z", "ends_at": "2027-03-29T14:00:00Z"},
        ]


async def test_bookings_with_their_travel_and_absences_take_free_time(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await added(coordinator)
        path = f"/v1/interpreters/{one['id']}"
        await coordinator.put(f"{path}/availability", {"weekly": OFFICE})
        await coordinator.post(
            f"{path}/absences",
            {"starts_at": "2026-11-30T13:00:00Z", "ends_at": "2026-12-02T00:00:00Z"},
        )
        _, institution_id = await an_institution(network, coordinator)
        ledger = Ledger(pool, network.id)
        for state, hour in (("confirmed", 9), ("cancelled", 11), ("in_progress", 12)):
            wanted = await ledger.request(
                institution_id=institution_id, client_ids=(), language="prs", mode="in_person",
                starts_at=at(f"2026-11-30 {hour:02}:00"), minutes=30, state="filled",
            )  # fmt: skip
            await ledger.booking(wanted, read_id(INTERPRETER, one["id"]), state)
        await run(
            pool,
            network.id,
            lambda db: db.execute(
                "UPDATE bookings b SET blocked = tstzrange(lower(b.session) - interval '20 min', "
                "upper(b.session) + interval '20 min') WHERE b.network_id = $1",
                network.id,
            ),
        )
        shown = await coordinator.get(
            f"{path}/free-busy",
            params={"from": "2026-11-30T00:00:00+02:00", "to": "2026-12-01T00:00:00+02:00"},
        )
        assert shown.json() == {
            "time_zone": "Europe/Riga",
            "free": [
                {"starts_at": "2026-11-30T07:00:00Z", "ends_at": "2026-11-30T08:40:00Z"},
                {"starts_at": "2026-11-30T09:50:00Z", "ends_at": "2026-11-30T11:40:00Z"},
                {"starts_at": "2026-11-30T12:50:00Z", "ends_at": "2026-11-30T13:00:00Z"},
            ],
            "busy": [
                {
                    "starts_at": "2026-11-30T08:40:00Z",
                    "ends_at": "2026-11-30T09:50:00Z",
                    "kind": "booking",
                },
                {
                    "starts_at": "2026-11-30T11:40:00Z",
                    "ends_at": "2026-11-30T12:50:00Z",
                    "kind": "booking",
                },
                {
                    "starts_at": "2026-11-30T13:00:00Z",
                    "ends_at": "2026-12-02T00:00:00Z",
                    "kind": "absence",
                },
            ],
        }


async def test_available_now_is_free_time_outside_the_hours_too(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await added(coordinator)
        path = f"/v1/interpreters/{one['id']}"
        await coordinator.put(f"{path}/availability", {"weekly": OFFICE})
        await coordinator.put(f"{path}/availability/now", {"until": "2026-11-24T12:00:00Z"})
        day = {"from": "2026-11-24T00:00:00Z", "to": "2026-11-25T00:00:00Z"}
        free = (await coordinator.get(f"{path}/free-busy", params=day)).json()["free"]
        assert free == [{"starts_at": "2026-11-24T08:00:00Z", "ends_at": "2026-11-24T12:00:00Z"}]


async def test_free_busy_is_asked_for_at_most_93_days(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await added(coordinator)

        async def ask(**params: str) -> httpx.Response:
            path = f"/v1/interpreters/{one['id']}/free-busy"
            return await coordinator.get(path, params=params)

        start = "2026-11-01T00:00:00Z"
        whole = await ask(**{"from": start, "to": "2027-02-02T00:00:00Z"})
        assert whole.json()["free"] == [{"starts_at": start, "ends_at": "2027-02-02T00:00:00Z"}]
        for end, code in (
            ("2027-02-02T00:00:01Z", "out-of-range"),
            (start, "ends-before-start"),
            ("2026-11-01", "ends-before-start"),  # in Riga two hours before
            ("2026-11-02T00:00:00", "naive-time"),
            ("2026-11-31", "invalid"),
            ("tomorrow", "invalid"),
            ("2201-01-01", "out-of-range"),
        ):
            assert errors_of(await ask(**{"from": start, "to": end})) == {("/to", code)}
        assert errors_of(await ask()) == {("/from", "required"), ("/to", "required")}


async def test_days_of_free_busy_are_those_of_the_network(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await added(coordinator)
        path = f"/v1/interpreters/{one['id']}/free-busy"
        for asked, free in (
            ("from=2026-11-24&to=2026-11-25", ("2026-11-23T22:00:00Z", "2026-11-24T22:00:00Z")),
            # The night when the clocks of Riga go forward.
            ("from=2027-03-28&to=2027-03-29", ("2027-03-27T22:00:00Z", "2027-03-28T21:00:00Z")),
        ):
            shown = (await coordinator.get(f"{path}?{asked}")).json()["free"]
            assert shown == [{"starts_at": free[0], "ends_at": free[1]}]


async def test_hours_are_seen_and_changed_by_coordinators_and_the_interpreter_alone(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one, other = await added(coordinator), await added(coordinator)
        institution, _ = await an_institution(
            network, coordinator, preferred_interpreter_ids=[one["id"]]
        )
        colleague = await themselves(network, other)
        path = f"/v1/interpreters/{one['id']}"
        async with another_network(network) as stranger:
            for caller, status in ((stranger, 404), (colleague, 404), (institution, 403)):
                answers = [
                    await caller.get(f"{path}/availability"),
                    await caller.put(f"{path}/availability", {"bad": 1}),
                    await caller.put(f"{path}/availability/now", {"bad": 1}),
                    await caller.get(f"{path}/free-busy?from=bad"),
                ]
                assert [one.status_code for one in answers] == [status] * 4
        own = await themselves(network, one)
        changed = await own.put(f"{path}/availability", {"weekly": OFFICE})
        assert changed.json()["weekly"] == OFFICE
