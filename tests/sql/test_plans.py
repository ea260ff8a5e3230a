"""How PostgreSQL runs the hot statements on a network of a country's size.

5,000 interpreters with 20,000 rows of supply over 300 pairs, and a year behind them; read as the
application's role, behind the wall, since row-level security decides what an index may be asked.
Each plan is the one that stays: after seven runs PostgreSQL has chosen between a plan for these
values and one for any.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest

from interpreters.database import Db, open_pool, transaction
from interpreters.domain.windows import Window
from interpreters.sql import (
    bookings,
    commitments,
    due,
    duplicates,
    events,
    free_busy,
    idle,
    offers,
    outbox,
    request_reports,
    requests,
    usage_entries,
    usage_reports,
)  # fmt: skip
from interpreters.sql.candidates import Search, find, funnel
from interpreters.sql.duplicates import Likeness
from sealing import VAULT
from servers import database_url

pytestmark = pytest.mark.anyio


def one(kind: int, number: int) -> UUID:
    """Return the id of a row, as `id` of ROWS gives it."""
    chance = hashlib.md5(f"{kind}.{number}".encode()).hexdigest()
    return UUID(hex=f"{1_700_000_000_000 + number:012x}7{chance[:3]}8{chance[3:18]}")


NETWORK: Final = one(0, 10)
NOON: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
SESSION: Final = asyncpg.Range(NOON, NOON + timedelta(hours=1))
# A country's rows; `id(kind, n)` is a UUID of version 7, a millisecond after the one before.
ROWS: Final = """
    SET session_replication_role = replica;
    CREATE FUNCTION id(kind int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
        SELECT (lpad(to_hex(1700000000000 + n), 12, '0') || '7' || left(md5(kind || '.' || n), 3)
            || '8' || substr(md5(kind || '.' || n), 4, 15))::uuid $$;

    INSERT INTO networks VALUES (id(0, 10), 'Centre', 'Europe/Riga', 'EUR', 'LV', 'lav', '{}', '{}',
        ARRAY['Europe/Riga'], '2026-01-01Z', 1);
    INSERT INTO institutions (network_id, id, name, kind, time_zone, working_language,
        preferred_interpreter_ids, blocked_interpreter_ids, created_at, version)
    SELECT id(0, 10), id(1, n), 'School ' || n, 'education', 'Europe/Riga', 'lav', '{}', '{}',
        '2026-01-01Z', 1 FROM generate_series(1, 100) n;
    INSERT INTO clients (network_id, id, institution_id, reference, languages, created_at, version)
    SELECT id(0, 10), id(2, n), id(1, 1 + n % 100), 'C-' || n, ARRAY['prs'], '2026-01-01Z', 1
    FROM generate_series(1, 3000) n;
    INSERT INTO interpreters (network_id, id, display_name, phone, time_zone, travel_radius_km,
        modes, qualification, topics, urgent_opt_in, engagement, active, outside_hours, created_at,
        version)
    SELECT id(0, 10), id(3, n), 'Interpreter ' || n, '+371', 'Europe/Riga', 30, ARRAY['phone'],
        'trained', ARRAY['health'], true, 'freelance', true, 'ask', '2026-01-01Z', 1
    FROM generate_series(1, 5000) n;
    INSERT INTO interpreter_languages
    SELECT id(0, 10), id(3, n), 'l' || (n * 7 + m * 71) % 300, m, 'fluent', '{}'
    FROM generate_series(1, 5000) n, generate_series(1, 4) m;
    INSERT INTO supply (network_id, pair, interpreter_id, active, level, modes, gender,
        qualification, credentials, dialects, topics, time_zone, week, outside_hours,
        urgent_opt_in, latitude, longitude, cell, travel_radius_km, static_score)
    SELECT id(0, 10), 'lav-l' || (n * 7 + m * 71) % 300, id(3, n), true, 2, 7,
        CASE n % 2 WHEN 0 THEN 'female' ELSE 'male' END, 2, '{}', '{}', ARRAY['health'],
        'Europe/Riga', repeat('1', 768)::bit(768), 'ask', true, 56 + n % 100 / 50.0,
        21 + n % 97 / 14.0, n % 40, CASE WHEN n % 100 = 0 THEN 150 ELSE 30 END, n % 50 / 100.0
    FROM generate_series(1, 5000) n, generate_series(1, 4) m;
    INSERT INTO requests (network_id, id, institution_id, state, languages, working_language,
        modes, session, starts_now, wall_starts_at, time_zone, duration_minutes, topic,
        interpreters_needed, partial_ok, priority, requirements, fallbacks, details, wave,
        ladder_started_at, created_at, updated_at, version)
    SELECT id(0, 10), id(4, n), id(1, 1 + n % 100), 'closed', ARRAY['prs'], 'lav', ARRAY['phone'],
        tstzrange(t, t + interval '1 hour'), false, t AT TIME ZONE 'UTC', 'Europe/Riga', 60,
        'health', 1, false, 'routine', '{}', '{}', '{}', 1, t, t, t, 1
    FROM generate_series(1, 20000) n,
        LATERAL (SELECT '2025-12-01Z'::timestamptz + n * interval '26 minutes') AS x (t);
    INSERT INTO request_seats SELECT id(0, 10), id(4, n), 1, 'filled'
    FROM generate_series(1, 20000) n;
    INSERT INTO request_clients SELECT id(0, 10), id(4, n), id(2, 1 + n % 3000)
    FROM generate_series(1, 20000) n;
    INSERT INTO offers (network_id, id, request_id, seat, interpreter_id, state, wave, mode,
        from_language, to_language, score, reasons, weights_version, answer_by, created_at, version)
    SELECT id(0, 10), id(5, n), id(4, 1 + n / 2), 1, id(3, 1 + n % 5000), 'taken', 1, 'phone',
        'prs', 'lav', 1, '[]', 1, '2026-01-01Z', '2026-01-01Z', 1
    FROM generate_series(1, 39000) n;
    INSERT INTO bookings (network_id, id, request_id, seat, institution_id, interpreter_id, state,
        from_language, to_language, mode, topic, session, blocked, wall_starts_at, time_zone,
        created_at, updated_at, version)
    SELECT id(0, 10), id(6, n), id(4, n), 1, id(1, 1 + n % 100), id(3, 1 + n % 5000),
        CASE WHEN n % 3 > 0 AND n > 18000 THEN 'confirmed' ELSE 'completed' END, 'prs', 'lav',
        'phone', r.topic, r.session, r.session, r.wall_starts_at, r.time_zone, r.created_at,
        r.created_at, 1
    FROM generate_series(1, 20000) n
    JOIN requests r ON r.network_id = id(0, 10) AND r.id = id(4, n);
    INSERT INTO absences SELECT id(0, 10), id(7, n), id(3, n), '[2026-11-20Z,2026-11-30Z)',
        '2026-01-01Z' FROM generate_series(1, 300) n;
    INSERT INTO usage_entries (network_id, id, booking_id, request_id, kind, institution_id,
        client_ids, interpreter_id, language, mode, topic, booked_starts_at, booked_on,
        booked_minutes, actual_minutes, billable_minutes, charge_minor, pay_minor, currency, lines,
        funding_shares, recorded_at)
    SELECT b.network_id, id(8, n), b.id, b.request_id, 'session', b.institution_id,
        ARRAY[id(2, 1 + n % 3000)], b.interpreter_id, 'prs', 'phone', 'health', lower(b.session),
        lower(b.session)::date, 60, 60, 60, 4500, 3000, 'EUR', '[]', '[]', upper(b.session)
    FROM generate_series(1, 18000) n
    JOIN bookings b ON b.network_id = id(0, 10) AND b.id = id(6, n);
    INSERT INTO events (network_id, place, id, type, subject_kind, subject_id, request_id,
        institution_id, interpreter_id, recorded_at, placed_at)
    SELECT id(0, 10), n, id(9, n), (ARRAY['request.created', 'offer.opened', 'booking.confirmed'])
        [1 + n % 3], (ARRAY['request', 'offer', 'booking'])[1 + n % 3], id(4, n % 20000),
        id(4, n % 20000), id(1, 1 + n % 100), id(3, 1 + n % 5000),
        '2025-12-01Z'::timestamptz + n * interval '9 minutes',
        '2025-12-01Z'::timestamptz + n * interval '9 minutes'
    FROM generate_series(1, 60000) n;
    INSERT INTO outbox (network_id, id, batch_id, position, type, subject_kind, subject_id,
        recorded_at, placed, done_at)
    SELECT id(0, 10), id(10, n), id(11, n / 2), n % 2, 'request.created', 'request', id(4, n),
        '2026-11-01Z', n < 19990, CASE WHEN n < 19990 THEN '2026-11-01Z'::timestamptz END
    FROM generate_series(1, 20000) n;
    INSERT INTO due SELECT id(0, 10), 'ladder', id(4, n),
        '2026-11-24T11:59Z'::timestamptz + n * interval '1 second'
    FROM generate_series(1, 20000) n;
    SET session_replication_role = origin;
    VACUUM ANALYZE;
"""


class Recorder:
    """Keeps what would be asked of the database."""

    asked: tuple[str, list[object]]

    async def fetch(self, text: str, *given: object) -> list[Any]:
        self.asked = (text, list(given))
        return []


def asked_by(work: Callable[[Any], Awaitable[object]]) -> tuple[str, list[object]]:
    """Return the statement and the parameters a function of sql/ runs."""
    recorder = Recorder()
    asyncio.run(work(recorder))  # type: ignore[arg-type] # an async function gives a coroutine
    return recorder.asked


def search(*, cells: list[int] | None = None) -> Search:
    """Return a search for two of 300 pairs, at noon in Riga."""
    return Search(
        pairs=["lav-l7", "lav-l8"], modes=7 if cells is None else 1,
        session=Window(starts_at=NOON, ends_at=NOON + timedelta(hours=1)), latitude=56.9,
        longitude=24.1, cells=cells, credentials_valid_on=date(2026, 11, 24), zones=["Europe/Riga"],
        masks=["0" * 768], wished_gender="female", topic="health", points=[1.0] * 8,
    )  # fmt: skip


# Of a client and a case with years of requests: only the days around it are looked at.
LIKE: Final = Likeness(
    id=None, institution_id=one(1, 7), series_id=None, external_reference="CASE-77",
    session=Window(starts_at=NOON - timedelta(days=7), ends_at=NOON - timedelta(days=7, hours=-1)),
    day=NOON.date(), languages=["prs"], client_ids=[one(2, 7)],
)  # fmt: skip


def report(since: object, until: object) -> list[object]:
    return [NETWORK, None, since, until, True, *[False] * 12, [since], ["waived"]]


PAGE_OF_USAGE: Final = (NETWORK, date(2026, 6, 1), date(2026, 6, 8), *[None] * 6, 100)
WEEK: Final = (datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 8, tzinfo=UTC))
# Statement, parameters, the indexes it may use on the big tables, the rows it may read of them.
HOT: Final[dict[str, tuple[str, list[object], set[str], int]]] = {
    "a search by phone": (
        *asked_by(lambda db: find(db, network_id=NETWORK, search=search(), limit=50)),
        {"supply_key", "supply_by_score", "supply_by_cell", "bookings_interpreter_is_free"}, 400,
    ),
    "a search in person": (
        *asked_by(
            lambda db: find(db, network_id=NETWORK, search=search(cells=[1, 2, 3]), limit=50)
        ),
        {"supply_by_cell", "supply_far", "bookings_interpreter_is_free"}, 400,
    ),
    "why a request is unfilled": (
        *asked_by(lambda db: funnel(db, network_id=NETWORK, search=search(), languages=["l7"])),
        {"supply_key", "supply_of_interpreter", "bookings_interpreter_is_free"}, 3000,
    ),
    "offers of an interpreter": (
        offers.PAGE, [NETWORK, one(3, 77), None, None, 50], {"offers_of_interpreter"}, 50,
    ),
    "the newest offers": (
        offers.PAGE, [NETWORK, None, None, None, 50], {"offers_key"}, 50,
    ),
    "offers of a request": (
        offers.OF_REQUEST, [NETWORK, one(4, 77)], {"offers_of_request"}, 10,
    ),
    "the feed": (
        events.FEED, [NETWORK, ["request.created"], 55000, 100], {"events_key"}, 400,
    ),
    "the feed of an institution": (
        events.FEED_OF_INSTITUTION, [NETWORK, ["request.created"], 1000, 100, one(1, 7)],
        {"events_of_institution"}, 700,
    ),
    "the feed of an interpreter": (
        events.FEED_OF_INTERPRETER, [NETWORK, ["request.created"], 1000, 100, one(3, 7)],
        {"events_of_interpreter"}, 50,
    ),
    "changed subjects": (
        events.CHANGED, [NETWORK, "request", 55000, 100],
        {"events_by_kind", "events_of_subject"}, 500,
    ),
    "changed subjects of an institution": (
        events.CHANGED_OF_INSTITUTION, [NETWORK, "request", 55000, 100, one(1, 7)],
        {"events_of_institution", "events_of_subject", "events_by_kind"}, 500,
    ),
    "the place of a time": (
        events.PLACE_SINCE, [NETWORK, NOON - timedelta(days=30)], {"events_by_time"}, 1,
    ),
    "what is due": (
        due.LIST, [["ladder", "offers"], NOON, 100], {"due_by_time"}, 200,
    ),
    "what waits for its place": (
        outbox.NOT_PLACED, [NETWORK, 100], {"outbox_not_placed"}, 100,
    ),
    "whether anything waits": (
        outbox.ANY_NOT_PLACED, [NETWORK], {"outbox_not_placed"}, 1,
    ),
    "requests of an institution": (
        requests.PAGE, [NETWORK, None, 50, None, None, one(1, 7), *[None] * 5],
        {"requests_of_institution"}, 60,
    ),
    "the newest requests": (
        requests.PAGE, [NETWORK, None, 50, *[None] * 8], {"requests_key"}, 60,
    ),
    "what a request is like": (
        *asked_by(lambda db: duplicates.find(db, network_id=NETWORK, wanted=[LIKE])),
        {"requests_by_start"}, 150,
    ),
    "bookings of an interpreter": (
        bookings.PAGE, [NETWORK, None, 50, None, one(3, 77), None, None],
        {"bookings_of_interpreter"}, 60,
    ),
    "bookings around a session": (
        commitments.AROUND, [NETWORK, [one(3, n) for n in range(1, 41)], SESSION],
        {"bookings_interpreter_is_free", "bookings_of_interpreter"}, 400,
    ),
    "who waited longest": (
        idle.OF_INTERPRETERS,
        [NETWORK, [one(3, n) for n in range(1, 21)], NOON, NOON - timedelta(days=28)],
        {"interpreters_key", "bookings_of_interpreter", "offers_of_interpreter"}, 500,
    ),
    "an interpreter's calendar": (
        free_busy.BLOCKED, [NETWORK, one(3, 77), NOON, NOON + timedelta(days=7)],
        {"bookings_interpreter_is_free", "bookings_of_interpreter"}, 10,
    ),
    "what is owed for a booking": (
        usage_entries.OF_BOOKING, [NETWORK, one(6, 77)], {"usage_entries_of_booking"}, 10,
    ),
    "usage of a week": (
        usage_entries.PAGE, list(PAGE_OF_USAGE), {"usage_entries_by_day", "usage_entries_key"}, 800,
    ),
    "usage of a week, counted": (
        usage_reports.ENTRIES, report(PAGE_OF_USAGE[1], PAGE_OF_USAGE[2]),
        {"usage_entries_by_day"}, 800,
    ),
    "requests of a week, counted": (
        request_reports.REQUESTS, report(*WEEK), {"requests_by_start", "bookings_of_request"}, 800,
    ),
}  # fmt: skip
# Lists with filters that may be absent: no one plan fits, and PostgreSQL keeps planning for the
# values, because a plan for any of them would cost more; the first test sees that it does.
OF_ITS_VALUES: Final = {
    "offers of an interpreter", "the newest offers", "requests of an institution",
    "the newest requests", "bookings of an interpreter", "usage of a week",
}  # fmt: skip
BIG: Final = {
    "supply",
    "bookings",
    "offers",
    "events",
    "requests",
    "usage_entries",
    "outbox",
    "due",
}


@pytest.fixture(scope="module")
async def country(template: str) -> AsyncIterator[str]:
    """The name of a database with a country's rows, for all tests of this file."""
    owner = await asyncpg.connect(database_url(role="postgres", database="postgres"))
    await owner.execute(f'CREATE DATABASE country TEMPLATE "{template}" STRATEGY FILE_COPY')
    filled = await asyncpg.connect(database_url(role="postgres", database="country"))
    for command in ROWS.split(";\n"):
        if command.strip():
            await filled.execute(command)
    await filled.close()
    yield "country"
    await owner.execute("DROP DATABASE country WITH (FORCE)")
    await owner.close()


@pytest.fixture
async def db(country: str) -> AsyncIterator[Db]:
    pool = await open_pool(
        database_url(role="interpreters_app", database=country), vault=VAULT, size=1
    )
    async with transaction(pool, NETWORK) as made:
        yield made
    await pool.close()


def _literal(value: object) -> str:
    """Return a value as SQL text that takes the parameter's type."""
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return "'{" + ",".join(_literal(one).replace("'", '"') for one in value) + "}'"
    if isinstance(value, asyncpg.BitString):
        return f"'{value.as_string().replace(' ', '')}'"
    if isinstance(value, asyncpg.Range):
        return f"'[{value.lower},{value.upper})'"
    return f"'{value}'"


async def plan_of(db: Db, text: str, given: list[object], mode: str) -> dict[str, Any]:
    """Return the plan PostgreSQL keeps for the statement, with what it did."""
    types = [one.name for one in (await db.prepare(text)).get_parameters()]
    names = ", ".join(f"{one[:-2]}[]" if one.endswith("[]") else one for one in types)
    await db.execute(f"SET LOCAL plan_cache_mode = {mode}; PREPARE hot ({names}) AS {text}")
    run = f"EXECUTE hot ({', '.join(_literal(one) for one in given)})"
    for _ in range(7):
        await db.execute(run)
    told = await db.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {run}")
    plan: dict[str, Any] = json.loads(told)[0]["Plan"]
    return plan


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def read_of(plan: dict[str, Any]) -> tuple[set[str], int]:
    """Return how the big tables are reached, and how many of their rows are looked at."""
    ways, looked_at, table = set(), 0, ""
    for node in nodes(plan):
        table = node.get("Relation Name", table)
        if table not in BIG or not ("Relation Name" in node or "Index Name" in node):
            continue
        if node["Node Type"] != "Bitmap Heap Scan" and node["Actual Loops"]:
            ways.add(node.get("Index Name", f"{node['Node Type']} on {table}"))
        if node["Node Type"] != "Bitmap Heap Scan":
            removed = node.get("Rows Removed by Filter", 0)
            removed += node.get("Rows Removed by Index Recheck", 0)
            looked_at += round((node["Actual Rows"] + removed) * node["Actual Loops"])
    return ways, looked_at


@pytest.mark.parametrize("name", HOT)
async def test_a_hot_statement_reads_little_by_its_index(db: Db, name: str) -> None:
    _check(name, await plan_of(db, *HOT[name][:2], mode="auto"))


@pytest.mark.parametrize("name", sorted(set(HOT) - OF_ITS_VALUES))
async def test_a_plan_for_any_values_reads_little_too(db: Db, name: str) -> None:
    _check(name, await plan_of(db, *HOT[name][:2], mode="force_generic_plan"))


def _check(name: str, plan: dict[str, Any]) -> None:
    _, _, indexes, bound = HOT[name]
    ways, looked_at = read_of(plan)
    assert ways <= indexes, json.dumps(plan, indent=1)
    assert looked_at <= bound, json.dumps(plan, indent=1)
