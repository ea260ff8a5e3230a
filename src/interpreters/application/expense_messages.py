"""Who hears of an expense: coordinators what waits for them, the interpreter what was decided.

The clock is the expense's `due` row. A message has an id of its own for what it tells, so that
nothing is told twice; amounts and receipts stand in none.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

import msgspec

from interpreters.application.asked_people import find_interpreter
from interpreters.application.people_messages import (
    Outgoing,
    Reader,
    reader_of,
    send_letter,
    session_letter,
)
from interpreters.application.reminders import told_booking
from interpreters.database import Db
from interpreters.domain.ids import EXPENSE, show_id
from interpreters.sql import bookings, due, expenses, networks, users
from interpreters.sql.expenses import Expense
from interpreters.sql.networks import Network

OF_USE: Final = timedelta(days=7)


async def tell_expense(
    db: Db, out: Outgoing, *, network_id: UUID, expense_id: UUID, now: datetime
) -> None:
    """Tell what is new of an expense, and look again when it should be decided; may run twice.

    Silence decides nothing: at the deadline coordinators are told once more, and it stays open.
    """
    if not await due.claim(db, network_id=network_id, kind="expense", id=expense_id):
        return
    found = await expenses.find(db, network_id=network_id, expense_id=expense_id)
    await due.clear(db, network_id=network_id, kind="expense", id=expense_id)
    if found is None or found.state == "withdrawn":
        return
    network = await networks.get(db, network_id=network_id)
    overdue = found.decide_by is not None and found.decide_by <= now
    if found.state in ("asked", "submitted"):
        purpose = "expense-waits" if overdue else "expense-asked"
        readers = await _coordinators(db, network)
    else:
        purpose, readers = "expense-decided", await _interpreter(db, network, found)
    await _write(db, out, network, found, purpose, readers, now)
    if found.state == "asked" and found.decide_by is not None and not overdue:
        at = found.decide_by
        await due.set_at(db, network_id=network_id, kind="expense", id=expense_id, at=at)


async def _coordinators(db: Db, network: Network) -> list[Reader]:
    ids = await users.active(db, network_id=network.network_id, role="coordinator")
    found = [await users.find(db, network_id=network.network_id, user_id=one) for one in ids]
    return [reader_of(one, network) for one in found if one is not None]


async def _interpreter(db: Db, network: Network, expense: Expense) -> list[Reader]:
    person = await find_interpreter(db, network.network_id, expense.interpreter_id)
    return [] if person is None else [reader_of(person, network)]


async def _write(
    db: Db,
    out: Outgoing,
    network: Network,
    expense: Expense,
    purpose: str,
    readers: Sequence[Reader],
    now: datetime,
) -> None:
    network_id = network.network_id
    booking = await bookings.find(db, network_id=network_id, booking_id=expense.booking_id)
    assert booking is not None  # the foreign key holds it
    told = await told_booking(db, network_id=network_id, booking=booking, with_place=False)
    for reader in readers:
        letter = msgspec.structs.replace(
            session_letter(out, reader, purpose=purpose, told=told, booking_id=booking.id),
            tag=show_id(EXPENSE, expense.id),
            expires_at=now + OF_USE,
        )
        await send_letter(
            db, out, network_id=network_id, reader=reader, letter=letter, now=now,
            message_id=uuid5(expense.id, f"{purpose} {expense.state} {reader.user_id}"),
        )  # fmt: skip
