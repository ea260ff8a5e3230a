"""Whatever is in the ledger, every report and every file adds up to its entries."""

import csv
import io
import random
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api import Api, Network, serving
from conftest import Clock
from interpreters.database import Pool
from ledger import Ledger, at

pytestmark = pytest.mark.anyio
RIGA = ZoneInfo("Europe/Riga")
DAYS = "from=2026-03-01&to=2026-11-01"
# Clocks change on 29 March and 25 October; months begin at 21:00 or 22:00 UTC the evening before.
EDGES = ["2026-02-28 21:59", "2026-03-29 00:30", "2026-03-31 20:59", "2026-03-31 21:00",
         "2026-10-25 00:30", "2026-10-31 21:59", "2026-10-31 22:00"]  # fmt: skip
GROUPINGS = ["", "month", "institution", "language,mode", "month,topic,institution_kind",
             "interpreter,month", "cancelled_by", "funding"]  # fmt: skip


async def a_ledger(network: Network, chance: random.Random) -> list[dict[str, Any]]:
    """Write sixty bookings of any kind, some corrected; return what was entered."""
    ledger = Ledger(network.pool, network.id)
    houses = [await ledger.institution(f"House {n}", "ngo") for n in range(3)]
    people = {house: [await ledger.client(house, f"C{n}", "AF") for n in range(4)]
              for house in houses}  # fmt: skip
    who = [await ledger.interpreter()]
    written: list[dict[str, Any]] = []
    for number in range(60):
        house = chance.choice(houses)
        starts_at = at("2026-02-20 08:00") + timedelta(minutes=chance.randrange(60 * 24 * 270))
        if number < len(EDGES):
            starts_at = at(EDGES[number])
        kind = chance.choice(["session", "session", "client_no_show", "late_cancellation"])
        state = {"session": "completed", "client_no_show": "client_no_show"}.get(kind, "cancelled")
        helped = chance.sample(people[house], chance.randint(1, 3))
        wanted = await ledger.request(
            institution_id=house, client_ids=helped, language=chance.choice(["prs", "arb"]),
            mode=chance.choice(["phone", "video"]), starts_at=starts_at, state="closed",
            minutes=chance.randint(15, 90), topic=chance.choice(["health", "legal"]),
        )  # fmt: skip
        booking = await ledger.booking(wanted, who[0], state)
        entries = [(kind, chance.randint(0, 9999), chance.randint(0, 9999))]
        if chance.random() < 0.3:
            entries.append(("adjustment", -chance.randint(0, 999), chance.randint(-9, 9)))
        for what, charge, pay in entries:
            actual = chance.randint(0, 90)
            breaks = chance.choice([0, min(10, actual)]) if what == "session" else 0
            made = await ledger.entry(
                booking, what, helped, topic=wanted.topic, actual=actual, breaks=breaks,
                charge=charge, pay=pay,
            )  # fmt: skip
            written.append({"day": starts_at.astimezone(RIGA).date(), "made": made})
    return written


def expected(written: list[dict[str, Any]]) -> tuple[int, ...]:
    inside = [one["made"] for one in written
              if "2026-03-01" <= one["day"].isoformat() < "2026-11-01"]  # fmt: skip
    timed = [one for one in inside if one.kind in ("session", "adjustment")]
    held = [one for one in inside if one.kind == "session"]
    return (
        len(held), len({client for one in held for client in one.client_ids}),
        sum(one.booked_minutes for one in timed), sum(one.actual_minutes for one in timed),
        sum(one.billable_minutes for one in timed), sum(one.charge_minor for one in inside),
        sum(one.pay_minor for one in inside), sum(one.break_minutes for one in timed),
    )  # fmt: skip


def told(counts: dict[str, Any]) -> tuple[int, ...]:
    names = ("sessions", "clients", "booked_minutes", "actual_minutes", "billable_minutes")
    money = (counts["charge"]["amount_minor"], counts["pay"]["amount_minor"])
    return (*(counts[name] for name in names), *money, counts["break_minutes"])


async def rows_of(caller: Api, path: str) -> list[dict[str, str]]:
    response = await caller.get(path, headers={"Accept": "text/csv"})
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_export_adds_up_to_the_entries(pool: Pool, clock: Clock, seed: int) -> None:
    async with serving(pool, clock) as network:
        sums = expected(await a_ledger(network, random.Random(seed)))
        finance = await network.caller("finance")
        for grouping in GROUPINGS:
            path = f"/v1/usage?{DAYS}" + (f"&group_by={grouping}" if grouping else "")
            found = (await finance.get(path)).json()
            assert told(found["totals"]) == sums
            rows = await rows_of(finance, path)
            assert len(rows) == len(found["items"])
            assert sum(int(row["sessions"]) for row in rows) == sums[0]
            assert sum(int(row["billable_minutes"]) for row in rows) == sums[4]
            assert sum(Decimal(row["charge"]) for row in rows) * 100 == sums[5]
            assert sum(Decimal(row["pay"]) for row in rows) * 100 == sums[6]
            assert sum(int(row["break_minutes"]) for row in rows) == sums[7]
        ledger = await rows_of(finance, f"/v1/usage/entries/export?{DAYS}")
        assert sum(row["kind"] == "session" for row in ledger) == sums[0]
        assert sum(Decimal(row["charge"]) for row in ledger) * 100 == sums[5]
        assert sum(Decimal(row["pay"]) for row in ledger) * 100 == sums[6]
        assert sum(int(row["break_minutes"]) for row in ledger) == sums[7]
