"""What was kept for a while is forgotten, by the network's rules, once in each of its nights."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import anyio
import asyncpg
import pytest

from interpreters.application.calls import run
from interpreters.application.due import Due, take_due
from interpreters.application.networks import change_network
from interpreters.application.retention import PORTION, plan_retention
from interpreters.database import Pool
from interpreters.domain.callers import house
from interpreters.domain.retention import BY_KIND, RULES, Kind
from interpreters.jobs.deliveries import deliver
from interpreters.jobs.retention import forget
from interpreters.sql import idempotency_keys
from interpreters.sql.retention import STATEMENTS
from servers import database_url
from statements import references
from told import NOON, about_request, centre, number, told

pytestmark = pytest.mark.anyio

WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)


async def due_at(pool: Pool, now: datetime, kind: str = "retention") -> list[Due]:
    return await take_due(pool, kinds=[kind], now=now, until=now, limit=100)  # type: ignore[list-item]  # one of them


async def deliver_all(pool: Pool, now: datetime) -> None:
    for one in await due_at(pool, now, "outbox"):
        await deliver(pool, network_id=one.network_id, id=one.id, clock=lambda: now)


async def count(pool: Pool, network_id: UUID, statement: str) -> int:
    found: int = await run(pool, network_id, lambda db: db.fetchval(statement, network_id))
    return found


async def test_told_notices_go_after_seven_days_and_events_stay(pool: Pool) -> None:
    network_id = await centre(pool)
    await told(pool, network_id, about_request(), now=NOON)
    await deliver_all(pool, NOON)
    later = NOON + 2 * SECOND
    await told(pool, network_id, about_request(), now=later)
    await deliver_all(pool, later)
    await told(pool, network_id, about_request(), now=NOON)  # never told: stays whatever its age

    now = NOON + WEEK + SECOND
    await forget(pool, network_id=network_id, id=network_id, clock=lambda: now)

    outbox = "SELECT count(*) FROM outbox o WHERE o.network_id = $1"
    events = "SELECT count(*) FROM events e WHERE e.network_id = $1"
    assert await count(pool, network_id, outbox) == 2
    assert await count(pool, network_id, events) == 2


async def test_idempotency_keys_go_after_seven_days_in_their_network_only(pool: Pool) -> None:
    one, other = await centre(pool, slug="one"), await centre(pool, slug="other")
    key_id = number()
    for network_id, key, at in (
        (one, "old", NOON), (one, "young", NOON + 2 * SECOND), (other, "old", NOON),
    ):  # fmt: skip
        await run(
            pool,
            network_id,
            lambda db, network_id=network_id, key=key, at=at: idempotency_keys.claim(
                db, network_id=network_id, key_id=key_id, key=key, request_hash=b"x", now=at
            ),
        )

    now = NOON + WEEK + SECOND
    await forget(pool, network_id=one, id=one, clock=lambda: now)

    keys = (
        "SELECT string_agg(i.idempotency_key, ',') FROM idempotency_keys i WHERE i.network_id = $1"
    )
    assert await run(pool, one, lambda db: db.fetchval(keys, one)) == "young"
    assert await run(pool, other, lambda db: db.fetchval(keys, other)) == "old"


async def test_every_network_has_one_round_in_each_of_its_nights(pool: Pool) -> None:
    """NOON is 14:00 in Riga; 03:00 there is 01:00 UTC in winter."""
    networks = [await centre(pool, slug=slug) for slug in ("one", "other")]

    await plan_retention(pool, now=NOON)
    assert sorted(one.network_id for one in await due_at(pool, NOON)) == sorted(networks)
    for one in networks:
        await forget(pool, network_id=one, id=one, clock=lambda: NOON)
    await plan_retention(pool, now=NOON)

    night = datetime(2026, 11, 25, 1, tzinfo=UTC)
    assert await due_at(pool, night - SECOND) == []
    tonight = await due_at(pool, night)
    assert sorted(one.network_id for one in tonight) == sorted(networks)


async def nights(pool: Pool, network_id: UUID, *, since: datetime, hours: int) -> list[datetime]:
    """Run the round whenever it is due, looking every half hour; return when it ran."""
    ran, now = [], since
    await forget(pool, network_id=network_id, id=network_id, clock=lambda: since)
    for _ in range(hours * 2):
        now += timedelta(minutes=30)
        for one in await due_at(pool, now):
            await forget(pool, network_id=one.network_id, id=one.id, clock=lambda now=now: now)
            ran.append(now)
    return ran


@pytest.mark.parametrize(
    ("noon", "expected"),
    [
        ("2026-03-28T10:00Z", ["2026-03-29T01:00Z", "2026-03-30T00:00Z"]),
        ("2026-10-24T09:00Z", ["2026-10-25T00:00Z", "2026-10-26T01:00Z"]),
    ],
)
async def test_in_nights_when_clocks_change_there_is_one_round_too(
    pool: Pool, noon: str, expected: list[str]
) -> None:
    network_id = await centre(pool)
    ran = await nights(pool, network_id, since=datetime.fromisoformat(noon), hours=48)
    assert ran == [datetime.fromisoformat(one) for one in expected]


# For each kind: a row that has served, the same row that has not, and what is looked at.
SESSION = "tstzrange($2::timestamptz - interval '1 hour', $2)"
REQUEST = f"""
    INSERT INTO requests (network_id, id, institution_id, state, languages, working_language,
        modes, session, starts_now, wall_starts_at, time_zone, duration_minutes, topic,
        interpreters_needed, partial_ok, priority, requirements, fallbacks, details, wave,
        ladder_started_at, created_at, updated_at, version, instructions, connect, cancel_reason,
        cancelled_at)
    VALUES ($1, gen_random_uuid(), gen_random_uuid(), 'closed', '{{prs}}', 'lav', '{{phone}}',
        {SESSION}, false, $2::timestamptz::timestamp, 'UTC', 60, 'health', 1, false, 'routine',
        '{{}}', '{{}}', '{{"channel": "web"}}', 0, $2, $2, $2, 1, 'x', '"x"', 'x', $2)
