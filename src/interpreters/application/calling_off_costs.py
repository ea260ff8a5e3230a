"""What calling a request off would cost now, before anybody says so: alone, or with its series."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.booking_money import show_priced
from interpreters.application.series_changes import Scope
from interpreters.application.shown_requests import ASKERS, find_request
from interpreters.database import Db
from interpreters.domain.bookings import can as may_booking
from interpreters.domain.callers import Caller, permit
from interpreters.domain.requests import can
from interpreters.domain.series import MOST_DATES
from interpreters.sql import bookings, networks, requests
from interpreters.sql.requests import Filter as RequestFilter
from interpreters.sql.requests import Request


class CallingOff(msgspec.Struct, frozen=True, kw_only=True):
    """What would be called off, and for how much in minor units of the network's currency."""

    dates: int
    bookings: int
    charge_minor: int
    currency: str


async def quote_calling_off(
    db: Db, caller: Caller, *, request_id: UUID, now: datetime
) -> Mapping[Scope, CallingOff]:
    """Return what calling off costs now, for each of the scopes that the request has.

    Raises:
        NotFound: there is none such in what the caller may see.
    """
    permit(caller, "requests:read", *ASKERS)
    named = await find_request(db, caller, request_id=request_id)
    meant: dict[Scope, Sequence[Request]] = {"this": [named]}
    if named.series_id is not None:
        dates = await _ahead(db, caller, named, now)
        place = named.series_position or 0
        meant["following"] = [one for one in dates if (one.series_position or 0) >= place]
        meant["all"] = dates
    widest = meant.get("all", [named])
    fees = await _fees(db, caller, widest, now)
    network = await networks.get(db, network_id=caller.network_id)
    return {
        scope: _total([fees[one.id] for one in each], network.currency)
        for scope, each in meant.items()
    }


def _total(fees: Sequence[Sequence[int]], currency: str) -> CallingOff:
    return CallingOff(
        dates=len(fees),
        bookings=sum(len(one) for one in fees),
        charge_minor=sum(sum(one) for one in fees),
        currency=currency,
    )


async def _ahead(db: Db, caller: Caller, named: Request, now: datetime) -> list[Request]:
    """Return the dates of the series that would be called off: what has not begun, and `named`."""
    found = await requests.page(
        db,
        network_id=caller.network_id,
        wanted=RequestFilter(series_id=named.series_id),
        before=None,
        limit=MOST_DATES,
    )
    return [
        one
        for one in found
        if one.id == named.id
        or (can(state=one.state, verb="cancel") and one.session.starts_at > now)
    ]


async def _fees(
    db: Db, caller: Caller, found: Sequence[Request], now: datetime
) -> dict[UUID, list[int]]:
    """Return the fee of each booking that would be called off, by request."""
    fees: dict[UUID, list[int]] = {one.id: [] for one in found}
    made = await bookings.of_requests(
        db, network_id=caller.network_id, request_ids=[one.id for one in found]
    )
    for one in made:
        if may_booking(state=one.state, verb="cancel"):
            shown = await show_priced(db, caller, one.id, now)
            calling = None if shown.money is None else shown.money.calling
            fees[one.request_id].append(0 if calling is None else calling.fee.charge_minor)
    return fees
