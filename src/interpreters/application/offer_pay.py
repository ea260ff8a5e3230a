"""What each offer would earn the interpreter who is asked."""

from collections.abc import Sequence
from uuid import UUID

from interpreters.application.quotes import earned, tariffs_for
from interpreters.database import Db
from interpreters.domain.tariffs import Tariff
from interpreters.sql import institutions, interpreters
from interpreters.sql.institutions import Institution
from interpreters.sql.interpreters import Interpreter
from interpreters.sql.offers import Offer
from interpreters.sql.requests import Request
from interpreters.sql.sites import Site


async def offers_pay(
    db: Db, *, network_id: UUID, asked: Sequence[tuple[Offer, Request, Site | None]]
) -> dict[UUID, int]:
    """Return the pay of the booked time of each offer, by the tariff as it is, in minor units.

    Offers without a rate are left out. Two statements for each institution that asks.
    """
    people = await _people(db, network_id, asked)
    asking = await _asking(db, network_id, asked)
    found = {}
    for offer, request, site in asked:
        institution, versions = asking[request.institution_id]
        found[offer.id] = earned(
            request=request,
            institution=institution,
            site=site,
            mode=offer.mode,
            session=offer.session or request.session,
            person=people[offer.interpreter_id],
            versions=versions,
        )
    return {offer_id: pay for offer_id, pay in found.items() if pay is not None}


async def _people(
    db: Db, network_id: UUID, asked: Sequence[tuple[Offer, Request, Site | None]]
) -> dict[UUID, Interpreter]:
    ids = sorted({offer.interpreter_id for offer, _, _ in asked})
    return await interpreters.get_many(db, network_id=network_id, ids=ids) if ids else {}


async def _asking(
    db: Db, network_id: UUID, asked: Sequence[tuple[Offer, Request, Site | None]]
) -> dict[UUID, tuple[Institution, list[Tariff]]]:
    found = {}
    for one in sorted({request.institution_id for _, request, _ in asked}):
        institution = await institutions.find(db, network_id=network_id, institution_id=one)
        assert institution is not None  # the foreign key holds it
        versions = await tariffs_for(db, network_id=network_id, institution=institution)
        found[one] = (institution, versions)
    return found
