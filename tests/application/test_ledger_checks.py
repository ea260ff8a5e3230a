"""The ledger's checker finds what somebody changed behind the product's back, and nothing else."""

import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

import anyio
import asyncpg
import msgspec
import pytest

from api import Api, serving
from conftest import Clock
from faults.workers import clean
from interpreters.application.calls import run
from interpreters.application.ledger_checks import Fault, check_ledger
from interpreters.application.statement_issuing import ClosingOrder, close_month
from interpreters.database import Pool
from interpreters.domain.callers import house
from interpreters.domain.ids import BOOKING, INSTITUTION, STATEMENT, USAGE_ENTRY, show_id
from interpreters.domain.ledger_checks import CheckedEntry, entry_faults, number_faults, postings
from interpreters.sample.seeding import seed
from interpreters.sample.story import draw_story
from ledger import Ledger, at
from sealing import SECRET_KEYS
from servers import database_url

pytestmark = pytest.mark.anyio
LINES: Final = [
    {"kind": "base", "minutes": 60, "charge_minor": 4000, "pay_minor": 2500},
    {"kind": "travel", "km": 10, "charge_minor": 500, "pay_minor": 500},
]


async def found(pool: Pool, network_id: Any) -> list[Fault]:
    return [one async for one in check_ledger(pool, network_id=network_id)]


STORY: Final = 60  # requests
# What a superuser changes, whose id is named then, and what is said of it.
BROKEN: Final[Mapping[str, tuple[str, str, str]]] = {
    "money": ("UPDATE usage_entries SET charge_minor = charge_minor + 1", "entry",
              "its debits and credits differ by -1"),
    "pay": ("UPDATE usage_entries SET pay_minor = 2999", "entry", "it pays 2999, its lines 3000"),
    "shares": ("""UPDATE usage_entries SET funding_shares =
               '[{"donor": "A", "charge_minor": 2250}, {"donor": "B", "charge_minor": 2249}]'""",
               "entry", "it charges 4500, its shares are 4499"),
    "money and its line": ("""UPDATE usage_entries SET charge_minor = charge_minor + 1,
                           lines = jsonb_set(lines, '{0,charge_minor}', '4001')""", "entry",
                           "it comes to a charge of 4500 and a pay of 3000, it says 4501 and 3000"),
    "expense": ("UPDATE usage_entries SET reason_code = 'expense'", "entry",
                "None was approved, 3000 is entered"),
    "minutes": ("UPDATE usage_entries SET actual_minutes = 59", "booking",
                "it lasted 60 minutes, 59 entered"),
    "bill": ("UPDATE usage_entries SET billable_minutes = 15", "entry",
             "it bills 15 minutes of 60"),
    "times": ("UPDATE bookings SET ended_at = ended_at + interval '1 second'", "booking",
              "it lasted 61 minutes, 60 entered"),
    "state": ("UPDATE bookings SET state = 'cancelled'", "booking",
              "cancelled, with 1 sessions entered"),
    "no entry": ("DELETE FROM statement_entries; DELETE FROM usage_entries", "booking",
                 "completed, with 0 sessions entered"),
    "off": ("DELETE FROM statement_entries", "statement", "it says sessions 1, its entries are 0"),
    "total": ("UPDATE statements SET totals = jsonb_set(totals, '{totals,billable_minutes}', '61')",
              "statement", "it says billable_minutes 61, its entries are 60"),
    "somebody else's": ("UPDATE usage_entries SET institution_id = gen_random_uuid()", "statement",
                        "1 of its entries are somebody else's, or of a later month"),
    "later": ("UPDATE usage_entries SET booked_on = '2026-06-01'", "statement",
              "1 of its entries are somebody else's, or of a later month"),
    "gap": ("UPDATE statements SET number = '2026-000002'", "series",
            "its numbers have gaps or repetitions"),
}  # fmt: skip


async def a_rule(finance: Api) -> dict[str, Any]:
    """Have a tariff of 40.00 and 25.00 an hour, 0.50 a kilometre; return an entry's rule of it."""
    rate = {"mode": "in_person", "charge_per_hour_minor": 4000, "pay_per_hour_minor": 2500}
    made = await finance.post("/v1/tariffs", {
        "name": "2026", "valid_from": "2026-01-01", "rates": [rate],
        "travel": {"charge_per_km_minor": 50, "pay_per_km_minor": 50},
    })  # fmt: skip
    assert made.status_code == 201, made.text
    return {
        "tariff": {"id": made.json()["id"]}, "time_zone": "Europe/Riga", "country": "LV",
        "rate": rate | {"qualification": None, "from_minutes": 0},
    }  # fmt: skip


