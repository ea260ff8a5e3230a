"""Every statement about the `outbox` table: what a transaction wants told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened: ids and a state, never anything personal.

    `type` is the public event type; one that is not public (`booking.checked_in`) still moves
    the subject in `updated_since`. `institution_id` and `interpreter_id` say whose feed it is in.
    """

    type: str
    subject_kind: str  # request, offer, booking or usage_entry
    subject_id: UUID
    request_id: UUID | None = None
    booking_id: UUID | None = None
    offer_id: UUID | None = None
    institution_id: UUID | None = None
    interpreter_id: UUID | None = None
    state: str | None = None


# $1 network_id, $2 batch_id, $3 recorded_at, then arrays of one length: $4 ids, $5 positions,
# $6 types, $7 subject kinds, $8 subject ids, $9 request ids, $10 booking ids, $11 offer ids,
# $12 institution ids, $13 interpreter ids, $14 states
PUT: Final[LiteralString] = """
    INSERT INTO outbox (network_id, id, batch_id, position, type, subject_kind, subject_id,
        request_id, booking_id, offer_id, institution_id, interpreter_id, state, recorded_at,
        placed)
    SELECT $1, n.id, $2, n.position, n.type, n.subject_kind, n.subject_id, n.request_id,
           n.booking_id, n.offer_id, n.institution_id, n.interpreter_id, n.state, $3, false
    FROM unnest($4::uuid[], $5::smallint[], $6::text[], $7::text[], $8::uuid[], $9::uuid[],
                $10::uuid[], $11::uuid[], $12::uuid[], $13::uuid[], $14::text[])
         AS n (id, position, type, subject_kind, subject_id, request_id, booking_id, offer_id,
               institution_id, interpreter_id, state)
    ON CONFLICT DO NOTHING
"""


async def put(
    db: Db,
    *,
    network_id: UUID,
    batch_id: UUID,
    ids: Sequence[UUID],
    notices: Sequence[Notice],
    now: datetime,
) -> None:
    """Write the notices of one transaction, in their order."""
    await db.execute(
        PUT, network_id, batch_id, now, list(ids), list(range(len(notices))),
        [one.type for one in notices], [one.subject_kind for one in notices],
        [one.subject_id for one in notices], [one.request_id for one in notices],
        [one.booking_id for one in notices], [one.offer_id for one in notices],
        [one.institution_id for one in notices], [one.interpreter_id for one in notices],
        [one.state for one in notices],
    )  # fmt: skip
