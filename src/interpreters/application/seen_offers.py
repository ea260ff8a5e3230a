"""Offers that were on their interpreter's screen: for coordinators, who wonder whether to ring.

Seen is what the interpreter's own app says was before their eyes. That a list was fetched, or that
a program which looks at mails opened a link, does not count. It changes nothing: neither until when
an offer may be answered, nor when the next people are asked, nor anybody's place in a search.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from interpreters.application.offers import ShownOffer, show_offer
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import FieldError, Invalid
from interpreters.sql import seen_offers


async def see_offer(
    db: Db,
    caller: Caller,
    *,
    offer_id: UUID,
    said_at: Callable[[], datetime | None],
    now: datetime,
) -> ShownOffer:
    """Note that the interpreter has the offer before them; said again, the first time stays.

    `said_at` is when that was, by the phone's clock, where it is sent later; None is now.

    Raises:
        NotFound: there is no such offer, or it is another interpreter's.
        Invalid: nobody could see it then: it was not there yet, or that time is still to come.
    """
    permit(caller, "offers:write", "interpreter")
    assert caller.interpreter_id is not None  # the role has one
    shown = await show_offer(db, caller, offer_id=offer_id)
    at = said_at() or now
    if not shown.offer.created_at <= at <= now:
        detail = "Since the offer was made, and not in the future"
        raise Invalid([FieldError(pointer="/said_at", code="out-of-range", detail=detail)])
    await seen_offers.note(
        db,
        network_id=caller.network_id,
        offer_id=offer_id,
        interpreter_id=caller.interpreter_id,
        at=at,
    )
    return shown
