"""Every statement about the `client_voices` table: what the helped person said. It is sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.client_links import VoiceKind, VoiceState
from interpreters.vault import vault_of


class ClientVoice(msgspec.Struct, frozen=True, kw_only=True):
    """What a client said about a booking. `said` is None when nothing was, or it was erased."""

    id: UUID
    booking_id: UUID
    client_id: UUID
    institution_id: UUID
    kind: VoiceKind
    language: str  # of the page it was said on
    said: str | None
    state: VoiceState = "open"
    answer: str | None = None
    answered_at: datetime | None = None
    created_at: datetime
    version: int = 1


# $1 network_id, $2 id, $3 booking_id, $4 client_id, $5 institution_id, $6 kind, $7 language,
# $8 said, $9 state, $10 created_at, $11 version
INSERT: Final[LiteralString] = """
    INSERT INTO client_voices (network_id, id, booking_id, client_id, institution_id, kind,
                               language, said, state, created_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, voice: ClientVoice) -> None:
    """Keep what was said, sealed."""
    await db.execute(
        INSERT, network_id, voice.id, voice.booking_id, voice.client_id, voice.institution_id,
        voice.kind, voice.language, vault_of(db).seal_or_none(network_id, voice.said),
        voice.state, voice.created_at, voice.version,
    )  # fmt: skip


# $1 network_id, $2 booking_id, $3 client_id
OF_CLIENT: Final[LiteralString] = """
    SELECT v.id, v.booking_id, v.client_id, v.institution_id, v.kind, v.language, v.said, v.state,
           v.answer, v.answered_at, v.created_at, v.version
    FROM client_voices v
    WHERE v.network_id = $1 AND v.booking_id = $2 AND v.client_id = $3
    ORDER BY v.id
"""


async def of_client(
    db: Db, *, network_id: UUID, booking_id: UUID, client_id: UUID
) -> list[ClientVoice]:
    """Return what the client said about the booking, oldest first."""
    rows = await db.fetch(OF_CLIENT, network_id, booking_id, client_id)
    return [_voice(db, network_id, row) for row in rows]


# $1 network_id, $2 booking_id, $3 kind
COUNT_OPEN: Final[LiteralString] = """
    SELECT count(*) FROM client_voices v
    WHERE v.network_id = $1 AND v.booking_id = $2 AND v.kind = $3 AND v.state = 'open'
"""


async def count_open(db: Db, *, network_id: UUID, booking_id: UUID, kind: VoiceKind) -> int:
    """Return how many of a kind wait for an answer; the caller holds the booking's request."""
    return int(await db.fetchval(COUNT_OPEN, network_id, booking_id, kind))


# $1 network_id, $2 id
FIND: Final[LiteralString] = """
    SELECT v.id, v.booking_id, v.client_id, v.institution_id, v.kind, v.language, v.said, v.state,
           v.answer, v.answered_at, v.created_at, v.version
    FROM client_voices v
    WHERE v.network_id = $1 AND v.id = $2
"""


async def find(db: Db, *, network_id: UUID, voice_id: UUID) -> ClientVoice | None:
    """Return what was said, if the network has it."""
    row = await db.fetchrow(FIND, network_id, voice_id)
    return None if row is None else _voice(db, network_id, row)


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which voices a list holds; None asks for nothing."""

    state: str | None = None
    booking_id: UUID | None = None
    institution_id: UUID | None = None
    kinds: Sequence[VoiceKind] | None = None


# $1 network_id, $2 before this id (null = from the newest), $3 limit, $4 state, $5 booking_id,
# $6 institution_id, $7 kinds (null = any, of these four)
PAGE: Final[LiteralString] = """
    SELECT v.id, v.booking_id, v.client_id, v.institution_id, v.kind, v.language, v.said, v.state,
           v.answer, v.answered_at, v.created_at, v.version
    FROM client_voices v
    WHERE v.network_id = $1
      AND ($2::uuid IS NULL OR v.id < $2)
      AND ($4::text IS NULL OR v.state = $4)
      AND ($5::uuid IS NULL OR v.booking_id = $5)
      AND ($6::uuid IS NULL OR v.institution_id = $6)
      AND ($7::text[] IS NULL OR v.kind = ANY ($7))
    ORDER BY v.id DESC LIMIT $3
"""


async def page(
    db: Db, *, network_id: UUID, wanted: Filter, before: UUID | None, limit: int
) -> list[ClientVoice]:
    """Return what was said, newest first."""
    kinds = None if wanted.kinds is None else list(wanted.kinds)
    rows = await db.fetch(
        PAGE, network_id, before, limit, wanted.state, wanted.booking_id, wanted.institution_id,
        kinds,
    )  # fmt: skip
    return [_voice(db, network_id, row) for row in rows]


# $1 network_id, $2 id, $3 state, $4 answer, $5 answered_at, $6 new version; the old one is $6 - 1
UPDATE: Final[LiteralString] = """
    UPDATE client_voices AS v SET state = $3, answer = $4, answered_at = $5, version = $6
    WHERE v.network_id = $1 AND v.id = $2 AND v.version = $6 - 1
    RETURNING v.id
"""


async def update(db: Db, *, network_id: UUID, voice: ClientVoice) -> bool:
    """Write the next version, the answer sealed; False when somebody else wrote it first."""
    made = await db.fetchval(
        UPDATE, network_id, voice.id, voice.state,
        vault_of(db).seal_or_none(network_id, voice.answer), voice.answered_at, voice.version,
    )  # fmt: skip
    return made is not None


def _voice(db: Db, network_id: UUID, row: Row) -> ClientVoice:
    vault, fields = vault_of(db), dict(row)
    for name in ("said", "answer"):
        fields[name] = vault.unseal_or_none(network_id, fields[name])
    return ClientVoice(**fields)
