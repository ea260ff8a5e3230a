"""What `months` prints: tables for people, JSON as the API answers it."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from interpreters.application.statement_issuing import Closed
from interpreters.application.statement_months import Standing
from interpreters.application.statements import Document
from interpreters.application.tables import decimal_of
from interpreters.domain.ids import INSTITUTION, INTERPRETER, show_id
from interpreters.domain.languages import describe
from interpreters.domain.statements import Side, Totals, show_month
from interpreters.http.statement_views import StatementItem, StatementView, TotalsView

PREFIX: Final[dict[Side, str]] = {"charge": INSTITUTION, "pay": INTERPRETER}
WIDE: Final = 200  # columns; a narrower terminal wraps lines, but no amount and no id is ever cut
COUNTED: Final = "Minutes of the sums: sessions and corrections. Money: everything."


class StandingView(msgspec.Struct, frozen=True, kw_only=True):
    """How one statement of the month stands; `side` says whether it is owed by or to them."""

    side: Side
    id: str
    name: str
    month: str
    state: Literal["draft", "issued", "reopened"]
    number: str | None
    revision: int
    unpriced: int
    disputed: int
    open_sessions: int
    totals: TotalsView

    @classmethod
    def of(cls, one: Standing) -> "StandingView":
        """Shape it."""
        return cls(
            side=one.party.side,
            id=show_id(PREFIX[one.party.side], one.party.id),
            name=one.party.name,
            month=show_month(one.month),
            state=one.state,
            number=one.number,
            revision=one.revision,
            unpriced=one.unpriced,
            disputed=one.disputed,
            open_sessions=one.open_sessions,
            totals=TotalsView.of(one.totals),
        )


def print_months(found: Mapping[Side, Sequence[Standing]], *, month: date, as_json: bool) -> None:
    """Print a table of each side, with the sums of all its statements."""
    if as_json:
        views = [StandingView.of(one) for side in found.values() for one in side]
        _json({"month": show_month(month), "statements": views})
        return
    for side, standings in found.items():
        table = Table(
            *("owed by" if side == "charge" else "owed to", "month", "state", "number"),
            *("sessions", "billed\nmin", "amount", "no\nprice", "disputed", "not\nended"),
            title=f"{show_month(month)}: {len(standings)} statements",
            caption=COUNTED,
        )
        for one in standings:
            table.add_row(
                f"{escape(one.party.name)}\n{show_id(PREFIX[side], one.party.id)}",
                show_month(one.month), one.state, one.number or "", str(one.totals.sessions),
                str(one.totals.billable_minutes), _amounts([one.totals]), _some(one.unpriced),
                _some(one.disputed), _some(one.open_sessions),
            )  # fmt: skip
        table.add_section()
        totals = [one.totals for one in standings]
        table.add_row(
            *("all", "", "", ""), str(sum(one.sessions for one in totals)),
            str(sum(one.billable_minutes for one in totals)), _amounts(totals),
            _some(sum(one.unpriced for one in standings)),
            _some(sum(one.disputed for one in standings)),
            _some(sum(one.open_sessions for one in standings)),
        )  # fmt: skip
        _show(table)


def print_closed(closed: Sequence[Closed], *, as_json: bool) -> None:
    """Print what closing issued, and who waits."""
    if as_json:
        _json([_closed(one) for one in closed])
        return
    for one in closed:
        who = "institutions" if one.side == "charge" else "interpreters"
        amounts = _amounts([made.frozen.totals for made in one.issued]) or "nothing"
        sys.stdout.write(
            f"{show_month(one.month)}, {who}: {len(one.issued)} statements issued, {amounts}\n"
        )
        for party_id in one.waiting:
            named = show_id(PREFIX[one.side], party_id)
            sys.stdout.write(f"waits, its sessions have not ended: {named}\n")


def print_document(found: Document, *, as_json: bool) -> None:
    """Print one statement with its lines."""
    if as_json:
        _json(StatementView.of(found))
        return
    table = Table(
        *("day", "kind", "language", "mode", "booked", "actual", "billed", "amount", ""),
        title=f"{escape(found.party.name)}, {show_month(found.month)}: {found.number or 'draft'}",
        caption=COUNTED,
    )
    for one in found.lines:
        noted = ["no price"] * one.unpriced + ["disputed"] * one.disputed
        table.add_row(
            one.day.isoformat(), one.kind, describe(one.language).name, one.mode,
            str(one.booked_minutes), str(one.actual_minutes), str(one.billable_minutes),
            f"{decimal_of(one.amount_minor, one.currency)} {one.currency}", ", ".join(noted),
        )  # fmt: skip
    table.add_section()
    sums = found.totals
    table.add_row(
        *("all", "", "", ""), str(sums.booked_minutes), str(sums.actual_minutes),
        str(sums.billable_minutes), _amounts([sums]), "",
    )  # fmt: skip
    _show(table)


def _closed(one: Closed) -> dict[str, Any]:
    return {
        "month": show_month(one.month),
        "side": one.side,
        "issued": [StatementItem.of(made, inside=True) for made in one.issued],
        "waiting": [show_id(PREFIX[one.side], party) for party in one.waiting],
        "left": one.left,
    }


def _amounts(totals: Iterable[Totals]) -> str:
    sums: dict[str, int] = {}
    for one in totals:
        for currency, amount in one.amounts.items():
            sums[currency] = sums.get(currency, 0) + amount
    return ", ".join(f"{decimal_of(sums[one], one)} {one}" for one in sorted(sums))


def _some(count: int) -> str:
    return str(count) if count else ""


def _show(table: Table) -> None:
    console = Console()
    console.width = max(console.width, WIDE)
    console.print(table, soft_wrap=True)


def _json(value: Any) -> None:
    text = msgspec.json.format(msgspec.json.encode(value), indent=2)
    sys.stdout.write(f"{text.decode()}\n")
