"""A request with all that a search for it asks: its network, institution, site and clients."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.conflicts import conflicted
from interpreters.database import Db
from interpreters.domain.briefings import attended, briefing_of
from interpreters.domain.windows import Window
from interpreters.sql import bookings, institutions, networks, request_clients, sites, standby
from interpreters.sql.institutions import Institution
from interpreters.sql.networks import Network
from interpreters.sql.requests import Request
from interpreters.sql.sites import Site

LEFT: Final = ("given_back", "interpreter_no_show")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A request with what a search for it needs to know; `left` are not asked about it again.

    `conflicts` said that they may not interpret for its people. Those on `standby` said yes when
    somebody else had it already.

    A fallback asks for the request changed: `wished_modes` are then those that were asked for,
    and with `near` only people within reach of the place are looked for, also by phone.
    """

    request: Request
    network: Network
    institution: Institution
    site: Site | None
    client_ids: Sequence[UUID]
    left: Collection[UUID] = ()
    conflicts: Collection[UUID] = ()
    standby: Collection[UUID] = ()
    wished_modes: Sequence[str] | None = None
    near: bool = False

    @property
    def attended(self) -> Window:
        """The time that the interpreter is there: the session with the briefing before it."""
        request = self.request
        return attended(session=request.session, briefing_minutes=briefing_of(request.details))


async def wanted_of(db: Db, *, network_id: UUID, request: Request) -> Wanted:
    """Return the request with its network, institution, site, clients and who left it."""
    network = await networks.get(db, network_id=network_id)
    institution = await institutions.find(
        db, network_id=network_id, institution_id=request.institution_id
    )
    assert institution is not None  # the foreign key holds it
    site = None
    if request.site_id is not None:
        site = await sites.find(db, network_id=network_id, site_id=request.site_id)
    clients = await request_clients.of_requests(db, network_id=network_id, request_ids=[request.id])
    made = await bookings.of_requests(db, network_id=network_id, request_ids=[request.id])
    return Wanted(
        request=request,
        network=network,
        institution=institution,
        site=site,
        client_ids=list(clients[request.id]),
        left=[one.interpreter_id for one in made if one.state in LEFT],
        standby=await standby.of_request(db, network_id=network_id, request_id=request.id),
        conflicts=await conflicted(
            db, network_id=network_id, request=request, client_ids=clients[request.id]
        ),
    )
