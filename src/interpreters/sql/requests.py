"""Every statement about the `requests` table: what is wanted. What was written freely is sealed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec
from asyncpg import Range

from interpreters.database import Db, Row
from interpreters.domain.parties import known_party_ids
from interpreters.domain.receiving import receiver_of
from interpreters.domain.requests import RequestState
from interpreters.domain.windows import Window
from interpreters.vault import Vault, vault_of

SEALED_TEXTS: Final = ("instructions", "cancel_reason")
SEALED_JSON: Final = ("connect", "requirements", "details")


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted, and how far the search for it is.

    `languages` are the client's: one, or any of several. `details` holds the rest (channel,
    referrals, parties), sealed; what statements ask of it is written beside it too (`receiving_id`,
    `channel`, `party_ids`). `excluded` is the funnel of an unfilled request. `fallback` is the step
    the search is at (`domain/fallbacks.py`), None while it asks as was asked. `replaces_id` is the
    booking, called off late, in whose place it stands.
    """

    id: UUID
    institution_id: UUID
    site_id: UUID | None = None
    room_id: UUID | None = None
    series_id: UUID | None = None
    series_position: int | None = None
    state: RequestState
    languages: Sequence[str]
    working_language: str
    modes: Sequence[str]
    session: Window
    starts_now: bool = False
    wall_starts_at: datetime
    time_zone: str
    duration_minutes: int
    topic: str
    interpreters_needed: int = 1
    partial_ok: bool = False
    priority: str = "routine"
    external_reference: str | None = None
    cost_centre: str | None = None
    funding_id: UUID | None = None
    instructions: str | None = None
    connect: Mapping[str, Any] | None = None
    requirements: Mapping[str, Any] = {}
    fallbacks: Mapping[str, Any] = {}
    details: Mapping[str, Any] = {}
    wave: int = 0
    next_step_at: datetime | None = None
    ladder_started_at: datetime
    fallback: str | None = None
    emergency: bool = False
    unfilled_reason: str | None = None
    excluded: Mapping[str, int] | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    cancel_reason_code: str | None = None
    replaces_id: UUID | None = None
    created_by: UUID | None = None
    created_at: datetime
    updated_at: datetime
    version: int = 1


# $1 network_id, then the columns in their order
INSERT: Final[LiteralString] = """
    INSERT INTO requests (network_id, id, institution_id, site_id, room_id, series_id, state,
        languages, working_language, modes, session, starts_now, wall_starts_at, time_zone,
        duration_minutes, topic, interpreters_needed, partial_ok, priority, external_reference,
        cost_centre, funding_id, instructions, connect, requirements, fallbacks, details, wave,
        next_step_at, ladder_started_at, unfilled_reason, excluded, cancelled_at, cancel_reason,
        cancel_reason_code, created_by, created_at, updated_at, version, fallback, emergency,
        series_position, receiving_id, channel, party_ids, replaces_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
        $20, $21, $22, $23, $24::text::jsonb, $25::text::jsonb, $26::text::jsonb,
        $27::text::jsonb, $28, $29, $30, $31, $32::text::jsonb, $33, $34, $35, $36, $37, $38, $39,
        $40, $41, $42, $43, $44, $45, $46)
    ON CONFLICT DO NOTHING
    RETURNING id
"""


async def insert(db: Db, *, network_id: UUID, request: Request) -> bool:
    """Add a request; False when another one replaces the same booking."""
    return await db.fetchval(INSERT, network_id, *_values(db, network_id, request)) is not None


# $1 network_id, then the columns in their order; the new version is $39, the old one $39 - 1
UPDATE: Final[LiteralString] = """
    UPDATE requests AS r
    SET institution_id = $3, site_id = $4, room_id = $5, series_id = $6, state = $7,
        languages = $8, working_language = $9, modes = $10, session = $11, starts_now = $12,
        wall_starts_at = $13, time_zone = $14, duration_minutes = $15, topic = $16,
        interpreters_needed = $17, partial_ok = $18, priority = $19, external_reference = $20,
        cost_centre = $21, funding_id = $22, instructions = $23, connect = $24::text::jsonb,
        requirements = $25::text::jsonb, fallbacks = $26::text::jsonb, details = $27::text::jsonb,
        wave = $28, next_step_at = $29, ladder_started_at = $30, unfilled_reason = $31,
        excluded = $32::text::jsonb, cancelled_at = $33, cancel_reason = $34,
        cancel_reason_code = $35, created_by = $36, created_at = $37, updated_at = $38,
        version = $39, fallback = $40, emergency = $41, series_position = $42,
        receiving_id = $43, channel = $44, party_ids = $45, replaces_id = $46
    WHERE r.network_id = $1 AND r.id = $2 AND r.version = $39 - 1
    RETURNING r.id
"""


