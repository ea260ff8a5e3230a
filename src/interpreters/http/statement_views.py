"""Statements as they are answered."""

from datetime import date, datetime
from typing import Any, Literal, TypeAlias

import msgspec

from interpreters.application.statements import Document, Statement
from interpreters.domain import ids
from interpreters.domain.statements import StatementLine, Totals, show_month
from interpreters.http.fields import Id
from interpreters.http.usage import Kind
from interpreters.http.views import LanguageView, MoneyView

Issued: TypeAlias = Literal["issued", "reopened"]


class SiteView(msgspec.Struct, frozen=True, kw_only=True):
    """A site by its name at the time."""

    id: Id
    name: str | None


class StatementLineView(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the ledger; never whose sake it was for or what it was about.

    `date` is by the clock of the place. `amount` is the charge, or of pay statements the pay;
    `lines` are the ledger's, and sum to it.
    """

    entry_id: Id
    booking_id: Id
    date: date
    kind: Kind
    language: LanguageView
    mode: str
    site: SiteView | None
    booked_minutes: int
    actual_minutes: int
    break_minutes: int
    billable_minutes: int
    amount: MoneyView
    lines: list[dict[str, Any]]
    rule: dict[str, Any] | None
    corrects_id: Id | None
    reason_code: str | None
    unpriced: bool
    disputed: bool

    @classmethod
    def of(cls, one: StatementLine) -> "StatementLineView":
        """Shape a line."""
        kind: Any = one.kind
        site = None
        if one.site_id is not None:
            site = SiteView(id=ids.show_id(ids.SITE, one.site_id), name=one.site_name)
        return cls(
            entry_id=ids.show_id(ids.USAGE_ENTRY, one.entry_id),
            booking_id=ids.show_id(ids.BOOKING, one.booking_id),
            date=one.day,
            kind=kind,
            language=LanguageView.of(one.language),
            mode=one.mode,
            site=site,
            booked_minutes=one.booked_minutes,
            actual_minutes=one.actual_minutes,
            break_minutes=one.break_minutes,
            billable_minutes=one.billable_minutes,
            amount=MoneyView(amount_minor=one.amount_minor, currency=one.currency),
            lines=list(one.lines),
            rule=one.rule,
            corrects_id=ids.show_some(ids.USAGE_ENTRY, one.corrects_id),
            reason_code=one.reason_code,
            unpriced=one.unpriced,
            disputed=one.disputed,
        )


class KindTotalView(msgspec.Struct, frozen=True, kw_only=True):
    """The sum of one kind of entries."""

    kind: Kind
    entries: int
    amount: MoneyView


class TotalsView(msgspec.Struct, frozen=True, kw_only=True):
    """Sums of all lines: minutes of sessions and their corrections, money of everything.

    `amounts` are several only where the network changed its currency.
    """

    entries: int
    sessions: int
    booked_minutes: int
    actual_minutes: int
    billable_minutes: int
    amounts: list[MoneyView]
    kinds: list[KindTotalView]

    @classmethod
    def of(cls, one: Totals) -> "TotalsView":
        """Shape totals."""
        return cls(
            entries=one.entries,
            sessions=one.sessions,
            booked_minutes=one.booked_minutes,
            actual_minutes=one.actual_minutes,
            billable_minutes=one.billable_minutes,
            amounts=[
                MoneyView(amount_minor=amount, currency=currency)
                for currency, amount in sorted(one.amounts.items())
            ],
            kinds=[
                KindTotalView(
                    kind=part.kind,  # type: ignore[arg-type]  # a CHECK holds the kinds
                    entries=part.entries,
                    amount=MoneyView(amount_minor=part.amount_minor, currency=part.currency),
                )
                for part in one.kinds
            ],
        )


class StatementView(msgspec.Struct, frozen=True, kw_only=True):
    """A month of one institution, or of one interpreter (`pay-statements`), with its lines.

    A draft has no number; `replaces` is the number of the statement that was opened again.
    """

    institution_id: Id | None
    interpreter_id: Id | None
    month: str
    number: str | None
    state: Literal["draft", "issued"]
    revision: int
    replaces: str | None
    issued_at: datetime | None
    lines: list[StatementLineView]
    totals: TotalsView

    @classmethod
    def of(cls, one: Document) -> "StatementView":
        """Shape a statement."""
        state: Any = one.state
        charge = one.party.side == "charge"
        return cls(
            institution_id=ids.show_id(ids.INSTITUTION, one.party.id) if charge else None,
            interpreter_id=None if charge else ids.show_id(ids.INTERPRETER, one.party.id),
            month=show_month(one.month),
            number=one.number,
            state=state,
            revision=one.revision,
            replaces=one.replaces,
            issued_at=None if one.statement is None else one.statement.issued_at,
            lines=[StatementLineView.of(line) for line in one.lines],
            totals=TotalsView.of(one.totals),
        )


class StatementItem(msgspec.Struct, frozen=True, kw_only=True):
    """A statement in a list. `reopened` ones are replaced; why is told to who looks after it."""

    id: Id
    institution_id: Id | None
    interpreter_id: Id | None
    month: str
    number: str
    state: Issued
    revision: int
    issued_at: datetime
    reopened_at: datetime | None
    reason: str | None
    totals: TotalsView

    @classmethod
    def of(cls, one: Statement, *, inside: bool) -> "StatementItem":
        """Shape a statement; `inside` is who looks after the network."""
        state: Any = one.state
        return cls(
            id=ids.show_id(ids.STATEMENT, one.id),
            institution_id=ids.show_some(ids.INSTITUTION, one.institution_id),
            interpreter_id=ids.show_some(ids.INTERPRETER, one.interpreter_id),
            month=show_month(one.month),
            number=one.number,
            state=state,
            revision=one.revision,
            issued_at=one.issued_at,
            reopened_at=one.reopened_at,
            reason=one.reason if inside else None,
            totals=TotalsView.of(one.frozen.totals),
        )
