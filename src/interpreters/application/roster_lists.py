"""The roster as coordinators look through it: by name, language, stage, papers that run out."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.interpreters import (
    InterpreterFilter,
    Profile,
    list_interpreters,
    show_interpreter,
)
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.windows import at_place
from interpreters.sql import expiring_credentials, networks
from interpreters.sql.expiring_credentials import Expiring

__all__ = ["Expiring", "Listed", "RosterPage", "list_roster", "warnings_of"]
SOON: Final = timedelta(days=60)
PAGE: Final = 200
MOST: Final = 5000  # names are sealed: they are looked through here


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An interpreter, and their papers that run out within sixty days or did."""

    profile: Profile
    papers: Sequence[Expiring]


class RosterPage(msgspec.Struct, frozen=True, kw_only=True):
    """Those who were looked for, by name; `today` is the network's, `more` were left out."""

    found: Sequence[Listed]
    today: date
    more: int


async def list_roster(
    db: Db, caller: Caller, *, wanted: InterpreterFilter, named: str, expiring: bool, most: int,
    now: datetime,
) -> RosterPage:  # fmt: skip
    """Return interpreters in the order of their names, at most `most`.

    `named` is a part of the name, in any case; `expiring` leaves those with papers that run out.

    Raises:
        Forbidden: only coordinators may.
    """
    permit(caller, "roster:read", "coordinator")
    today = await _today(db, caller, now)
    papers: dict[UUID, list[Expiring]] = {}
    for one in await expiring_credentials.before(
        db, network_id=caller.network_id, until=today + SOON
    ):
        papers.setdefault(one.interpreter_id, []).append(one)
    profiles = (
        [await show_interpreter(db, caller, interpreter_id=one) for one in list(papers)[:MOST]]
        if expiring
        else await _all(db, caller, wanted)
    )
    sought = named.casefold()
    found = sorted(
        (one for one in profiles if sought in one.interpreter.display_name.casefold()),
        key=lambda one: (one.interpreter.display_name.casefold(), one.id),
    )
    shown = [Listed(profile=one, papers=papers.get(one.id, ())) for one in found[:most]]
    return RosterPage(found=shown, today=today, more=max(0, len(found) - most))


async def warnings_of(
    db: Db, caller: Caller, *, interpreter_id: UUID, now: datetime
) -> tuple[date, Sequence[Expiring]]:
    """Return today, and one interpreter's papers that run out within sixty days or did."""
    permit(caller, "roster:read", "coordinator")
    today = await _today(db, caller, now)
    found = await expiring_credentials.before(db, network_id=caller.network_id, until=today + SOON)
    return today, [one for one in found if one.interpreter_id == interpreter_id]


async def _all(db: Db, caller: Caller, wanted: InterpreterFilter) -> list[Profile]:
    found: list[Profile] = []
    while len(found) < MOST:
        before = found[-1].id if found else None
        page = await list_interpreters(
            db, caller, wanted=lambda: wanted, before=partial(_same, before),
            limit=lambda: PAGE,
        )  # fmt: skip
        found += page
        if len(page) < PAGE:
            break
    return found


async def _today(db: Db, caller: Caller, now: datetime) -> date:
    network = await networks.get(db, network_id=caller.network_id)
    return at_place(instant=now, time_zone=network.time_zone).date()


def _same(before: UUID | None) -> UUID | None:
    return before
