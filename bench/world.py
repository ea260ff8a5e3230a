"""A network with a roster of any size, written by SQL as the owner: a bench may, a use-case not."""

from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from interpreters.application.calls import run
from interpreters.application.keys import create_key
from interpreters.application.networks import open_network
from interpreters.database import Pool
from interpreters.domain.callers import SCOPES, Caller
from interpreters.domain.ids import new_id
from interpreters.sql import institutions
from interpreters.sql.institutions import Institution

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
PEOPLE = """
INSERT INTO interpreters (network_id, id, display_name, email, gender, time_zone, latitude,
    longitude, city, travel_radius_km, modes, qualification, topics, urgent_opt_in, engagement,
    active, outside_hours, created_at, version)
SELECT $1, gen_random_uuid(), 'Interpreter ' || n, 'i' || n || '@example.org',
    CASE WHEN random() < 0.6 THEN 'female' ELSE 'male' END, 'Europe/Riga',
    56.95 + (random() - 0.5) * 8, 24.1 + (random() - 0.5) * 10, 'Riga', 20 + (random() * 80)::int,
    ARRAY['in_person', 'phone', 'video'],
    (ARRAY['certified', 'trained', 'language_speaker'])[1 + floor(random() * 3)::int], ARRAY['health'],
    true, 'freelance', true, 'ask', $2, 1
FROM generate_series(1, $3::int) AS n
"""
# Two languages each: Latvian, and one of a hundred, the first ones far more often (Zipf).
LANGUAGES = """
INSERT INTO interpreter_languages (network_id, interpreter_id, language, position, level, dialects)
SELECT $1, i.id, l.language, l.position, 'fluent', '{}'
FROM interpreters i, LATERAL (
    SELECT 'lav' AS language, 1 AS position
    UNION ALL
    SELECT 'l' || lpad(to_hex((100 ^ random())::int), 2, '0'), 2 + 0 * length(i.display_name)
) l WHERE i.network_id = $1
"""
SUPPLY = """
INSERT INTO supply (network_id, pair, interpreter_id, active, level, modes, gender, qualification,
    credentials, dialects, topics, time_zone, week, outside_hours, urgent_opt_in, latitude,
    longitude, cell, travel_radius_km, static_score)
SELECT $1, least(l.language, 'lav') || ':' || greatest(l.language, 'lav'), i.id, true, 2, 7,
    i.gender, 1 + (random() * 2)::int, '{}', '{}', i.topics, i.time_zone,
    CASE WHEN random() < 0.7 THEN repeat('1', 768)::bit(768) ELSE repeat('0', 768)::bit(768) END,
    'ask', true, i.latitude, i.longitude, NULL, i.travel_radius_km, 10 + random() * 25
FROM interpreters i
JOIN interpreter_languages l ON l.network_id = $1 AND l.interpreter_id = i.id AND l.language <> 'lav'
WHERE i.network_id = $1
"""
HOMES = "SELECT id, latitude, longitude FROM interpreters WHERE network_id = $1"
CELLS = """
UPDATE supply SET cell = c.cell FROM unnest($2::uuid[], $3::bigint[]) AS c (id, cell)
WHERE network_id = $1 AND interpreter_id = c.id
"""
ZONES = "UPDATE networks SET roster_time_zones = '{Europe/Riga}' WHERE network_id = $1"


class World:
    """A network, a coordinator's token, an institution and languages from common to rare."""

    def __init__(self, network_id: UUID, token: str, institution_id: UUID) -> None:
        self.network_id = network_id
        self.token = token
        self.institution_id = institution_id
        self.languages = ["l01", "l02", "l04", "l08", "l10", "l20", "l40", "l60"]


async def build(pool: Pool, owner_url: str, *, size: int, cell: object) -> World:
    """Make a network with `size` interpreters."""
    network = await open_network(
        pool, name=f"Bench {size}", slug=f"bench-{size}", time_zone="Europe/Riga",
        currency="EUR", country="LV", working_language="lav", now=NOW,
    )  # fmt: skip
    owner = await asyncpg.connect(owner_url)
    try:
        await owner.execute(PEOPLE, network.network_id, NOW, size, timeout=600)
        await owner.execute("ANALYZE interpreters")
        await owner.execute(LANGUAGES, network.network_id, timeout=600)
        await owner.execute("ANALYZE interpreter_languages")
        await owner.execute(SUPPLY, network.network_id, timeout=600)
        await owner.execute("ANALYZE supply")
        homes = await owner.fetch(HOMES, network.network_id)
        cells = [cell(latitude=row[1], longitude=row[2]) for row in homes]  # type: ignore[operator]  # domain.travel.cell
        ids = [row[0] for row in homes]
        await owner.execute(CELLS, network.network_id, ids, cells, timeout=600)
        await owner.execute(ZONES, network.network_id)
        await owner.execute("VACUUM ANALYZE", timeout=600)
    finally:
        await owner.close()
    holder = Caller(
        network_id=network.network_id, role="coordinator", scopes=frozenset(SCOPES["coordinator"])
    )
    institution = Institution(
        id=new_id(NOW), name="School", kind="education", country="LV", time_zone="Europe/Riga",
        working_language="lav", created_at=NOW,
    )  # fmt: skip

    async def start(db: object) -> str:
        await institutions.insert(db, network_id=network.network_id, institution=institution)  # type: ignore[arg-type]  # a connection
        return (await create_key(db, holder=holder, expires_at=None, now=NOW)).token  # type: ignore[arg-type]  # a connection

    token = await run(pool, network.network_id, start)
    return World(network.network_id, token, institution.id)
