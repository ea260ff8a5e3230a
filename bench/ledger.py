"""A network with a year's ledger of any size, written by SQL as the owner.

Every entry has its booking, its request and one or two clients: two hundred institutions, some
twenty languages, one session in forty corrected, one in twenty called off late or missed.
"""

from typing import Any
from uuid import UUID

from bench.world import NOW
from interpreters.application.networks import open_network
from interpreters.database import Pool

# `id(kind, n)` is a UUID of version 7, a millisecond after the one before. No foreign keys and no
# triggers while rows are written.
START = """
SET session_replication_role = replica;
CREATE OR REPLACE FUNCTION bench_id(kind int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex(1700000000000 + n), 12, '0') || '7' || left(md5(kind || '.' || n), 3)
        || '8' || substr(md5(kind || '.' || n), 4, 15))::uuid $$;
CREATE OR REPLACE FUNCTION bench_language(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT (ARRAY['prs', 'pes', 'tgk', 'kmr', 'ckb', 'cmn', 'yue', 'pus', 'uzb', 'tam', 'ukr',
        'rus', 'som', 'tir', 'amh', 'urd', 'ben', 'hin', 'tur', 'vie', 'lit'])
        [1 + (sqrt(n % 400))::int] $$
"""
INSTITUTIONS = """
INSERT INTO institutions (network_id, id, name, kind, time_zone, working_language,
    preferred_interpreter_ids, blocked_interpreter_ids, created_at, version)
SELECT $1, bench_id(1, n), 'Institution ' || n,
    (ARRAY['ngo', 'state', 'municipality', 'health', 'education'])[1 + n % 5], 'Europe/Riga',
    'lav', '{}', '{}', $2, 1
FROM generate_series(0, 199) n
"""
CLIENTS = """
INSERT INTO clients (network_id, id, institution_id, reference, languages, nationality, created_at,
    version)
SELECT $1, bench_id(2, n), bench_id(1, n % 200), 'C-' || n, ARRAY['prs'],
    (ARRAY['AF', 'SY', 'UA', 'IR', 'ER', 'SO', 'LK'])[1 + n % 7], $2, 1
FROM generate_series(0, $3::int - 1) n
"""
INTERPRETERS = """
INSERT INTO interpreters (network_id, id, display_name, email, time_zone, travel_radius_km, modes,
    qualification, topics, urgent_opt_in, engagement, active, outside_hours, created_at, version)
SELECT $1, bench_id(3, n), 'Interpreter ' || n, 'i' || n || '@example.org', 'Europe/Riga', 30,
    ARRAY['phone'], 'trained', ARRAY['health'], true, 'freelance', true, 'ask', $2, 1
FROM generate_series(0, 999) n
"""
REQUESTS = """
INSERT INTO requests (network_id, id, institution_id, state, languages, working_language, modes,
    session, starts_now, wall_starts_at, time_zone, duration_minutes, topic, interpreters_needed,
    partial_ok, priority, requirements, fallbacks, details, wave, ladder_started_at, created_at,
    updated_at, version)
SELECT $1, bench_id(4, n), bench_id(1, n % 200),
    CASE WHEN n % 20 = 1 THEN 'cancelled' ELSE 'closed' END,
    ARRAY[bench_language(n)], 'lav',
    ARRAY[(ARRAY['in_person', 'phone', 'video'])[1 + n % 3]], tstzrange(t, t + interval '1 hour'),
    false, t AT TIME ZONE 'Europe/Riga', 'Europe/Riga', 60,
    (ARRAY['health', 'legal', 'social', 'education', 'other'])[1 + n % 5], 1, false, 'routine',
    '{}', '{}', '{}', 1, t, t, t, 1
FROM generate_series(0, $2::int - 1) n,
    LATERAL (SELECT '2025-01-01 22:00Z'::timestamptz + n * (interval '364 days' / $2::int)) AS x (t)
"""
REQUEST_CLIENTS = """
INSERT INTO request_clients (network_id, request_id, client_id)
SELECT $1, bench_id(4, n), bench_id(2, (n % 200 + 200 * ((n / 200) % ($3::int / 200)))::int)
FROM generate_series(0, $2::int - 1) n
"""
BOOKINGS = """
INSERT INTO bookings (network_id, id, request_id, seat, institution_id, interpreter_id, state,
    from_language, to_language, mode, topic, session, blocked, wall_starts_at, time_zone,
    created_at, updated_at, version)
SELECT $1, bench_id(5, n), bench_id(4, n), 1, bench_id(1, n % 200), bench_id(3, n % 1000),
    CASE WHEN n % 20 = 1 THEN 'cancelled' WHEN n % 20 = 2 THEN 'client_no_show'
         WHEN n % 500 = 3 THEN 'interpreter_no_show' ELSE 'completed' END,
    bench_language(n), 'lav',
    (ARRAY['in_person', 'phone', 'video'])[1 + n % 3],
    (ARRAY['health', 'legal', 'social', 'education', 'other'])[1 + n % 5],
    tstzrange(t, t + interval '1 hour'), tstzrange(t, t + interval '1 hour'),
    t AT TIME ZONE 'Europe/Riga', 'Europe/Riga', t, t, 1
FROM generate_series(0, $2::int - 1) n,
    LATERAL (SELECT '2025-01-01 22:00Z'::timestamptz + n * (interval '364 days' / $2::int)) AS x (t)
"""
# One in forty corrects the entry before it.
ENTRIES = """
INSERT INTO usage_entries (network_id, id, booking_id, request_id, kind, institution_id, client_ids,
    interpreter_id, language, mode, topic, booked_starts_at, booked_on, booked_minutes,
    actual_minutes, billable_minutes, charge_minor, pay_minor, currency, lines, rule,
    funding_shares, recorded_at)
SELECT $1, bench_id(6, n), bench_id(5, m), bench_id(4, m),
    CASE WHEN n % 40 = 0 THEN 'adjustment' WHEN m % 20 = 1 THEN 'late_cancellation'
         WHEN m % 20 = 2 THEN 'client_no_show' ELSE 'session' END,
    bench_id(1, m % 200), CASE WHEN m % 10 = 0 THEN ARRAY[one.id, other.id] ELSE ARRAY[one.id] END,
    bench_id(3, m % 1000), bench_language(m),
    (ARRAY['in_person', 'phone', 'video'])[1 + m % 3],
    (ARRAY['health', 'legal', 'social', 'education', 'other'])[1 + m % 5], t,
    (t AT TIME ZONE 'Europe/Riga')::date, CASE WHEN n % 40 = 0 THEN 0 ELSE 60 END,
    CASE WHEN n % 40 = 0 THEN -5 ELSE 55 END, CASE WHEN n % 40 = 0 THEN -5 ELSE 60 END,
    CASE WHEN n % 40 = 0 THEN -375 ELSE 4500 END, CASE WHEN n % 40 = 0 THEN -250 ELSE 3000 END,
    'EUR', '[{"kind": "base", "minutes": 60, "charge_minor": 4500, "pay_minor": 3000}]',
    '{"tariff": {"name": "2025"}}', '[]', t + interval '1 hour'
FROM generate_series(0, $2::int - 1) n,
    LATERAL (SELECT CASE WHEN n % 40 = 0 AND n > 0 THEN n - 1 ELSE n END) AS y (m),
    LATERAL (SELECT '2025-01-01 22:00Z'::timestamptz + m * (interval '364 days' / $2::int))
        AS x (t),
    LATERAL (SELECT bench_id(2, (m % 200 + 200 * ((m / 200) % ($3::int / 200)))::int)) AS one (id),
    LATERAL (SELECT bench_id(2, (m % 200 + 200 * ((m / 200 + 7) % ($3::int / 200)))::int))
        AS other (id)
"""


async def fill(pool: Pool, owner: Any, *, entries: int, clients: int = 20_000) -> UUID:
    """Open a network and write its ledger; return its id."""
    network = await open_network(
        pool, name="Ledger", slug="ledger", time_zone="Europe/Riga", currency="EUR", country="LV",
        working_language="lav", now=NOW,
    )  # fmt: skip
    network_id = network.network_id
    await owner.execute(START)
    await owner.execute(INSTITUTIONS, network_id, NOW)
    await owner.execute(CLIENTS, network_id, NOW, clients)
    await owner.execute(INTERPRETERS, network_id, NOW)
    for statement in (REQUESTS, BOOKINGS):
        await owner.execute(statement, network_id, entries, timeout=1200)
    for statement in (REQUEST_CLIENTS, ENTRIES):
        await owner.execute(statement, network_id, entries, clients, timeout=1200)
    await owner.execute("SET session_replication_role = origin")
    await owner.execute("DROP FUNCTION bench_id, bench_language")
    await owner.execute("VACUUM ANALYZE", timeout=1200)
    return network_id
