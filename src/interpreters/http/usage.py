"""`/v1/usage/entries`: the ledger, as its readers may see it."""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, TypeAlias
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import usage
from interpreters.application.usage import UsageEntry, UsageFilter, UsageOrder, UsagePage
from interpreters.domain import ids
from interpreters.domain.approvals import ApprovalState
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden
from interpreters.domain.fundings import Share
from interpreters.domain.pricing import Line
from interpreters.domain.tariffs import When
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import ClientId, Id, Instant, InstitutionId, InterpreterId
from interpreters.http.lists import List, ListQuery, read_cursor, write_cursor
from interpreters.http.reading import FieldProblem
from interpreters.http.views import LanguageView, MoneyView

TAG = "Usage"
FIRST: Final = date(1970, 1, 1)
LAST: Final = date(2200, 1, 1)
PLACE_BYTES: Final = 7  # of a place in the feed: a bigint, whatever is sent

PRICED: Final = ("session", "client_no_show")  # what a tariff should have had a rate for

Kind: TypeAlias = Literal["session", "late_cancellation", "client_no_show", "adjustment"]


def _check_day(value: date, _: datetime) -> None:
    if not FIRST <= value <= LAST:
        raise FieldProblem("out-of-range", "Between 1970 and 2200")


Day: TypeAlias = Annotated[
    date, Meta(description="A day in the network's time zone.", extra={"check": _check_day})
]