async def update(db: Db, *, network_id: UUID, request: Request) -> bool:
    """Write the next version; False when somebody else wrote it first."""
    return await db.fetchval(UPDATE, network_id, *_values(db, network_id, request)) is not None


# $1 network_id, $2 id, $3 now, $4 new version
FILL: Final[LiteralString] = """
    UPDATE requests AS r SET state = 'filled', next_step_at = NULL, updated_at = $3, version = $4
    WHERE r.network_id = $1 AND r.id = $2 AND r.version = $4 - 1
    RETURNING r.id
"""


async def fill(db: Db, *, network_id: UUID, request: Request, now: datetime) -> None:
    """Write that the request, whose row is held, found everybody it wants."""
    made = await db.fetchval(FILL, network_id, request.id, now, request.version + 1)
    assert made is not None  # the row is held


# $1 network_id, $2 id
FIND: Final[LiteralString] = """
    SELECT r.id, r.institution_id, r.site_id, r.room_id, r.series_id, r.state, r.languages,
           r.working_language, r.modes, r.session, r.starts_now, r.wall_starts_at, r.time_zone,
           r.duration_minutes, r.topic, r.interpreters_needed, r.partial_ok, r.priority,
           r.external_reference, r.cost_centre, r.funding_id, r.instructions, r.connect,
           r.requirements, r.fallbacks, r.details, r.wave, r.next_step_at, r.ladder_started_at,
           r.unfilled_reason, r.excluded, r.cancelled_at, r.cancel_reason, r.cancel_reason_code,
           r.created_by, r.created_at, r.updated_at, r.version, r.fallback, r.emergency,
           r.series_position, r.replaces_id
    FROM requests r
    WHERE r.network_id = $1 AND r.id = $2
"""


async def find(db: Db, *, network_id: UUID, request_id: UUID) -> Request | None:
    """Return the request, if the network has it."""
    row = await db.fetchrow(FIND, network_id, request_id)
    return None if row is None else _request(db, network_id, row)


# $1 network_id, $2 id
LOCK: Final[LiteralString] = FIND + "FOR NO KEY UPDATE"


async def lock(db: Db, *, network_id: UUID, request_id: UUID) -> Request | None:
    """Return the request and hold it: always the first lock, before seats, offers, bookings."""
    row = await db.fetchrow(LOCK, network_id, request_id)
    return None if row is None else _request(db, network_id, row)


# $1 network_id, $2 ids
GET_MANY: Final[LiteralString] = """
    SELECT r.id, r.institution_id, r.site_id, r.room_id, r.series_id, r.state, r.languages,
           r.working_language, r.modes, r.session, r.starts_now, r.wall_starts_at, r.time_zone,
           r.duration_minutes, r.topic, r.interpreters_needed, r.partial_ok, r.priority,
           r.external_reference, r.cost_centre, r.funding_id, r.instructions, r.connect,
           r.requirements, r.fallbacks, r.details, r.wave, r.next_step_at, r.ladder_started_at,
           r.unfilled_reason, r.excluded, r.cancelled_at, r.cancel_reason, r.cancel_reason_code,
           r.created_by, r.created_at, r.updated_at, r.version, r.fallback, r.emergency,
           r.series_position, r.replaces_id
    FROM requests r
    WHERE r.network_id = $1 AND r.id = ANY ($2::uuid[])
"""


