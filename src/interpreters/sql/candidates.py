"""The search: who fits a seat, best first; and, when asked, which rule took out the rest."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec
from asyncpg import BitString, Range

from interpreters.database import Db, Row
from interpreters.domain.windows import Window


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What the search asks. `modes` is a bit mask (1 in person, 2 phone, 4 video).

    `cells` are map cells around the place, for a search that is only in person; those who travel
    farther than the cells reach are looked at apart. Zones and masks are of one length: the quarter
    hours of the local week that the session touches, in each time zone of the roster.
    `no_volunteers`: the network does not ask them about this topic. `urgent`: it starts so soon
    that those who take no urgent jobs are not asked. Those on `standby` are found first.
    """

    pairs: Sequence[str]
    modes: int
    session: Window
    latitude: float | None = None
    longitude: float | None = None
    cells: Sequence[int] | None = None
    strict_gender: str | None = None
    minimum_qualification: int = 1
    credentials: Sequence[str] = ()
    credentials_valid_on: date
    blocked: Sequence[UUID] = ()
    left: Sequence[UUID] = ()
    asked: Sequence[UUID] = ()
    zones: Sequence[str] = ()
    masks: Sequence[str] = ()
    strict_dialect: str | None = None
    wished_gender: str | None = None
    wished_dialect: str | None = None
    wished: Sequence[UUID] = ()
    on_list: Sequence[UUID] = ()
    met: Sequence[UUID] = ()
    topic: str = "other"
    no_volunteers: bool = False
    urgent: bool = False
    standby: Sequence[UUID] = ()
    points: Sequence[float] = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who passed every rule that the database can tell."""

    interpreter_id: UUID
    display_name: str
    pair: str
    modes: int
    level: int
    qualification: int
    distance_km: float | None
    travel_radius_km: int
    in_hours: bool
    has_gender: bool
    speaks_dialect: bool
    knows_topic: bool
    home_latitude: float | None
    home_longitude: float | None
    static_score: float
    week_quarters: int
    auto_assign: bool
    time_zone: str
    quiet_hours: dict[str, str] | None
    urgent_opt_in: bool


# $1 network_id, $2 pairs, $3 modes, $4 session, $5 latitude, $6 longitude, $7 cells (null = the
# search is not only in person), $8 strict gender, $9 minimum qualification, $10 credentials,
# $11 valid on, $12 blocked, $13 left, $14 asked, $15 zones, $16 masks, $17 strict dialect,
# $18 wished gender, $19 wished dialect, $20 wished, $21 on the institution's list, $22 met before,
# $23 topic, $24 points (hours, travel, gender, dialect, requested, list, met, topic), $25 limit,
# $26 whether the topic is not for volunteers, $27 whether it is urgent, $28 on standby
#
# The fences (OFFSET 0) keep the order of work: cheap columns first, then distance, then the sort,
# and only then the probes of bookings and absences, in order of score, until enough are free.
FIND: Final[LiteralString] = """
    SELECT c.interpreter_id, i.display_name, c.pair, c.fit AS modes, c.level, c.qualification,
           c.distance_km, c.travel_radius_km, c.in_hours, c.has_gender, c.speaks_dialect,
           c.knows_topic, c.latitude AS home_latitude, c.longitude AS home_longitude,
           c.static_score, length(replace(substring(c.week for 672)::text, '0', ''))
               AS week_quarters, i.auto_assign, i.time_zone, i.quiet_hours, i.urgent_opt_in
    FROM (
        SELECT b.*,
               b.static_score
               + ($24::float8[])[1] * b.in_hours::int
               + ($24::float8[])[2] * CASE
                     WHEN b.fit & 1 = 0 THEN 1
                     WHEN b.distance_km IS NULL THEN 0.5
                     ELSE greatest(0, 1 - b.distance_km / greatest(1, b.travel_radius_km)) END
               + ($24::float8[])[3] * b.has_gender::int
               + ($24::float8[])[4] * b.speaks_dialect::int
               + ($24::float8[])[5] * (b.interpreter_id = ANY ($20::uuid[]))::int
               + ($24::float8[])[6] * (b.interpreter_id = ANY ($21::uuid[]))::int
               + ($24::float8[])[7] * (b.interpreter_id = ANY ($22::uuid[]))::int
               + ($24::float8[])[8] * 0.5 * b.knows_topic::int
               + 1000 * (b.interpreter_id = ANY ($28::uuid[]))::int AS rough
        FROM (
            SELECT a.*,
                   a.modes & $3::int & CASE
                       WHEN a.distance_km > a.travel_radius_km THEN 6 ELSE 7 END AS fit,
                   a.gender IS NOT DISTINCT FROM $18 AS has_gender,
                   coalesce($19 = ANY (a.dialects), false) AS speaks_dialect,
                   $23 = ANY (a.topics) AS knows_topic,
                   coalesce(a.week & ($16::varbit[])[a.zone] = ($16::varbit[])[a.zone], false)
                   OR coalesce(a.available_until >= upper($4::tstzrange), false) AS in_hours
            FROM (
                SELECT p.*, array_position($15::text[], p.time_zone) AS zone,
                       CASE WHEN $3::int & 1 = 1 THEN 111.195 * sqrt(
                           (p.latitude - $5) * (p.latitude - $5)
                           + least(abs(p.longitude - $6), 360 - abs(p.longitude - $6)) ^ 2
                             * cos(radians($5)) * cos(radians(p.latitude))) END AS distance_km
                FROM (
                    SELECT s.* FROM supply s
                    WHERE s.network_id = $1 AND s.pair = ANY ($2::text[]) AND $7::bigint[] IS NULL
                    UNION ALL
                    SELECT s.* FROM supply s
                    WHERE s.network_id = $1 AND s.pair = ANY ($2::text[])
                      AND s.cell = ANY ($7::bigint[]) AND s.travel_radius_km <= 100
                    UNION ALL
                    SELECT s.* FROM supply s
                    WHERE s.network_id = $1 AND s.pair = ANY ($2::text[])
                      AND (s.travel_radius_km > 100 OR s.cell IS NULL)
                      AND $7::bigint[] IS NOT NULL
                ) p
                WHERE p.active AND p.modes & $3::int <> 0
                  AND ($8::text IS NULL OR p.gender = $8)
                  AND p.qualification >= $9::int
                  AND (p.urgent_opt_in OR NOT $27::boolean)
                  AND p.credentials @> $10::text[]
                  AND ($17::text IS NULL OR $17 = ANY (p.dialects))
                  AND p.interpreter_id <> ALL ($12::uuid[])
                  AND p.interpreter_id <> ALL ($13::uuid[])
                  AND p.interpreter_id <> ALL ($14::uuid[])
                OFFSET 0
            ) a
            OFFSET 0
        ) b
        WHERE b.fit <> 0 AND (b.in_hours OR b.outside_hours = 'ask')
        ORDER BY rough DESC, b.interpreter_id
        OFFSET 0
    ) c
    JOIN interpreters i ON i.network_id = $1 AND i.id = c.interpreter_id
    WHERE NOT ($26::boolean AND i.engagement = 'volunteer')
      AND NOT EXISTS (
            SELECT 1 FROM bookings k
            WHERE k.network_id = $1 AND k.interpreter_id = c.interpreter_id
              AND k.blocked && $4::tstzrange AND k.session && $4::tstzrange
              AND k.state IN ('held', 'confirmed', 'in_progress'))
      AND NOT EXISTS (
            SELECT 1 FROM absences e
            WHERE e.network_id = $1 AND e.interpreter_id = c.interpreter_id
              AND e.absent && $4::tstzrange)
      AND NOT EXISTS (
            SELECT 1 FROM unnest($10::text[]) AS needed (kind)
            WHERE NOT EXISTS (
                SELECT 1 FROM credentials d
                WHERE d.network_id = $1 AND d.interpreter_id = c.interpreter_id
                  AND d.kind = needed.kind
                  AND (d.issued_on IS NULL OR d.issued_on <= $11::date)
                  AND (d.expires_on IS NULL OR d.expires_on >= $11::date)))
    ORDER BY c.rough DESC, c.interpreter_id
    LIMIT $25
