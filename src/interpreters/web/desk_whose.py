"""Who is at the desk, and for which institution: consultants for theirs, coordinators for any."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request

from interpreters.application.institutions import Institution, list_institutions, show_institution
from interpreters.application.sites import PlacedSite, list_sites
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import NotFound
from interpreters.web.fields import Fields
from interpreters.web.workplace import Visit, visiting

MOST: Final = 200
AnyRequest = Request[Any, Any, Any]


class Whose(msgspec.Struct, frozen=True, kw_only=True):
    """The institution that is looked at, with its places; coordinators have others to choose."""

    institution: Institution | None
    sites: Sequence[PlacedSite]
    others: Sequence[Institution]

    @property
    def id(self) -> UUID | None:
        """The institution's id; None is all of them."""
        return None if self.institution is None else self.institution.id

    @property
    def shown_id(self) -> str | None:
        """The id as it is shown."""
        return ids.show_optional(ids.INSTITUTION, self.id)

    @property
    def query(self) -> str:
        """What an address needs so that a coordinator goes on looking at the same institution."""
        if not self.others or self.institution is None:
            return ""
        return "?" + urlencode({"institution": self.shown_id})

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The institutions, as (id, name)."""
        each = sorted(self.others, key=lambda one: one.name.casefold())
        return [(ids.show_id(ids.INSTITUTION, one.id), one.name) for one in each]

    @property
    def places(self) -> list[tuple[str, str]]:
        """The places, as (id, name)."""
        return [(ids.show_id(ids.SITE, one.id), one.site.name) for one in self.sites]

    def site(self, site_id: str | None) -> PlacedSite | None:
        """Return a place by its id as it is shown; None where the institution has none such."""
        each = (one for one in self.sites if ids.show_id(ids.SITE, one.id) == site_id)
        return next(each, None)

    def zone_of(self, site_id: str | None, usual: str) -> str:
        """Return the time zone at a place; where there is none, the institution's."""
        found = self.site(site_id)
        if found is not None:
            return found.site.time_zone
        return usual if self.institution is None else self.institution.time_zone


async def at_desk(request: AnyRequest) -> Visit:
    """Return who is at the desk.

    Raises:
        NotSignedIn: nobody is.
        Forbidden: it is somebody whose work is elsewhere.
    """
    return await visiting(request, "consultant", "institution", "coordinator")


async def whose(visit: Visit, asked: Fields) -> Whose:
    """Return the institution: the visitor's own, or the one a coordinator names.

    Raises:
        NotFound: there is none such in what the visitor may see.
    """

    async def work(db: Db, caller: Caller) -> Whose:
        return await find_whose(db, caller, asked.some("institution"))

    return await visit.ask(work)


async def find_whose(db: Db, caller: Caller, named: str | None) -> Whose:
    """Return the institution that a page is about, inside one transaction.

    Raises:
        NotFound: there is none such in what the caller may see.
    """
    others: Sequence[Institution] = ()
    wanted = caller.institution_id
    if wanted is None:
        others = await list_institutions(db, caller, before=None, limit=MOST)
        wanted = None if named is None else ids.read_id(ids.INSTITUTION, named)
    elif named is not None and named != ids.show_id(ids.INSTITUTION, wanted):
        raise NotFound
    if wanted is None:
        return Whose(institution=None, sites=(), others=others)
    institution = await show_institution(db, caller, institution_id=wanted)
    places = await list_sites(db, caller, institution_id=wanted, page=lambda: (None, MOST))
    in_order = sorted(places, key=lambda one: one.site.name.casefold())
    return Whose(institution=institution, sites=in_order, others=others)
