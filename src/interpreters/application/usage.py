"""Usage: what is owed for bookings, entered once; and the entries as their readers may see them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.events import changed_subjects
from interpreters.application.funding_shares import with_shares
from interpreters.application.owing import Owing
from interpreters.application.pricing import Charged, calling_off, charged
from interpreters.database import Db
from interpreters.domain.approvals import ApprovalState
from interpreters.domain.callers import Caller, permit
from interpreters.domain.ids import new_id
from interpreters.domain.usage import actual_minutes
from interpreters.domain.windows import at_place
from interpreters.sql import approvals, clients, usage_entries
from interpreters.sql.outbox import Notice
from interpreters.sql.usage_entries import UsageEntry, UsageFilter

__all__ = [
    "Owing",
    "UsageEntry",
    "UsageFilter",
    "UsageOrder",
    "UsagePage",
    "list_entries",
    "new_entry",
    "record_client_no_show",
    "record_entry",
    "record_late_cancellation",
    "record_session",
]


async def record_session(
    db: Db,
    *,
    network_id: UUID,
    owing: Owing,
    started_at: datetime,
    ended_at: datetime,
    break_minutes: int = 0,
    now: datetime,
) -> Notice | None:
    """Enter a session that was held and return what to tell of it; None if it was entered before.

    It is priced by the tariff of its day. Without one nothing is charged or paid and no rule is
    named; the larger of booked and actual minutes is billable.
    """
    actual = actual_minutes(
        booked_starts_at=owing.booked.starts_at, started_at=started_at, ended_at=ended_at
    )
    owed = await charged(
        db, network_id=network_id, owing=owing, actual_minutes=actual, break_minutes=break_minutes
    )
    entry = new_entry(owing, "session", owed, actual=actual, now=now)
    return await record_entry(
        db, network_id, msgspec.structs.replace(entry, break_minutes=break_minutes)
    )


async def record_client_no_show(
    db: Db, *, network_id: UUID, owing: Owing, now: datetime
) -> Notice | None:
    """Enter a session to which no client came: what was booked is owed, with the way there, for
    the interpreter came; nothing was done.
    """
    owed = await charged(db, network_id=network_id, owing=owing, actual_minutes=0)
    return await record_entry(
        db, network_id, new_entry(owing, "client_no_show", owed, actual=0, now=now)
    )


async def record_late_cancellation(
    db: Db, *, network_id: UUID, owing: Owing, now: datetime
) -> Notice | None:
    """Enter what calling the booking off costs at this instant; None where it costs nothing."""
    found = await calling_off(db, network_id=network_id, owing=owing, at=now)
    fee = found.fee
    if not fee.charge_minor and not fee.pay_minor:
        return None
    return await record_entry(
        db, network_id, new_entry(owing, "late_cancellation", fee, actual=0, now=now)
    )


def new_entry(owing: Owing, kind: str, owed: Charged, *, actual: int, now: datetime) -> UsageEntry:
    """Return an entry of a kind for what is owed."""
    starts_at = owing.booked.starts_at
    return UsageEntry(
        id=new_id(now),
        booking_id=owing.booking_id,
        request_id=owing.request_id,
        kind=kind,
        institution_id=owing.institution_id,
        client_ids=owing.client_ids,
        interpreter_id=owing.interpreter_id,
        language=owing.language,
        mode=owing.mode,
        site_id=owing.site_id,
        topic=owing.topic,
        funding_id=owing.funding_id,
        booked_starts_at=starts_at,
        booked_on=at_place(instant=starts_at, time_zone=owing.network_time_zone).date(),
        booked_minutes=owing.booked.minutes,
        actual_minutes=actual,
        billable_minutes=owed.billable_minutes,
        charge_minor=owed.charge_minor,
        pay_minor=owed.pay_minor,
        currency=owing.currency,
        lines=owed.lines,
        rule=owed.rule,
        recorded_at=now,
    )


async def record_entry(db: Db, network_id: UUID, entry: UsageEntry) -> Notice | None:
    """Write an entry down and return what to tell of it; None if its like was entered before.

    Not told to the interpreter: their feed holds offers and bookings alone.
    """
    entry = await with_shares(db, network_id=network_id, entry=entry)
    if not await usage_entries.insert(db, network_id=network_id, entry=entry):
        return None
    return Notice(
        type="usage.recorded",
        subject_kind="usage_entry",
        subject_id=entry.id,
        request_id=entry.request_id,
        booking_id=entry.booking_id,
        institution_id=entry.institution_id,
        state=entry.kind,
    )


class UsageOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are wanted, and which page of them."""

    wanted: UsageFilter
    before: UUID | None
    limit: int
    updated_since: datetime | None = None
    after_place: int | None = None


class UsagePage(msgspec.Struct, frozen=True, kw_only=True):
    """At most as many entries as asked for, and their clients' references as they are now.

    `following` is where the next page begins, None at the end: an id, or for `updated_since` a
    place in the feed.
    """

    entries: Sequence[UsageEntry]
    references: dict[UUID, str]
    approvals: dict[UUID, ApprovalState]  # by booking, where one was asked for
    following: UUID | int | None


async def list_entries(
    db: Db, caller: Caller, *, order: Callable[[], UsageOrder], now: datetime
) -> UsagePage:
    """Return a page of entries; an institution sees its own.

    The last recorded stands first; for `updated_since` the first told of, so that nothing is
    skipped. Finance sees what is owed and not for whom: no references.

    Raises:
        Forbidden: interpreters have no usage.
    """
    permit(caller, "usage:read", "coordinator", "finance", "consultant", "institution")
    asked = order()
    if asked.updated_since is not None:
        return await _told_since(db, caller, asked, now)
    found = await usage_entries.page(
        db,
        network_id=caller.network_id,
        only=caller.institution_id,
        wanted=asked.wanted,
        before=asked.before,
        limit=asked.limit + 1,
    )
    entries = found[: asked.limit]
    return UsagePage(
        entries=entries,
        references=await _references(db, caller, entries),
        approvals=await _approvals(db, caller, entries),
        following=entries[-1].id if len(found) > asked.limit else None,
    )


async def _told_since(db: Db, caller: Caller, asked: UsageOrder, now: datetime) -> UsagePage:
    """A page may hold fewer entries than were told of: those that are not wanted are left out."""
    told = await changed_subjects(
        db,
        network_id=caller.network_id,
        kind="usage_entry",
        since=asked.updated_since,
        after_place=asked.after_place,
        institution_id=caller.institution_id,
        interpreter_id=None,
        limit=asked.limit + 1,
        now=now,
    )
    shown = told[: asked.limit]
    entries = await usage_entries.among(
        db,
        network_id=caller.network_id,
        only=caller.institution_id,
        wanted=asked.wanted,
        ids=[one.subject_id for one in shown],
    )
    return UsagePage(
        entries=entries,
        references=await _references(db, caller, entries),
        approvals=await _approvals(db, caller, entries),
        following=shown[-1].place if len(told) > asked.limit else None,
    )


async def _references(db: Db, caller: Caller, entries: Sequence[UsageEntry]) -> dict[UUID, str]:
    if caller.role == "finance":
        return {}
    ids = {client_id for entry in entries for client_id in entry.client_ids}
    return await clients.references(db, network_id=caller.network_id, ids=list(ids))


async def _approvals(
    db: Db, caller: Caller, entries: Sequence[UsageEntry]
) -> dict[UUID, ApprovalState]:
    ids = {entry.booking_id for entry in entries}
    return await approvals.states(db, network_id=caller.network_id, booking_ids=list(ids))