class EntriesQuery(ListQuery, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Which entries; `from` is included, `to` is not."""

    from_: Day | None = None
    to: Day | None = None
    institution_id: InstitutionId | None = None
    client_id: ClientId | None = None
    interpreter_id: InterpreterId | None = None
    unpriced: bool | None = None
    updated_since: Instant | None = None

    def order(self) -> UsageOrder:
        """Return the order in the application's words."""
        return UsageOrder(
            wanted=UsageFilter(
                from_=self.from_,
                until=self.to,
                institution_id=_read(ids.INSTITUTION, self.institution_id),
                client_id=_read(ids.CLIENT, self.client_id),
                interpreter_id=_read(ids.INTERPRETER, self.interpreter_id),
                unpriced=self.unpriced,
            ),
            before=self.before if self.updated_since is None else None,
            limit=self.size,
            updated_since=self.updated_since,
            after_place=self.after_place,
        )

    @property
    def after_place(self) -> int | None:
        """Where in the feed the page starts, for `updated_since`."""
        if self.updated_since is None or self.cursor is None:
            return None
        return int.from_bytes(read_cursor(self.cursor, PLACE_BYTES), "big")


class LineView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a price: so many minutes, or kilometres; `when` and `percent` of a supplement.

    What does not belong to its kind is left out.
    """

    kind: Literal["base", "supplement", "travel", "replaced", "adjustment", "expense"]
    when: When | None = None
    percent: int | None = None
    minutes: int | None = None
    km: int | None = None
    charge: MoneyView
    pay: MoneyView | None

    @classmethod
    def of(cls, kept: dict[str, Any], currency: str, caller: Caller) -> "LineView":
        """Shape a line as the ledger keeps it."""
        one = msgspec.convert(kept, Line)
        return cls(
            kind=one.kind,
            when=one.when,
            percent=one.percent,
            minutes=one.minutes,
            km=one.km,
            charge=MoneyView(amount_minor=one.charge_minor, currency=currency),
            pay=pay_for(one.pay_minor, currency, caller),
        )


class UsageEntryView(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed for a booking. `pay` is null for institutions; a correction is a new entry.

    `unpriced` has no rule because no tariff had a rate for it: finance looks at those. A
    `funding_misfit` is outside its funding, so that no donor has a share in it.
    """

    id: Id
    booking_id: Id
    request_id: Id
    kind: Kind
    institution_id: Id
    client_references: list[str]
    interpreter_id: Id
    language: LanguageView
    mode: str
    site_id: Id | None
    booked_minutes: int
    actual_minutes: int
    break_minutes: int
    billable_minutes: int
    charge: MoneyView
    pay: MoneyView | None
    lines: list[LineView]
    rule: dict[str, Any] | None
    unpriced: bool
    funding_id: Id | None
    funding_shares: list[Share]
    funding_misfit: bool
    recorded_at: datetime
    corrects_id: Id | None
    reason_code: str | None
    approval: ApprovalState | None

    @classmethod
    def of(cls, one: UsageEntry, found: UsagePage, caller: Caller) -> "UsageEntryView":
        """Shape an entry for its reader."""
        references = found.references
        return cls(
            id=ids.show_id(ids.USAGE_ENTRY, one.id),
            booking_id=ids.show_id(ids.BOOKING, one.booking_id),
            request_id=ids.show_id(ids.REQUEST, one.request_id),
            kind=one.kind,  # type: ignore[arg-type]  # a CHECK holds the kinds
            institution_id=ids.show_id(ids.INSTITUTION, one.institution_id),
            client_references=[
                references[client_id] for client_id in one.client_ids if client_id in references
            ],
            interpreter_id=ids.show_id(ids.INTERPRETER, one.interpreter_id),
            language=LanguageView.of(one.language),
            mode=one.mode,
            site_id=None if one.site_id is None else ids.show_id(ids.SITE, one.site_id),
            booked_minutes=one.booked_minutes,
            actual_minutes=one.actual_minutes,
            break_minutes=one.break_minutes,
            billable_minutes=one.billable_minutes,
            charge=MoneyView(amount_minor=one.charge_minor, currency=one.currency),
            pay=pay_for(one.pay_minor, one.currency, caller),
            lines=[LineView.of(line, one.currency, caller) for line in one.lines],
            rule=seen_by(caller, one.rule),
            unpriced=one.rule is None and one.kind in PRICED,
            funding_id=ids.show_optional(ids.FUNDING, one.funding_id),
            funding_shares=[msgspec.convert(each, Share) for each in one.funding_shares],
            funding_misfit=one.funding_id is not None and not one.funding_shares,
            recorded_at=one.recorded_at,
            corrects_id=ids.show_optional(ids.USAGE_ENTRY, one.corrects_id),
            reason_code=one.reason_code,
            approval=found.approvals.get(one.booking_id),
        )


@door("GET", "/v1/usage/entries", query=EntriesQuery, answer=List[UsageEntryView],
      refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def list_entries(call: NamedDependency[Call]) -> Response[bytes]:
    """Entries of the ledger, the last recorded first; for `updated_since` the first told of."""
    query = call.query(EntriesQuery)
    return await call.ask(
        lambda db, caller: usage.list_entries(
            db, caller, order=lambda: query().order(), now=call.now
        ),
        _page,
    )


def _page(found: UsagePage, caller: Caller) -> Page:
    return Page(
        items=[UsageEntryView.of(one, found, caller) for one in found.entries],
        cursor=_cursor(found.following),
    )


def _cursor(following: UUID | int | None) -> str | None:
    if following is None:
        return None
    if isinstance(following, UUID):
        return write_cursor(following.bytes)
    return write_cursor(following.to_bytes(PLACE_BYTES, "big"))


def _read(prefix: str, text: str | None) -> UUID | None:
    return None if text is None else ids.read_id(prefix, text)


def pay_for(amount_minor: int, currency: str, caller: Caller) -> MoneyView | None:
    """Return what the interpreter is owed; None for institutions."""
    if caller.institution_id is not None:
        return None
    return MoneyView(amount_minor=amount_minor, currency=currency)


def seen_by(caller: Caller, value: Any) -> Any:
    """Return a rule as the caller may see it: institutions without what is paid."""
    return value if caller.institution_id is None else _without_pay(value)


def _without_pay(value: Any) -> Any:
    """Return lines and rules without what concerns the interpreter's side alone."""
    if isinstance(value, dict):
        return {
            name: _without_pay(one) for name, one in value.items() if not name.startswith("pay")
        }
    return [_without_pay(one) for one in value] if isinstance(value, list) else value


ROUTES = (list_entries,)