@pytest.mark.parametrize("how", BROKEN)
async def test_whatever_is_changed_from_outside_is_found(
    pool: Pool, clock: Clock, database: str, how: str
) -> None:
    change, whose, what = BROKEN[how]
    clock.now = datetime(2026, 6, 2, 9, tzinfo=UTC)
    async with serving(pool, clock) as network:
        ledger = Ledger(pool, network.id)
        school = await ledger.institution("School", "education")
        wanted = await ledger.request(
            institution_id=school, client_ids=[], language="prs", mode="in_person",
            starts_at=at("2026-05-04 07:00"), minutes=60, state="closed",
        )  # fmt: skip
        booking = await ledger.booking(wanted, await ledger.interpreter(), "completed")
        entry = await ledger.entry(
            booking, "session", [], actual=60, charge=4500, pay=3000, lines=LINES,
            rule=await a_rule(await network.caller("finance")),
        )  # fmt: skip
        db = await asyncpg.connect(database_url(role="postgres", database=database))
        await db.execute(
            "UPDATE bookings SET started_at = '2026-05-04 07:00Z', ended_at = '2026-05-04 08:00Z'"
        )
        finance = await network.caller("finance")
        path = f"/v1/statements/{show_id(INSTITUTION, school)}/2026-05/issue"
        assert (await finance.post(path)).status_code == 200
        assert await found(pool, network.id) == []
        await db.execute(change)
        statement_id = await db.fetchval("SELECT id FROM statements")
        await db.close()
        faults = await found(pool, network.id)
        ids = {
            "entry": show_id(USAGE_ENTRY, entry.id), "booking": show_id(BOOKING, booking.id),
            "statement": f"{show_id(STATEMENT, statement_id)} (2026-000001)", "series": "2026",
        }  # fmt: skip
        assert Fault(id=ids[whose], what=what) in faults


async def test_what_the_product_enters_itself_adds_up(pool: Pool, clock: Clock) -> None:
    """The first weeks of the sample network, and everything until now closed on both sides."""
    story = draw_story()
    begun = msgspec.structs.replace(story, requests=story.requests[:STORY])
    made = await seed(pool, progress=lambda *_: None, now=clock(), story=begun)
    assert await found(pool, made.network_id) == []
    for side in ("charge", "pay"):
        order = ClosingOrder(side=side, month=date(2017, 8, 1))
        closed = await run(
            pool, made.network_id,
            lambda db, order=order: close_month(
                db, house(made.network_id), order=lambda: order, now=clock()
            ),
        )  # fmt: skip
        assert len(closed.issued) > 1
        assert (closed.left, closed.waiting) == (0, [])
    assert await found(pool, made.network_id) == []


def run_audit(database: str) -> "subprocess.CompletedProcess[str]":
    given = {
        "DATABASE_URL": database_url(role="interpreters_app", database=database),
        "REDIS_URL": "redis://127.0.0.1:9",
        "SECRET_KEYS": SECRET_KEYS,
    }
    return subprocess.run(
        [sys.executable, "-m", "interpreters", "audit"],
        env={**clean(), **{f"INTERPRETERS_{name}": one for name, one in given.items()}},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


async def test_the_command_names_what_differs_and_ends_with_1(
    pool: Pool, clock: Clock, database: str
) -> None:
    async with serving(pool, clock) as network:
        ledger = Ledger(pool, network.id)
        school = await ledger.institution("School", "education")
        fine = await anyio.to_thread.run_sync(run_audit, database)
        assert (fine.returncode, fine.stdout) == (0, "everything adds up\n"), fine.stderr
        wanted = await ledger.request(
            institution_id=school, client_ids=[], language="prs", mode="phone",
            starts_at=at("2026-05-04 07:00"), minutes=60, state="closed",
        )  # fmt: skip
        booking = await ledger.booking(wanted, await ledger.interpreter(), "completed")
        found = await anyio.to_thread.run_sync(run_audit, database)
    named = show_id(BOOKING, booking.id)
    assert found.stdout == (f"{named}: completed, with 0 sessions entered\ndifferences: 1\n")
    assert found.returncode == 1


def checked(**fields: Any) -> CheckedEntry:
    given: dict[str, Any] = {
        "id": UUID(int=1), "kind": "session", "charge_minor": 4500, "pay_minor": 3000,
        "booked_minutes": 60, "actual_minutes": 60, "billable_minutes": 60, "lines": LINES,
        "funding_shares": (),
    }  # fmt: skip
    return CheckedEntry(**(given | fields))


def test_donors_pay_their_shares_and_the_institution_the_rest() -> None:
    shares = [{"donor": "A", "charge_minor": 3001}, {"donor": "B", "charge_minor": 1000}]
    assert postings(checked(funding_shares=shares)) == [
        ("donor:A", 3001), ("donor:B", 1000), ("institution", 499), ("interpreter", -3000),
        ("margin", -1500),
    ]  # fmt: skip


def test_an_interpreter_may_cost_more_than_is_charged() -> None:
    lines = [{"kind": "base", "charge_minor": 0, "pay_minor": 3000}]
    entry = checked(charge_minor=0, lines=lines)
    assert ("margin", 3000) in postings(entry)
    assert list(entry_faults(entry)) == []


def test_numbers_rise_by_one_in_each_series() -> None:
    assert list(number_faults(["2026-000002", "P2026-000001", "2026-000001", "2027-000001"])) == []
    assert [one.id for one in number_faults(["2026-000001", "2026-000003"])] == ["2026"]
    assert [one.id for one in number_faults(["P2026-000002"])] == ["P2026"]