"""


async def find(db: Db, *, network_id: UUID, search: Search, limit: int) -> list[Found]:
    """Return those who fit, best first by what one row can tell, at most `limit`.

    Somebody found in several of the wanted languages stands once for each.
    """
    rows = await db.fetch(
        FIND, network_id, list(search.pairs), search.modes, _range(search.session),
        search.latitude, search.longitude, search.cells, search.strict_gender,
        search.minimum_qualification, list(search.credentials), search.credentials_valid_on,
        list(search.blocked), list(search.left), list(search.asked), list(search.zones),
        _bits(search.masks), search.strict_dialect, search.wished_gender, search.wished_dialect,
        list(search.wished), list(search.on_list), list(search.met), search.topic,
        list(search.points), limit, search.no_volunteers, search.urgent, list(search.standby),
    )  # fmt: skip
    return [_found(row) for row in rows]


# $1 network_id, $2 pairs, $3 modes, $4 session, $5 latitude, $6 longitude, $7 the client's
# languages, $8 strict gender, $9 minimum qualification, $10 credentials, $11 valid on,
# $12 blocked, $13 left, $14 zones, $15 masks, $16 strict dialect, $17 whether the topic is not for
# volunteers, $18 whether it is urgent
#
# Those who do not speak the language are counted by subtraction: mostly they are nearly all.
FUNNEL: Final[LiteralString] = """
    SELECT 'language' AS code,
           (SELECT count(*) FROM interpreters i WHERE i.network_id = $1)
           - (SELECT count(DISTINCT l.interpreter_id) FROM interpreter_languages l
              WHERE l.network_id = $1 AND l.language = ANY ($7::text[])) AS count
    UNION ALL
    SELECT f.code, count(*) AS count FROM (
        SELECT CASE
            WHEN $16::text IS NOT NULL AND NOT CASE WHEN s.pair IS NULL THEN EXISTS (
                SELECT 1 FROM interpreter_languages l, unnest(l.dialects) AS d (name)
                WHERE l.network_id = $1 AND l.interpreter_id = i.id AND lower(d.name) = $16)
                ELSE $16 = ANY (s.dialects) END THEN 'language'
            WHEN s.pair IS NULL THEN 'working_language'
            WHEN NOT s.active THEN 'inactive'
            WHEN s.modes & $3::int = 0 THEN 'mode'
            WHEN s.gender IS DISTINCT FROM $8 AND $8::text IS NOT NULL THEN 'gender'
            WHEN s.qualification < $9::int THEN 'qualification'
            WHEN $17::boolean AND i.engagement = 'volunteer' THEN 'qualification'
            WHEN EXISTS (
                SELECT 1 FROM unnest($10::text[]) AS needed (kind)
                WHERE NOT EXISTS (
                    SELECT 1 FROM credentials d
                    WHERE d.network_id = $1 AND d.interpreter_id = i.id
                      AND d.kind = needed.kind
                      AND (d.issued_on IS NULL OR d.issued_on <= $11::date)
                      AND (d.expires_on IS NULL OR d.expires_on >= $11::date))) THEN 'credential'
            WHEN i.id = ANY ($12::uuid[]) THEN 'blocked'
            WHEN s.modes & $3::int & CASE WHEN 111.195 * sqrt(
                    (s.latitude - $5) * (s.latitude - $5)
                    + least(abs(s.longitude - $6), 360 - abs(s.longitude - $6)) ^ 2
                      * cos(radians($5)) * cos(radians(s.latitude))) > s.travel_radius_km
                THEN 6 ELSE 7 END = 0 THEN 'distance'
            WHEN i.id = ANY ($13::uuid[]) THEN 'conflict'
            WHEN EXISTS (
                SELECT 1 FROM bookings k
                WHERE k.network_id = $1 AND k.interpreter_id = i.id
                  AND k.blocked && $4::tstzrange AND k.session && $4::tstzrange
                  AND k.state IN ('held', 'confirmed', 'in_progress')) THEN 'busy'
            WHEN EXISTS (
                SELECT 1 FROM absences e
                WHERE e.network_id = $1 AND e.interpreter_id = i.id
                  AND e.absent && $4::tstzrange) THEN 'unavailable'
            WHEN $18::boolean AND NOT s.urgent_opt_in THEN 'unavailable'
            WHEN s.outside_hours = 'never'
                AND NOT coalesce(s.available_until >= upper($4::tstzrange), false)
                AND NOT coalesce(
                    s.week & ($15::varbit[])[array_position($14::text[], s.time_zone)]
                    = ($15::varbit[])[array_position($14::text[], s.time_zone)], false)
                THEN 'unavailable'
            END AS code
        FROM interpreters i
        LEFT JOIN LATERAL (
            SELECT p.* FROM supply p
            WHERE p.network_id = $1 AND p.interpreter_id = i.id AND p.pair = ANY ($2::text[])
            ORDER BY $16 = ANY (p.dialects) DESC, p.modes & $3::int DESC, p.pair LIMIT 1
        ) s ON true
        WHERE i.network_id = $1 AND i.id IN (
            SELECT l.interpreter_id FROM interpreter_languages l
            WHERE l.network_id = $1 AND l.language = ANY ($7::text[]))
    ) f
    WHERE f.code IS NOT NULL
    GROUP BY f.code
