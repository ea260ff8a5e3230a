"""The standby list: who says yes when somebody else has it is asked first when it is free again."""

from datetime import datetime
from typing import Final
from uuid import UUID

from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import NotFound
from interpreters.sql import offers, requests, standby
from interpreters.sql.offers import Offer

OVER: Final = ("cancelled", "closed")


async def note_standby(db: Db, caller: Caller, *, offer_id: UUID, now: datetime) -> None:
    """Note a late yes, as long as the session is still to come; said again, it changes nothing.

    In a transaction of its own: the yes was refused, and what it did is rolled back.

    Raises:
        NotFound: there is no such offer, or it is another interpreter's.
    """
    permit(caller, "offers:write", "interpreter")
    assert caller.interpreter_id is not None  # the role has one
    network_id, interpreter_id = caller.network_id, caller.interpreter_id
    offer = await offers.find(
        db, network_id=network_id, offer_id=offer_id, interpreter_id=interpreter_id
    )
    if offer is None:
        raise NotFound
    request = await requests.find(db, network_id=network_id, request_id=offer.request_id)
    assert request is not None  # the foreign key holds it
    if request.state in OVER or now >= request.session.ends_at:
        return
    await standby.note(
        db, network_id=network_id, offer_id=offer_id, interpreter_id=interpreter_id, now=now
    )


def stands_by(offer: Offer) -> bool:
    """Say whether the interpreter is on the list."""
    return offer.state == "taken" and offer.standby_at is not None
