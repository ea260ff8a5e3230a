"""Every statement about the `offers` table: who was asked about which seat.

Sealed are why somebody was chosen, which names what the client wants, and why they declined.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec
from asyncpg import Range

from interpreters.database import Db, Row
from interpreters.domain.offers import OfferState
from interpreters.domain.windows import Window
from interpreters.vault import vault_of


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What must be known of an offer that ended, to tell its interpreter."""

    id: UUID
    request_id: UUID
    interpreter_id: UUID


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One interpreter asked about one seat, until `answer_by`.

    `session` is the time they were asked about: not the request's own when it may be moved. None
    for offers from before that could be; they were all about the request's. `seen_at` is when it
    was first on their screen, as far as their app said so.
    """

    id: UUID
    request_id: UUID
    seat: int
    interpreter_id: UUID
    state: OfferState
    wave: int
    mode: str
    session: Window | None = None
    from_language: str
    to_language: str
    score: float
    reasons: Sequence[Mapping[str, Any]]
    weights_version: int
    ladder_version: int | None = None
    answer_by: datetime
    answered_at: datetime | None = None
    decline_reason: str | None = None
    standby_at: datetime | None = None
    seen_at: datetime | None = None
    created_at: datetime
    version: int = 1


# $1 network_id, $2 request_id, $3 wave, $4 weights_version, $5 now, then arrays of one length:
# $6 ids, $7 seats, $8 interpreter_ids, $9 modes, $10 from_languages, $11 to_languages, $12 scores,
# $13 reasons, $14 answer_by; $15 the time of the session they are asked about, $16 ladder_version
INSERT: Final[LiteralString] = """
    INSERT INTO offers (network_id, id, request_id, seat, interpreter_id, state, wave, mode,
        from_language, to_language, score, reasons, weights_version, answer_by, created_at,
        version, session, ladder_version)
    SELECT $1, o.id, $2, o.seat, o.interpreter_id, 'open', $3, o.mode, o.from_language,
           o.to_language, o.score, o.reasons::jsonb, $4, o.answer_by, $5, 1, $15::tstzrange, $16
    FROM unnest($6::uuid[], $7::smallint[], $8::uuid[], $9::text[], $10::text[], $11::text[],
                $12::real[], $13::text[], $14::timestamptz[])
         AS o (id, seat, interpreter_id, mode, from_language, to_language, score, reasons,
               answer_by)
    ON CONFLICT DO NOTHING
    RETURNING id
"""


async def insert(db: Db, *, network_id: UUID, offers: Sequence[Offer]) -> None:
    """Ask a wave: offers of one request and session, made together."""
    first, vault = offers[0], vault_of(db)
    await db.fetch(
        INSERT, network_id, first.request_id, first.wave, first.weights_version,
        first.created_at, [one.id for one in offers],
        [one.seat for one in offers], [one.interpreter_id for one in offers],
        [one.mode for one in offers], [one.from_language for one in offers],
        [one.to_language for one in offers], [one.score for one in offers],
        [
            _json(vault.seal(network_id, _json(one.reasons))) for one in offers
        ],
        [one.answer_by for one in offers],
        _range(first.session), first.ladder_version,
    )  # fmt: skip


# $1 network_id, $2 id, $3 interpreter_id
FIND: Final[LiteralString] = """
    SELECT o.id, o.request_id, o.seat, o.interpreter_id, o.state, o.wave, o.mode, o.from_language,
           o.to_language, o.score, o.reasons, o.weights_version, o.answer_by, o.answered_at,
           o.decline_reason, o.created_at, o.version, o.session, o.ladder_version,
           o.standby_at, o.seen_at
    FROM offers o
    WHERE o.network_id = $1 AND o.id = $2 AND ($3::uuid IS NULL OR o.interpreter_id = $3)
"""


async def find(
    db: Db, *, network_id: UUID, offer_id: UUID, interpreter_id: UUID | None
) -> Offer | None:
    """Return the offer; only the interpreter's own unless `interpreter_id` is None."""
    row = await db.fetchrow(FIND, network_id, offer_id, interpreter_id)
    return None if row is None else _offer(db, network_id, row)


# $1 network_id, $2 interpreter_id (null = anybody's), $3 state (null = any), $4 before id, $5 limit
PAGE: Final[LiteralString] = """
    SELECT o.id, o.request_id, o.seat, o.interpreter_id, o.state, o.wave, o.mode, o.from_language,
           o.to_language, o.score, o.reasons, o.weights_version, o.answer_by, o.answered_at,
           o.decline_reason, o.created_at, o.version, o.session, o.ladder_version,
           o.standby_at, o.seen_at
    FROM offers o
    WHERE o.network_id = $1
      AND ($2::uuid IS NULL OR o.interpreter_id = $2)
      AND ($3::text IS NULL OR o.state = $3)
      AND ($4::uuid IS NULL OR o.id < $4)
    ORDER BY o.id DESC LIMIT $5
"""


async def page(
    db: Db,
    *,
    network_id: UUID,
    interpreter_id: UUID | None,
    state: str | None,
    before: UUID | None,
    limit: int,
) -> list[Offer]:
    """Return offers, newest first."""
    rows = await db.fetch(PAGE, network_id, interpreter_id, state, before, limit)
    return [_offer(db, network_id, row) for row in rows]


# $1 network_id, $2 request_id
OF_REQUEST: Final[LiteralString] = """
    SELECT o.id, o.request_id, o.seat, o.interpreter_id, o.state, o.wave, o.mode, o.from_language,
           o.to_language, o.score, o.reasons, o.weights_version, o.answer_by, o.answered_at,
           o.decline_reason, o.created_at, o.version, o.session, o.ladder_version,
           o.standby_at, o.seen_at
    FROM offers o
    WHERE o.network_id = $1 AND o.request_id = $2
    ORDER BY o.id
"""


