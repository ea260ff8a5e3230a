"""What each donor pays of an entry of the ledger: reckoned once, when it is recorded."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from interpreters.application.funding_fits import helped_by
from interpreters.database import Db
from interpreters.domain.fallbacks import SECOND, is_leg
from interpreters.domain.fundings import Donor, misfits, shares
from interpreters.domain.windows import at_place
from interpreters.sql import bookings, clients, fundings, requests, usage_entries
from interpreters.sql.usage_entries import UsageEntry


async def with_shares(db: Db, *, network_id: UUID, entry: UsageEntry) -> UsageEntry:
    """Return the entry with what each donor of its funding pays of the charge.

    None pays anything where it has no funding, or is outside it on the session's day. What
    corrects an entry is shared as that one was, whatever the funding says today.
    """
    if entry.funding_id is None:
        return entry
    if entry.corrects_id is not None:
        donors = await _of_corrected(db, network_id, entry)
    else:
        donors = await _of_funding(db, network_id, entry, entry.funding_id)
    kept: list[dict[str, Any]] = [
        msgspec.to_builtins(one) for one in shares(entry.charge_minor, donors)
    ]
    return msgspec.structs.replace(entry, funding_shares=kept)


async def _of_corrected(db: Db, network_id: UUID, entry: UsageEntry) -> Sequence[Donor]:
    entries = await usage_entries.of_booking(db, network_id=network_id, booking_id=entry.booking_id)
    [corrected] = [one for one in entries if one.id == entry.corrects_id]
    return [
        Donor(name=one["donor"], share_basis_points=one["share_basis_points"])
        for one in corrected.funding_shares
    ]


async def _of_funding(
    db: Db, network_id: UUID, entry: UsageEntry, funding_id: UUID
) -> Sequence[Donor]:
    funding = await fundings.find(db, network_id=network_id, funding_id=funding_id)
    booking = await bookings.find(db, network_id=network_id, booking_id=entry.booking_id)
    assert booking is not None  # the foreign key holds it
    if funding is None:
        return ()
    asked_of = entry.client_ids if funding.terms.asks_of_people else ()
    people = await clients.of_ids(db, network_id=network_id, ids=asked_of) if asked_of else {}
    wrong = misfits(
        funding=funding,
        institution_id=entry.institution_id,
        languages=await _languages(db, network_id, entry, booking.seat),
        day=at_place(instant=entry.booked_starts_at, time_zone=booking.time_zone).date(),
        people=[helped_by(one) for one in people.values()],
    )
    return () if wrong else funding.terms.donors


async def _languages(db: Db, network_id: UUID, entry: UsageEntry, seat: int) -> Sequence[str]:
    """Return what was interpreted from; for a relay's second leg what the client speaks, too."""
    if seat == SECOND:
        request = await requests.find(db, network_id=network_id, request_id=entry.request_id)
        assert request is not None  # the foreign key holds it
        if is_leg(seat=seat, interpreters_needed=request.interpreters_needed):
            return request.languages
    return [entry.language]
