"""What donors pay: corrections as their entries were, sums by donor, everything reckoned again."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from api import Api, serving
from centre import START, Centre, Json, Person
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.usage import record_entry
from interpreters.database import Db, Pool
from interpreters.domain.ids import BOOKING, new_id, read_id
from interpreters.sql import usage_entries
from slow_shares import slow_shares

pytestmark = pytest.mark.anyio
TARIFF: Json = {
    "name": "2026", "default": True, "valid_from": "2026-01-01",
    "rates": [{"mode": "phone", "charge_per_hour_minor": 3335, "pay_per_hour_minor": 2000}],
}  # fmt: skip
DAYS = "from=2026-11-01&to=2026-12-01"


def grant(number: str, **parts: int) -> Json:
    donors = [{"name": name, "share_basis_points": part} for name, part in parts.items()]
    return {"number": number, "starts_on": "2016-05-18", "donors": donors}


class Story:
    """A centre with prices, one interpreter and two grants that have a donor in common."""

    def __init__(self, network: Any, clock: Clock) -> None:
        self.centre = Centre(network, clock)
        self.network = network
        self.hour = 0

    async def open(self) -> "Story":
        await self.centre.open()
        self.centre.at(days=10)
        self.finance: Api = await self.network.caller("finance")
        await self.centre.made(self.finance, "/v1/tariffs", TARIFF)
        self.first = await self.centre.made(
            self.finance, "/v1/fundings", grant("A", EU=7500, State=2500)
        )
        self.second = await self.centre.made(
            self.finance, "/v1/fundings", grant("B", EU=3333, City=3333, Church=3334)
        )
        self.person: Person = await self.centre.person()
        return self

    async def held(self, minutes: int, reference: str, **fields: Any) -> str:
        """Carry out a session an hour and a half after the last one; return its booking."""
        self.centre.at(days=10)
        starts_at = START + timedelta(minutes=90) * self.hour
        self.hour += 1
        booking = await self.centre.booked(
            self.person, modes=["phone"], site_id=..., starts_at=starts_at.isoformat(),
            duration_minutes=minutes, clients=[{"reference": reference}], **fields,
        )  # fmt: skip
        path = f"/v1/bookings/{booking['id']}"
        self.centre.clock.now = starts_at
        assert (await self.centre.coordinator.post(f"{path}/start")).status_code == 200
        self.centre.clock.now = starts_at + timedelta(minutes=minutes)
        assert (await self.centre.coordinator.post(f"{path}/end")).status_code == 200
        booking_id: str = booking["id"]
        return booking_id

    async def corrected(self, booking_id: str, charge_minor: int) -> None:
        """Enter so much more (or less) for the booking."""
        self.centre.clock.now += timedelta(minutes=1)
        key, now = read_id(BOOKING, booking_id), self.centre.clock.now

        async def work(db: Db) -> None:
            [first] = await usage_entries.of_booking(db, network_id=self.network.id, booking_id=key)
            entry = msgspec.structs.replace(
                first, id=new_id(now), kind="adjustment", booked_minutes=0, actual_minutes=0,
                billable_minutes=0, charge_minor=charge_minor, pay_minor=0, lines=[],
                recorded_at=now, corrects_id=first.id, reason_code="decided",
            )  # fmt: skip
            assert await record_entry(db, self.network.id, entry) is not None

        await run(self.network.pool, self.network.id, work)

    async def entries(self) -> list[Json]:
        items: list[Json] = (await self.finance.get("/v1/usage/entries")).json()["items"]
        return items

    async def report(self, by: str) -> Json:
        answer = await self.finance.get(f"/v1/usage?{DAYS}&group_by={by}")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found


def paid(entry: Json) -> dict[str, int]:
    return {one["donor"]: one["charge_minor"] for one in entry["funding_shares"]}


async def test_a_correction_is_shared_as_what_it_corrects_was(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        story = await Story(network, clock).open()
        booking = await story.held(60, "LV-1", funding_id=story.first["id"])
        for change in (
            {"donors": [{"name": "Church", "share_basis_points": 10_000}]},
            {"excluded_languages": ["prs"], "ends_on": "2016-06-01"},
        ):
            path = f"/v1/fundings/{story.first['id']}"
            assert (await story.finance.patch(path, change)).status_code == 200
        await story.corrected(booking, -3335)
        adjustment, session = await story.entries()
        assert paid(session) == {"EU": 2501, "State": 834}
        assert paid(adjustment) == {"EU": -2501, "State": -834}
        assert adjustment["funding_misfit"] is False


async def test_what_corrects_an_entry_outside_its_grant_is_outside_too(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        story = await Story(network, clock).open()
        path = f"/v1/fundings/{story.first['id']}"
        await story.finance.patch(path, {"excluded_languages": ["prs"]})
        booking = await story.held(60, "LV-1", funding_id=story.first["id"])
        await story.finance.patch(path, {"excluded_languages": []})
        await story.corrected(booking, -100)
        found = await story.entries()
        assert [(paid(one), one["funding_misfit"]) for one in found] == [({}, True), ({}, True)]


async def test_sums_by_donor_agree_with_the_totals(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        story = await Story(network, clock).open()
        first = await story.held(60, "LV-1", funding_id=story.first["id"])
        await story.held(30, "LV-1", funding_id=story.second["id"])  # 16.675: 16.68
        await story.held(60, "LV-2")
        await story.corrected(first, -10)
        report = await story.report("donor")
        rows = {
            one["donor"]: (one["charge"]["amount_minor"], one["sessions"], one["clients"])
            for one in report["items"]
        }
        assert rows == {
            # 16.68 in thirds is 5.559, 5.559 and 5.561: what is left over goes to the largest.
            "EU": (2501 + 556 - 8, 2, 1), "State": (834 - 2, 1, 1), "City": (556, 1, 1),
            "Church": (556, 1, 1), None: (3335, 1, 1),
        }  # fmt: skip
        totals = report["totals"]
        assert (totals["sessions"], totals["clients"]) == (3, 2)
        assert totals["charge"]["amount_minor"] == sum(one[0] for one in rows.values())
        assert totals == (await story.report("month"))["totals"]
        by_grant = await story.report("funding,donor")
        # A request is nobody's share: it counts in its grant's row without a donor.
        assert [
            (
                one["funding"] and one["funding"]["number"], one["donor"], one["sessions"],
                one["requests"],
            )
            for one in by_grant["items"]
        ] == [
            ("A", "EU", 1, 0), ("A", "State", 1, 0), ("A", None, 0, 1), ("B", "Church", 1, 0),
            ("B", "City", 1, 0), ("B", "EU", 1, 0), ("B", None, 0, 1), (None, None, 1, 1),
        ]  # fmt: skip
        assert by_grant["totals"] == totals


async def test_everything_can_be_reckoned_again_from_the_events(pool: Pool, clock: Clock) -> None:
    """By who reads the feed, the entries and the grants, with an arithmetic of their own."""
    async with serving(pool, clock) as network:
        story = await Story(network, clock).open()
        for minutes in (15, 20, 25, 35, 40):
            for one in (story.first, story.second):
                booking = await story.held(minutes, f"LV-{minutes}", funding_id=one["id"])
                await story.corrected(booking, minutes - 30)
        coordinator = story.centre.coordinator
        events = (await coordinator.get("/v1/events?limit=200")).json()["items"]
        recorded = {
            one["data"]["ids"]["booking_id"] for one in events if one["type"] == "usage.recorded"
        }
        entries = await story.entries()
        assert recorded == {one["booking_id"] for one in entries}
        assert len(recorded) == 10
        grants = {one["id"]: one for one in (story.first, story.second)}
        sums: dict[str, int] = {}
        for entry in entries:
            donors = grants[entry["funding_id"]]["donors"]
            again = slow_shares(
                entry["charge"]["amount_minor"], [one["share_basis_points"] for one in donors]
            )
            names = [one["name"] for one in donors]
            assert paid(entry) == dict(zip(names, again, strict=True))
            for name, share in paid(entry).items():
                sums[name] = sums.get(name, 0) + share
        rows = (await story.report("donor"))["items"]
        assert {one["donor"]: one["charge"]["amount_minor"] for one in rows if one["donor"]} == sums