async def get_many(db: Db, *, network_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Request]:
    """Return the requests by id."""
    rows = await db.fetch(GET_MANY, network_id, list(ids))
    return {row["id"]: _request(db, network_id, row) for row in rows}


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which requests a list holds; None asks for nothing."""

    state: str | None = None
    language: str | None = None
    institution_id: UUID | None = None
    starts_after: datetime | None = None
    starts_before: datetime | None = None
    external_reference: str | None = None
    series_id: UUID | None = None
    channel: str | None = None


# $1 network_id, $2 before id, $3 limit, $4 state, $5 language, $6 institution_id, $7 starts_after,
# $8 starts_before, $9 external_reference, $10 series_id, $11 channel
PAGE: Final[LiteralString] = """
    SELECT r.id, r.institution_id, r.site_id, r.room_id, r.series_id, r.state, r.languages,
           r.working_language, r.modes, r.session, r.starts_now, r.wall_starts_at, r.time_zone,
           r.duration_minutes, r.topic, r.interpreters_needed, r.partial_ok, r.priority,
           r.external_reference, r.cost_centre, r.funding_id, r.instructions, r.connect,
           r.requirements, r.fallbacks, r.details, r.wave, r.next_step_at, r.ladder_started_at,
           r.unfilled_reason, r.excluded, r.cancelled_at, r.cancel_reason, r.cancel_reason_code,
           r.created_by, r.created_at, r.updated_at, r.version, r.fallback, r.emergency,
           r.series_position, r.replaces_id
    FROM requests r
    WHERE r.network_id = $1
      AND ($2::uuid IS NULL OR r.id < $2)
      AND ($4::text IS NULL OR r.state = $4)
      AND ($5::text IS NULL OR $5 = ANY (r.languages))
      AND ($6::uuid IS NULL OR r.institution_id = $6)
      AND ($7::timestamptz IS NULL OR r.starts_at >= $7)
      AND ($8::timestamptz IS NULL OR r.starts_at < $8)
      AND ($9::text IS NULL OR r.external_reference = $9)
      AND ($10::uuid IS NULL OR r.series_id = $10)
      AND ($11::text IS NULL OR r.channel = $11)
    ORDER BY r.id DESC LIMIT $3
"""


async def page(
    db: Db, *, network_id: UUID, wanted: Filter, before: UUID | None, limit: int
) -> list[Request]:
    """Return requests, newest first."""
    rows = await db.fetch(
        PAGE, network_id, before, limit, wanted.state, wanted.language, wanted.institution_id,
        wanted.starts_after, wanted.starts_before, wanted.external_reference, wanted.series_id,
        wanted.channel,
    )  # fmt: skip
    return [_request(db, network_id, row) for row in rows]


def matches(request: Request, wanted: Filter) -> bool:
    """Tell whether a request read by other means fits the filter."""
    starts_at = request.session.starts_at
    return (
        wanted.state in (None, request.state)
        and (wanted.language is None or wanted.language in request.languages)
        and wanted.institution_id in (None, request.institution_id)
        and (wanted.starts_after is None or starts_at >= wanted.starts_after)
        and (wanted.starts_before is None or starts_at < wanted.starts_before)
        and wanted.external_reference in (None, request.external_reference)
        and wanted.series_id in (None, request.series_id)
        and wanted.channel in (None, request.details.get("channel"))
    )


def _values(db: Db, network_id: UUID, one: Request) -> tuple[object, ...]:
    vault = vault_of(db)
    return (
        one.id, one.institution_id, one.site_id, one.room_id, one.series_id, one.state,
        list(one.languages), one.working_language, list(one.modes),
        Range(one.session.starts_at, one.session.ends_at), one.starts_now, one.wall_starts_at,
        one.time_zone, one.duration_minutes, one.topic, one.interpreters_needed, one.partial_ok,
        one.priority, one.external_reference, one.cost_centre, one.funding_id,
        vault.seal_or_none(network_id, one.instructions),
        _sealed(vault, network_id, one.connect), _sealed(vault, network_id, one.requirements),
        _json(one.fallbacks), _sealed(vault, network_id, one.details),
        one.wave, one.next_step_at, one.ladder_started_at, one.unfilled_reason,
        _json(one.excluded), one.cancelled_at, vault.seal_or_none(network_id, one.cancel_reason),
        one.cancel_reason_code,
        one.created_by, one.created_at, one.updated_at, one.version, one.fallback,
        one.emergency, one.series_position, receiver_of(one.institution_id, one.details),
        one.details.get("channel"), known_party_ids(one.details), one.replaces_id,
    )  # fmt: skip


def _json(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _sealed(vault: Vault, network_id: UUID, value: Any) -> str | None:
    """Return JSON: a string, in which the value's own JSON is sealed."""
    return None if value is None else _json(vault.seal(network_id, str(_json(value))))


def _request(db: Db, network_id: UUID, row: Row) -> Request:
    fields, vault = dict(row), vault_of(db)
    for name in SEALED_TEXTS:
        fields[name] = vault.unseal_or_none(network_id, fields[name])
    for name in (*SEALED_JSON, "fallbacks", "excluded"):
        if fields[name] is not None:
            fields[name] = msgspec.json.decode(fields[name])
    for name in SEALED_JSON:
        if isinstance(fields[name], str):  # an object was stored before there was a vault
            fields[name] = msgspec.json.decode(vault.unseal(network_id, fields[name]))
    fields["session"] = Window(starts_at=row["session"].lower, ends_at=row["session"].upper)
    return Request(**fields)