async def of_request(db: Db, *, network_id: UUID, request_id: UUID) -> list[Offer]:
    """Return all offers of the request, the earliest first."""
    return [
        _offer(db, network_id, row) for row in await db.fetch(OF_REQUEST, network_id, request_id)
    ]


# $1 network_id, $2 id, $3 new state, $4 seat, $5 answered_at, $6 reason
ANSWER: Final[LiteralString] = """
    UPDATE offers AS o
    SET state = $3, seat = $4, answered_at = $5, decline_reason = $6, version = o.version + 1
    WHERE o.network_id = $1 AND o.id = $2 AND o.state = 'open'
    RETURNING o.id
"""


async def answer(
    db: Db,
    *,
    network_id: UUID,
    offer_id: UUID,
    state: OfferState,
    seat: int,
    now: datetime,
    reason: str | None = None,
) -> bool:
    """Write an interpreter's answer; False when the offer was no longer open."""
    sealed = vault_of(db).seal_or_none(network_id, reason)
    made = await db.fetchval(ANSWER, network_id, offer_id, state, seat, now, sealed)
    return made is not None


# $1 network_id, $2 request_id, $3 new state, $4 only those whose time ended by then (null = all),
# $5 only of these seats (null = all), $6 only those about another time than this (null = all)
CLOSE: Final[LiteralString] = """
    UPDATE offers AS o SET state = $3, version = o.version + 1
    WHERE o.network_id = $1 AND o.request_id = $2 AND o.state = 'open'
      AND ($4::timestamptz IS NULL OR o.answer_by <= $4)
      AND ($5::smallint[] IS NULL OR o.seat = ANY ($5::smallint[]))
      AND ($6::tstzrange IS NULL OR o.session <> $6)
    RETURNING o.id, o.request_id, o.seat, o.interpreter_id, o.state, o.wave, o.mode,
              o.from_language, o.to_language, o.score, o.reasons, o.weights_version, o.answer_by,
              o.answered_at, o.decline_reason, o.created_at, o.version, o.session, o.ladder_version,
           o.standby_at, o.seen_at
"""


async def close(
    db: Db,
    *,
    network_id: UUID,
    request_id: UUID,
    state: OfferState,
    ended_by: datetime | None = None,
    seats: Collection[int] | None = None,
    not_at: Window | None = None,
) -> list[Offer]:
    """End the request's open offers.

    Only those out of time, when `ended_by` is given; of these `seats`; about another time than
    `not_at`.
    """
    rows = await db.fetch(
        CLOSE, network_id, request_id, state, ended_by,
        None if seats is None else list(seats), _range(not_at),
    )  # fmt: skip
    return [_offer(db, network_id, row) for row in rows]


# $1 network_id, $2 interpreter_id
OPEN_OF: Final[LiteralString] = """
    SELECT o.id, o.request_id, o.interpreter_id
    FROM offers o
    WHERE o.network_id = $1 AND o.interpreter_id = $2 AND o.state = 'open'
"""


async def open_of(db: Db, *, network_id: UUID, interpreter_id: UUID) -> list[Ended]:
    """Return what the interpreter is being asked."""
    rows = await db.fetch(OPEN_OF, network_id, interpreter_id)
    return [Ended(**dict(row)) for row in rows]


# $1 network_id, $2 request_id, $3 interpreter_id
WITHDRAW: Final[LiteralString] = """
    UPDATE offers AS o SET state = 'withdrawn', version = o.version + 1
    WHERE o.network_id = $1 AND o.request_id = $2 AND o.interpreter_id = $3 AND o.state = 'open'
    RETURNING o.id, o.request_id, o.interpreter_id
"""


async def withdraw(
    db: Db, *, network_id: UUID, request_id: UUID, interpreter_id: UUID
) -> list[Ended]:
    """End one interpreter's open offers of the request."""
    rows = await db.fetch(WITHDRAW, network_id, request_id, interpreter_id)
    return [Ended(**dict(row)) for row in rows]


# $1 network_id, $2 request_id, $3 the accepted offer, $4 now
SETTLE: Final[LiteralString] = """
    UPDATE offers AS o
    SET state = CASE WHEN o.id = $3 THEN 'accepted' ELSE 'taken' END,
        answered_at = CASE WHEN o.id = $3 THEN $4 ELSE o.answered_at END,
        version = o.version + 1
    WHERE o.network_id = $1 AND o.request_id = $2 AND o.state = 'open'
    RETURNING o.id, o.request_id, o.interpreter_id
"""


async def settle(
    db: Db, *, network_id: UUID, request_id: UUID, accepted: UUID, now: datetime
) -> list[Ended]:
    """End all open offers of the request: one was accepted, the others are taken.

    The accepted one is among the returned only if it was still open.
    """
    rows = await db.fetch(SETTLE, network_id, request_id, accepted, now)
    return [Ended(**dict(row)) for row in rows]


def _range(window: Window | None) -> "Range[datetime] | None":
    return None if window is None else Range(window.starts_at, window.ends_at)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _offer(db: Db, network_id: UUID, row: Row) -> Offer:
    fields, vault = dict(row), vault_of(db)
    fields["decline_reason"] = vault.unseal_or_none(network_id, row["decline_reason"])
    fields["reasons"] = msgspec.json.decode(row["reasons"])
    if isinstance(fields["reasons"], str):  # a list was stored before there was a vault
        fields["reasons"] = msgspec.json.decode(vault.unseal(network_id, fields["reasons"]))
    if row["session"] is not None:
        fields["session"] = Window(starts_at=row["session"].lower, ends_at=row["session"].upper)
    return Offer(**fields)
