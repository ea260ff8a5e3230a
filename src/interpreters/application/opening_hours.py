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
    if starts_at is None or caller.is_coordinator or not is_closed(
        institution=institution, site=site, modes=modes, starts_at=starts_at,
        duration_minutes=duration_minutes,
    ):  # fmt: skip
        return
    assert site is not None  # it is closed
    following = next_open(
        rows=site.opening_hours, at=starts_at, minutes=duration_minutes,
        time_zone=site.time_zone, country=institution.country,
    )  # fmt: skip
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


def is_closed(
    *,
    institution: Institution,
    site: Site | None,
    modes: Sequence[str],
    starts_at: datetime,
    duration_minutes: int,
) -> bool:
    """Say whether a session can only be in person, at a site that is closed for some of it."""
    if site is None or set(modes) != {"in_person"}:
        return False
    return not is_open(
        rows=site.opening_hours,
        window=Window(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=duration_minutes)),
        time_zone=site.time_zone,
        country=institution.country,
    )
