"""Coordinators hear of a plan that was made by itself: how much it found, and where to answer.

The clock is the plan's `due` row, set with the plan. Whoever asked for a plan sees it anyway.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from interpreters.application.people_messages import (
    Letter,
    Outgoing,
    Reader,
    reader_of,
    send_letter,
)
from interpreters.database import Db
from interpreters.domain.ids import PLAN, show_id
from interpreters.domain.notices_to_people import HEADS
from interpreters.domain.wording import say
from interpreters.sql import due, networks, plans, users
from interpreters.sql.plans import Plan

PURPOSE: Final = "plan-waits"
OF_USE: Final = timedelta(days=1)  # then there is the next night's
FOUND: Final = "Found: {planned} of {open} interpreters who are missing. Nobody was asked yet."
MORE: Final = "More after signing in: {link}"


async def tell_plan(
    db: Db, out: Outgoing, *, network_id: UUID, plan_id: UUID, now: datetime
) -> None:
    """Write to each coordinator about a plan that still waits; may run twice."""
    if not await due.claim(db, network_id=network_id, kind="plan", id=plan_id):
        return
    plan = await plans.find(db, network_id=network_id, plan_id=plan_id)
    await due.clear(db, network_id=network_id, kind="plan", id=plan_id)
    if plan is None or plan.state != "proposed":
        return
    network = await networks.get(db, network_id=network_id)
    for one in await users.active(db, network_id=network_id, role="coordinator"):
        person = await users.find(db, network_id=network_id, user_id=one)
        if person is not None:
            reader = reader_of(person, network)
            await send_letter(
                db, out, network_id=network_id, reader=reader, now=now,
                letter=_letter(out, reader, plan, now),
                message_id=uuid5(plan.id, f"{PURPOSE} {reader.user_id}"),
            )  # fmt: skip


def _letter(out: Outgoing, reader: Reader, plan: Plan, now: datetime) -> Letter:
    language, number = reader.language, show_id(PLAN, plan.id)
    head = say(language, HEADS[PURPOSE])
    found = say(language, FOUND, planned=plan.figures.planned, open=plan.figures.open)
    link = f"{out.base_url}/board/plans/{number}"
    return Letter(
        purpose=PURPOSE,
        mail=f"{head}\n\n{found}\n\n{say(language, MORE, link=link)}\n",
        text=f"{head}\n{found}",
        push=found,
        link=link,
        tag=number,
        expires_at=now + OF_USE,
    )
