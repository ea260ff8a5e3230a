"""`/v1/disputes`, and how one is opened: what a side says is wrong with a booking."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, TypeAlias

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import disputes
from interpreters.application.disputes import (
    Adjustment,
    Decision,
    Dispute,
    DisputeFilter,
    Times,
)
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.approvals import AlreadyDisputed, DisputeState, Outcome, Party
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, NotFound, WrongState
from interpreters.http.approvals import TimesIn
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import BookingId, In, Text
from interpreters.http.lists import List, ListQuery, page_of

TAG = "Disputes"
MinutesMore: TypeAlias = Annotated[int, Meta(ge=-10_080, le=10_080, description="Whole minutes.")]
MoneyMore: TypeAlias = Annotated[
    int, Meta(ge=-1_000_000_000, le=1_000_000_000, description="Minor units; below 0: less.")
]
ReasonCode: TypeAlias = Annotated[
    str, Meta(pattern="^[a-z][a-z0-9-]{0,49}$(?!\\n)", description="Such as `agreed-discount`.")
]


class DisputeIn(In, frozen=True, kw_only=True):
    """What is wrong."""

    reason: Text


class AdjustmentIn(In, frozen=True, kw_only=True):
    """So much more (below 0: less) of what was entered; at least one of them is not 0."""

    minutes: MinutesMore = 0
    charge_minor: MoneyMore = 0
    pay_minor: MoneyMore = 0
    reason_code: ReasonCode

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """Changes something."""
        if not any(value.get(name) for name in ("minutes", "charge_minor", "pay_minor")):
            detail = "How many minutes, or how much money, more or less"
            yield FieldError(pointer=f"{pointer}/charge_minor", code="required", detail=detail)


class CorrectionIn(In, frozen=True, kw_only=True):
    """What is put right: other times, or an adjustment; one of both."""

    times: TimesIn | None = None
    adjustment: AdjustmentIn | None = None

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """One of both."""
        given = [name for name in ("times", "adjustment") if value.get(name) is not None]
        if not given:
            detail = "Other times, or an adjustment"
            yield FieldError(pointer=f"{pointer}/times", code="required", detail=detail)
        if len(given) > 1:
            detail = "Either other times or an adjustment"
            yield FieldError(pointer=f"{pointer}/adjustment", code="conflicting", detail=detail)


class AnswerIn(In, frozen=True, kw_only=True):
    """The answer, who is right, and what is put right."""

    answer: Text
    outcome: Outcome
    correction: CorrectionIn | None = None

    def decision(self) -> Decision:
        """Return the decision in the application's words."""
        return Decision(answer=self.answer, outcome=self.outcome, correction=self._correction())

    def _correction(self) -> Times | Adjustment | None:
        if self.correction is None:
            return None
        if self.correction.times is not None:
            return self.correction.times.times()
        assert self.correction.adjustment is not None  # one of both
        return Adjustment(**msgspec.structs.asdict(self.correction.adjustment))


class DisputeQuery(ListQuery, frozen=True, kw_only=True):
    """Which disputes."""

    state: DisputeState | None = None
    booking_id: BookingId | None = None

    def wanted(self) -> DisputeFilter:
        """Return the filter in the application's words."""
        return DisputeFilter(
            state=self.state, booking_id=ids.read_optional(ids.BOOKING, self.booking_id)
        )


class DisputeView(msgspec.Struct, frozen=True, kw_only=True):
    """A dispute; `reason` and `answer` are null once they were forgotten."""

    id: str
    booking_id: str
    institution_id: str
    interpreter_id: str
    opened_by: Party
    reason: str | None
    state: DisputeState
    answer: str | None
    outcome: Outcome | None
    created_at: datetime
    closed_at: datetime | None
    version: int

    @classmethod
    def of(cls, one: Dispute) -> "DisputeView":
        """Shape a dispute."""
        return cls(
            id=ids.show_id(ids.DISPUTE, one.id),
            booking_id=ids.show_id(ids.BOOKING, one.booking_id),
            institution_id=ids.show_id(ids.INSTITUTION, one.institution_id),
            interpreter_id=ids.show_id(ids.INTERPRETER, one.interpreter_id),
            opened_by=one.opened_by,
            reason=one.reason,
            state=one.state,
            answer=one.answer,
            outcome=one.outcome,
            created_at=one.created_at,
            closed_at=one.closed_at,
            version=one.version,
        )


@door("POST", "/v1/bookings/{id:str}/dispute", body=DisputeIn, answer=DisputeView,
      refusals=(Forbidden, NotFound, WrongState, AlreadyDisputed), tag=TAG)  # fmt: skip
async def dispute_booking(call: NamedDependency[Call]) -> Response[bytes]:
    """Say what is wrong with a booking that is over; while yours is open, it is answered again."""
    body = call.body(DisputeIn)
    return await call.once(
        lambda db, caller: disputes.open_dispute(
            db,
            caller,
            booking_id=call.id(ids.BOOKING),
            reason=lambda: body().reason,
            now=call.now,
        ),
        lambda one, _: DisputeView.of(one),
    )


@door("GET", "/v1/disputes", query=DisputeQuery, answer=List[DisputeView],
      refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def list_disputes(call: NamedDependency[Call]) -> Response[bytes]:
    """Disputes, newest first; for institutions and interpreters those they opened."""
    query = call.query(DisputeQuery)

    async def work(db: Db, caller: Caller) -> Page:
        found = await disputes.list_disputes(
            db, caller, wanted=lambda: query().wanted(), page=lambda: query().slice
        )
        return page_of(found, query(), DisputeView.of)

    return await call.ask(work, lambda page, _: page)


@door("GET", "/v1/disputes/{id:str}", answer=DisputeView, refusals=(Forbidden, NotFound), tag=TAG)
async def show_dispute(call: NamedDependency[Call]) -> Response[bytes]:
    """One dispute."""
    return await call.ask(
        lambda db, caller: disputes.show_dispute(db, caller, dispute_id=call.id(ids.DISPUTE)),
        lambda one, _: DisputeView.of(one),
    )


@door("POST", "/v1/disputes/{id:str}/answer", body=AnswerIn, answer=DisputeView,
      refusals=(Forbidden, NotFound, WrongState), tag=TAG)  # fmt: skip
async def answer_dispute(call: NamedDependency[Call]) -> Response[bytes]:
    """Answer a dispute, put right what was wrong, and close it."""
    body = call.body(AnswerIn)
    return await call.once(
        lambda db, caller: disputes.answer_dispute(
            db,
            caller,
            dispute_id=call.id(ids.DISPUTE),
            decision=lambda: body().decision(),
            now=call.now,
        ),
        lambda one, _: DisputeView.of(one),
    )


ROUTES = (dispute_booking, list_disputes, show_dispute, answer_dispute)
