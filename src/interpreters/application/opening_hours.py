"""A request in person at a site that is closed then."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Invalid
from interpreters.domain.opening_hours import is_open, next_open
from interpreters.domain.windows import Window
from interpreters.sql.institutions import Institution
from interpreters.sql.sites import Site


def refuse_closed(
    caller: Caller,
    *,
    institution: Institution,
    site: Site | None,
    modes: Sequence[str],
    starts_at: datetime | None,
    duration_minutes: int,
) -> None:
    """Refuse a session that can only be in person, at a site that is closed then.

    Coordinators may: they know when somebody opens the door.

    Raises:
        Invalid: `site-closed`, with the next time it is open for so long.
    """
    if site is None or starts_at is None or caller.is_coordinator or set(modes) != {"in_person"}:
        return
    window = Window(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=duration_minutes))
    country, rows, zone = institution.country, site.opening_hours, site.time_zone
    if is_open(rows=rows, window=window, time_zone=zone, country=country):
        return
    following = next_open(
        rows=rows, at=starts_at, minutes=duration_minutes, time_zone=zone, country=country
    )
    raise Invalid(
        [
            FieldError(
                pointer="/starts_at",
                code="site-closed",
                detail="The site is closed then: by its opening hours, or for a public holiday",
                suggestions=None if following is None else [following],
            )
        ]
    )