"""
BOOKING = f"""
    INSERT INTO bookings (network_id, id, request_id, seat, institution_id, interpreter_id, state,
        from_language, to_language, mode, topic, session, blocked, wall_starts_at, time_zone,
        closed_at, close_reason, created_at, updated_at, version)
    VALUES ($1, gen_random_uuid(), gen_random_uuid(), 1, gen_random_uuid(), gen_random_uuid(),
        'cancelled', 'prs', 'lav', 'phone', 'health', {SESSION}, {SESSION},
        $2::timestamptz::timestamp, 'UTC', $2, 'x', $2, $2, 1)
"""
OFFER = """
    INSERT INTO offers (network_id, id, request_id, seat, interpreter_id, state, wave, mode,
        from_language, to_language, score, reasons, weights_version, answer_by, answered_at,
        decline_reason, created_at, version)
    VALUES ($1, gen_random_uuid(), gen_random_uuid(), 1, gen_random_uuid(), 'declined', 1, 'phone',
        'prs', 'lav', 1, '[]', 1, $2, $2, 'x', $2, 1)
"""
KEPT = {
    "instructions": (REQUEST, "requests", "instructions IS NOT NULL"),
    "instructions, what else was written": (REQUEST, "requests", "details <> '{}'"),
    "connection_details": (REQUEST, "requests", "connect IS NOT NULL"),
    "reasons of requests": (REQUEST, "requests", "cancel_reason IS NOT NULL"),
    "reasons of bookings": (BOOKING, "bookings", "close_reason IS NOT NULL"),
    "reasons of offers": (OFFER, "offers", "decline_reason IS NOT NULL"),
    "reasons of disputes": (
        """INSERT INTO disputes (network_id, id, booking_id, opened_by, reason, state, answer,
               outcome, created_at, closed_at, version)
           VALUES ($1, gen_random_uuid(), gen_random_uuid(), 'requester', 'x', 'closed', 'y',
               'upheld', $2, $2, 1)""",
        "disputes", "reason IS NOT NULL OR answer IS NOT NULL",
    ),
    "reasons of ratings": (
        """INSERT INTO ratings (network_id, booking_id, rated_by, stars, note, created_at)
           VALUES ($1, gen_random_uuid(), 'requester', 5, 'x', $2)""",
        "ratings", "note IS NOT NULL",
    ),
    "reasons of changed times": (
        """INSERT INTO time_changes (network_id, id, booking_id, field, becomes, changed_by, reason,
               recorded_at)
           VALUES ($1, gen_random_uuid(), gen_random_uuid(), 'ended_at', $2, 'interpreter', 'x',
               $2)""",
        "time_changes", "reason IS NOT NULL",
    ),
    "client_voices": (
        """INSERT INTO client_voices (network_id, id, booking_id, client_id, institution_id, kind,
               language, said, answer, state, created_at, version)
           VALUES ($1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(),
               'complaint', 'fa', 'x', 'y', 'answered', $2, 1)""",
        "client_voices", "said IS NOT NULL OR answer IS NOT NULL",
    ),
    "client_links": (
        """INSERT INTO client_links (network_id, id, booking_id, client_id, token_hash, language,
               expires_at, created_at)
           VALUES ($1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(),
               gen_random_uuid()::text::bytea, 'fa', $2, $2)""",
        "client_links", "true",
    ),
    "messages": (
        """INSERT INTO messages (network_id, id, channel, purpose, language, state, tries,
               created_at)
           VALUES ($1, gen_random_uuid(), 'mail', 'code', 'en', 'sent', 1, $2)""",
        "messages", "true",
    ),
    "messages, seen offers": (
        """INSERT INTO offers (network_id, id, request_id, seat, interpreter_id, state, wave, mode,
               from_language, to_language, score, reasons, weights_version, answer_by, created_at,
               version, seen_at)
           VALUES ($1, gen_random_uuid(), gen_random_uuid(), 1, gen_random_uuid(), 'expired', 1,
               'phone', 'prs', 'lav', 1, '[]', 1, $2, $2, 1, $2)""",
        "offers", "seen_at IS NOT NULL",
    ),
    "plans": (
        """INSERT INTO plans (network_id, id, state, starts_at, ends_at, made_at, figures, version)
           VALUES ($1, gen_random_uuid(), 'accepted', $2, $2, $2, '{}', 1)""",
        "plans", "true",
    ),
    "freed_slots": (
        """INSERT INTO freed_slots (network_id, id, booking_id, interpreter_id, slot, mode,
               created_at)
           VALUES ($1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(),
               tstzrange($2::timestamptz - interval '1 hour', $2), 'phone', $2)""",
        "freed_slots", "true",
    ),
    "sign_in_attempts": (
        """INSERT INTO sign_in_attempts (network_id, id, token_hash, person_mark, address_mark,
               channel, recipient, code_hash, tries, expires_at, created_at)
           VALUES ($1, gen_random_uuid(), gen_random_uuid()::text::bytea, '', '', 'mail', 'x', '',
               0, $2, $2)""",
        "sign_in_attempts", "true",
    ),
    "sign_ins": (
        """INSERT INTO sign_ins (network_id, id, user_id, token_hash, how, expires_at, created_at)
           VALUES ($1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid()::text::bytea, 'code',
               $2, $2)""",
        "sign_ins", "true",
    ),
    "sign_ins, invitations": (
        """INSERT INTO invitations (network_id, id, user_id, token_hash, expires_at, created_at)
           VALUES ($1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid()::text::bytea, $2,
               $2)""",
        "invitations", "true",
    ),
    "sign_ins, challenges": (
        """INSERT INTO passkey_challenges (network_id, id, challenge, expires_at)
           VALUES ($1, gen_random_uuid(), '', $2)""",
        "passkey_challenges", "true",
    ),
    "sign_ins, calendars": (
        """INSERT INTO calendar_links (network_id, id, interpreter_id, token_hash, revoked_at,
               created_at)
           VALUES ($1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid()::text::bytea, $2,
               $2)""",
        "calendar_links", "true",
    ),
    "operations": (
        """INSERT INTO operations (network_id, id, kind, state, done, input, result, created_at,
               finished_at)
           VALUES ($1, gen_random_uuid(), 'import:clients', 'succeeded', 0, 'x', 'y', $2, $2)""",
        "operations", "input IS NOT NULL OR result IS NOT NULL",
    ),
    "answers": (
        """INSERT INTO idempotency_keys (network_id, key_id, idempotency_key, request_hash,
               created_at) VALUES ($1, gen_random_uuid(), 'x', '', $2)""",
        "idempotency_keys", "true",
    ),
    "notices": (
        """INSERT INTO outbox (network_id, id, batch_id, position, type, subject_kind, subject_id,
               recorded_at, placed, done_at)
           VALUES ($1, gen_random_uuid(), gen_random_uuid(), 1, 'request.created', 'request',
               gen_random_uuid(), $2, true, $2)""",
        "outbox", "true",
    ),
}  # fmt: skip


def kind_of(name: str) -> Kind:
    return next(one.kind for one in RULES if name.startswith(one.kind))


async def plant(database: str, network_id: UUID, statement: str, *ages: datetime) -> None:
    """Add rows that refer to nothing: these rules are about one table each."""
    db = await asyncpg.connect(database_url(role="postgres", database=database))
    await db.execute("SET session_replication_role = replica")
    await db.execute("ALTER TABLE requests DROP CONSTRAINT IF EXISTS requests_institution_exists")
    for age in ages:
        await db.execute(statement, network_id, age)
    await db.close()


async def says(pool: Pool, network_id: UUID, **days: int | None) -> None:
    change = {"retention": days}
    await run(
        pool, network_id,
        lambda db: change_network(
            db, house(network_id), if_match=None, change=lambda: change, now=NOON
        ),
    )  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
async def test_what_has_served_is_gone_and_the_rest_stays(
    pool: Pool, database: str, name: str
) -> None:
    statement, table, held = KEPT[name]
    network_id, other = await centre(pool, slug="one"), await centre(pool, slug="other")
    days = BY_KIND[kind_of(name)].days
    assert days is not None
    old, young = NOON - timedelta(days=days), NOON - timedelta(days=days) + SECOND
    await plant(database, network_id, statement, old, young)
    await plant(database, other, statement, old)
    left = f"SELECT count(*) FROM {table} t WHERE t.network_id = $1 AND ({held})"

    for _ in range(2):  # it may run twice
        await forget(pool, network_id=network_id, id=network_id, clock=lambda: NOON)
        assert await count(pool, network_id, left) == 1
    assert await count(pool, other, left) == 1


@pytest.mark.parametrize("name", KEPT)
async def test_a_network_keeps_it_longer_or_for_ever(pool: Pool, database: str, name: str) -> None:
    statement, table, held = KEPT[name]
    network_id, kind = await centre(pool), kind_of(name)
    await plant(database, network_id, statement, NOON - timedelta(days=2000))
    left = f"SELECT count(*) FROM {table} t WHERE t.network_id = $1 AND ({held})"

    for days, kept in ((None, 1), (2001, 1), (2000, 0)):
        await says(pool, network_id, **{kind: days})
        await forget(pool, network_id=network_id, id=network_id, clock=lambda: NOON)
        assert await count(pool, network_id, left) == kept


def test_every_rule_is_tried_here() -> None:
    people = {"inactive_clients", "suspended_interpreters"}  # tests/application/test_erasure.py
    assert {kind_of(name) for name in KEPT} | people == set(BY_KIND)


async def test_much_is_forgotten_in_portions_in_the_same_night(pool: Pool, database: str) -> None:
    network_id = await centre(pool)
    statement, table, _ = KEPT["sign_in_attempts"]
    await plant(database, network_id, statement, *[NOON - timedelta(days=2)] * (PORTION + 1))
    left = f"SELECT count(*) FROM {table} t WHERE t.network_id = $1"

    await forget(pool, network_id=network_id, id=network_id, clock=lambda: NOON)
    assert await count(pool, network_id, left) == 1
    assert [one.network_id for one in await due_at(pool, NOON)] == [network_id]
    await forget(pool, network_id=network_id, id=network_id, clock=lambda: NOON)
    assert await count(pool, network_id, left) == 0
    assert await due_at(pool, NOON + timedelta(hours=12)) == []


async def test_two_at_once_forget_each_row_once_and_wait_for_nobody(
    pool: Pool, database: str
) -> None:
    network_id = await centre(pool)
    statement, table, _ = KEPT["messages"]
    await plant(database, network_id, statement, *[NOON - timedelta(days=91)] * 50)
    async with anyio.create_task_group() as both:
        for _ in range(2):
            both.start_soon(
                partial(forget, pool, network_id=network_id, id=network_id, clock=lambda: NOON)
            )
    left = f"SELECT count(*) FROM {table} t WHERE t.network_id = $1"
    assert await count(pool, network_id, left) == 0


async def test_what_cannot_be_forgotten_keeps_nothing_else(pool: Pool, database: str) -> None:
    network_id = await centre(pool)
    for kind in ("messages", "sign_in_attempts", "answers"):
        statement, _, _ = KEPT[kind]
        await plant(database, network_id, statement, NOON - timedelta(days=400))
    owner = await asyncpg.connect(database_url(role="postgres", database=database))
    await owner.execute("REVOKE DELETE ON messages FROM interpreters_app")
    await owner.close()

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await forget(pool, network_id=network_id, id=network_id, clock=lambda: NOON)

    for kind, left in (("messages", 1), ("sign_in_attempts", 0), ("answers", 0)):
        _, table, _ = KEPT[kind]
        query = f"SELECT count(*) FROM {table} t WHERE t.network_id = $1"
        assert await count(pool, network_id, query) == left


async def test_ledger_events_and_audit_are_under_no_rule() -> None:
    touched = {ref.table for name in STATEMENTS for one in STATEMENTS[name]
               for ref in references(one)}  # fmt: skip
    assert not touched & {"usage_entries", "events", "audit", "event_places", "networks"}
