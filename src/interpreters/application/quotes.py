"""What a session would cost, before anybody was asked, and what an offer earns who is asked."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.pricing import priced_for
from interpreters.application.scoring import Candidate
from interpreters.application.wanting import Wanted
from interpreters.database import Db
from interpreters.domain.pricing import Price, Priced, is_urgent, price
from interpreters.domain.replacements import Floor, raised
from interpreters.domain.tariffs import Tariff, applying
from interpreters.domain.travel import Point
from interpreters.domain.windows import Window, at_place
from interpreters.sql import interpreters, tariffs
from interpreters.sql.institutions import Institution
from interpreters.sql.interpreters import Interpreter
from interpreters.sql.requests import Request
from interpreters.sql.sites import Site

QUOTED_KM: Final = 10  # the way in a quote, rounded up


async def tariffs_for(db: Db, *, network_id: UUID, institution: Institution) -> list[Tariff]:
    """Return every tariff that may apply to the institution."""
    return await tariffs.for_institution(db, network_id=network_id, own_id=institution.tariff_id)


async def quote(
    db: Db,
    *,
    wanted: Wanted,
    versions: Sequence[Tariff],
    candidates: Sequence[Candidate],
    floor: Floor | None = None,
) -> int | None:
    """Return what the institution would be charged, in minor units; None without a tariff.

    It is for whoever would be asked first, with the way there in whole tens of kilometres: from a
    few quotes to several places nobody shall learn where an interpreter lives. With nobody it is
    for the lowest rate of the first mode. For several interpreters it is as many times that, and
    never below the floor.
    """
    request = wanted.request
    first = None if not candidates else candidates[0]
    mode = request.modes[0] if first is None else first.mode
    person = None
    if first is not None:
        person = await interpreters.find(
            db, network_id=wanted.network.network_id, interpreter_id=first.interpreter_id
        )
    found = _priced(
        request=request,
        institution=wanted.institution,
        site=wanted.site,
        mode=mode,
        session=request.session,
        person=person,
        versions=versions,
        km_step=QUOTED_KM,
    )
    if found is None:
        return None
    return raised(found, floor).charge_minor * request.interpreters_needed


def earned(
    *,
    request: Request,
    institution: Institution,
    site: Site | None,
    mode: str,
    session: Window,
    person: Interpreter,
    versions: Sequence[Tariff],
) -> int | None:
    """Return what the booked time would earn this interpreter; None without a tariff."""
    found = _priced(
        request=request,
        institution=institution,
        site=site,
        mode=mode,
        session=session,
        person=person,
        versions=versions,
    )
    return None if found is None else found.pay_minor


def _priced(
    *,
    request: Request,
    institution: Institution,
    site: Site | None,
    mode: str,
    session: Window,
    person: Interpreter | None,
    versions: Sequence[Tariff],
    km_step: int = 1,
) -> Price | None:
    day = at_place(instant=session.starts_at, time_zone=request.time_zone).date()
    tariff = applying(versions=versions, own_id=institution.tariff_id, day=day)
    if tariff is None:
        return None
    base = Priced(
        mode=mode,
        booked=session,
        actual_minutes=0,
        time_zone=request.time_zone,
        country=institution.country,
        qualification=None,
        is_urgent=is_urgent(
            starts_now=request.starts_now,
            asked_at=request.created_at,
            starts_at=session.starts_at,
        ),
    )
    if person is None:
        return _lowest(base, tariff)
    whose = priced_for(person, mode=mode, place=_place(site), base=base)
    if whose.km is not None:
        whose = msgspec.structs.replace(whose, km=-(-whose.km // km_step) * km_step)
    found = price(session=whose, terms=tariff.terms)
    return None if found.rate is None else found


def _lowest(base: Priced, tariff: Tariff) -> Price | None:
    """Return the price for whoever costs least."""
    prices = [
        price(session=msgspec.structs.replace(base, qualification=one), terms=tariff.terms)
        for one in {rate.qualification for rate in tariff.terms.rates}
    ]
    known = [one for one in prices if one.rate is not None]
    return min(known, key=lambda one: one.charge_minor, default=None)


def _place(site: Site | None) -> Point | None:
    if site is None or site.latitude is None or site.longitude is None:
        return None
    return Point(latitude=site.latitude, longitude=site.longitude)