"""


async def funnel(
    db: Db, *, network_id: UUID, search: Search, languages: Sequence[str]
) -> dict[str, int]:
    """Return how many of the network's interpreters each rule took out, each counted once."""
    rows = await db.fetch(
        FUNNEL, network_id, list(search.pairs), search.modes, _range(search.session),
        search.latitude, search.longitude, list(languages), search.strict_gender,
        search.minimum_qualification, list(search.credentials), search.credentials_valid_on,
        list(search.blocked), list(search.left), list(search.zones), _bits(search.masks),
        search.strict_dialect, search.no_volunteers, search.urgent,
    )  # fmt: skip
    found: Counter[str] = Counter()
    for row in rows:  # `language` comes twice: who does not speak it, and who not the dialect
        found[row["code"]] += row["count"]
    return dict(+found)


def _bits(masks: Sequence[str]) -> list[BitString]:
    return [BitString.from_int(int(one, 2), len(one)) for one in masks]


def _range(window: Window) -> "Range[datetime]":
    return Range(window.starts_at, window.ends_at)


def _found(row: Row) -> Found:
    fields: dict[str, Any] = dict(row)
    if fields["quiet_hours"] is not None:
        fields["quiet_hours"] = msgspec.json.decode(fields["quiet_hours"])
    return Found(**fields)
