"""The grant that pays in the sample network: the centre's own, with invented shares."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

from interpreters.application.fundings import FundingOrder, create_funding
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.fundings import Donor, Terms
from interpreters.sample import network

NUMBER: Final = "PMIF/12/2016/1/1"
NAME: Final = "Information centre for newcomers"
FIRST_DAY: Final = date(2016, 5, 18)
DONORS: Final = (
    Donor(name="Asylum, Migration and Integration Fund", share_basis_points=7500),
    Donor(name="State of Latvia", share_basis_points=2500),
)
NOT_PAID_FOR: Final = ("rus", "eng")
PAY_THEMSELVES: Final = ("bank", "employer")  # kinds of institutions


async def open_grant(
    db: Db, caller: Caller, *, institutions: Mapping[str, UUID], now: datetime
) -> dict[str, UUID]:
    """Make the grant; return it by the names of the institutions that it pays for."""
    kinds = {one.name: one.kind for one in network.INSTITUTIONS}
    granted = [name for name in institutions if kinds[name] not in PAY_THEMSELVES]
    order = FundingOrder(
        number=NUMBER,
        starts_on=FIRST_DAY,
        ends_on=None,
        terms=Terms(
            name=NAME,
            donors=DONORS,
            excluded_languages=NOT_PAID_FOR,
            institution_ids=[institutions[name] for name in granted],
        ),
    )
    made = await create_funding(db, caller, order=lambda: order, now=now)
    return dict.fromkeys(granted, made.id)
