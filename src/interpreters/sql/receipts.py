"""Every statement about the `receipts` table: what was agreed, and its signatures.

Terms are sealed. One row holds both sides' terms; its signatures stand one after the other.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.receipts import SIGNATURE, Side
from interpreters.vault import vault_of

SIDES: Final[tuple[Side, ...]] = ("interpreter", "institution")


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What was agreed for a booking, as each side was told it, and each side's signature."""

    booking_id: UUID
    terms: Mapping[Side, Mapping[str, Any]]
    signatures: Mapping[Side, bytes]
    created_at: datetime

    def __repr__(self) -> str:
        """Never the terms."""
        return f"Receipt(booking_id={self.booking_id!r})"


# $1 network_id, $2 booking_id, $3 terms, $4 signature, $5 created_at
INSERT: Final[LiteralString] = """
    INSERT INTO receipts (network_id, booking_id, terms, signature, created_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, receipt: Receipt) -> None:
    """Keep the receipt, unless the booking has one."""
    terms = vault_of(db).seal(network_id, msgspec.json.encode(receipt.terms).decode())
    signatures = b"".join(receipt.signatures[side] for side in SIDES)
    await db.execute(INSERT, network_id, receipt.booking_id, terms, signatures, receipt.created_at)


# $1 network_id, $2 booking_id
FIND: Final[LiteralString] = """
    SELECT r.booking_id, r.terms, r.signature, r.created_at FROM receipts r
    WHERE r.network_id = $1 AND r.booking_id = $2
"""


async def find(db: Db, *, network_id: UUID, booking_id: UUID) -> Receipt | None:
    """Return the booking's receipt, if it has one."""
    row = await db.fetchrow(FIND, network_id, booking_id)
    if row is None:
        return None
    signed = row["signature"]
    return Receipt(
        booking_id=row["booking_id"],
        terms=msgspec.json.decode(vault_of(db).unseal(network_id, row["terms"])),
        signatures={
            side: signed[place * SIGNATURE : (place + 1) * SIGNATURE]
            for place, side in enumerate(SIDES)
        },
        created_at=row["created_at"],
    )
