"""`/v1/reports/service`: how well people were served."""

from datetime import date
from typing import Any, Final

import msgspec
from litestar import Response
from litestar.di import NamedDependency

from interpreters.application.service_reports import (
    Fairness,
    ServiceQuestion,
    ServiceReport,
    report_service,
)
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, Invalid, NotFound
from interpreters.domain.service_levels import Outcomes, Rate, honest_rate, rate, success_rate
from interpreters.http.doors import Call, door
from interpreters.http.fields import Id, In, InstitutionId
from interpreters.http.usage import Day

TAG: Final = "Reports"
MOST_DAYS: Final = 3653


class ServiceQuery(In, frozen=True, kw_only=True, rename={"from_": "from"}):
    """`from` is included, `to` is not; an institution's, or the whole network's."""

    from_: Day
    to: Day
    institution_id: InstitutionId | None = None

    def question(self) -> ServiceQuestion:
        """Return the question in the application's words.

        Raises:
            Invalid: `to` is not after `from`, or more than ten years.
        """
        if not 0 < (self.to - self.from_).days <= MOST_DAYS:
            detail = "After `from`, at most 10 years"
            raise Invalid([FieldError(pointer="/to", code="out-of-range", detail=detail)])
        return ServiceQuestion(
            from_=self.from_,
            until=self.to,
            institution_id=ids.read_optional(ids.INSTITUTION, self.institution_id),
        )


class RatesView(msgspec.Struct, frozen=True, kw_only=True):
    """Two rates of the same requests, each with what it divides by what."""

    ministry_of_justice_success: Rate
    served: Rate


class TimesView(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes from the request to the first interpreter who was promised.

    Who never had an answer waited to the end (called off, given up, the session's end, now) and
    counts so long as still waiting (Kaplan-Meier); null: so many never had an answer.
    """

    answered: int
    unanswered: int
    p50_minutes: int | None
    p90_minutes: int | None


class OffersView(msgspec.Struct, frozen=True, kw_only=True):
    """Offers made for these requests; `too_late`: who would have come when it was taken."""

    offers: int
    accepted: int
    declined: int
    expired: int
    too_late: int
    offers_per_booking: float | None


class BookingsView(msgspec.Struct, frozen=True, kw_only=True):
    """Bookings of these days, and who did not come or gave back, `late` by the network's hours."""

    bookings: int
    client_no_shows: int
    interpreter_no_shows: int
    given_back: int
    given_back_late: int


class ShareView(msgspec.Struct, frozen=True, kw_only=True):
    interpreter_id: Id
    display_name: str
    hours: float
    hours_per_available_hour: float


class FairnessView(msgspec.Struct, frozen=True, kw_only=True):
    """How work is shared among active interpreters, those with none counted too."""

    interpreters: int
    with_nothing: int
    nobody_left_out: Rate
    median_hours_per_available_hour: float | None
    gini: float | None
    shares: list[ShareView]

    @classmethod
    def of(cls, one: Fairness) -> "FairnessView":
        """Shape how work is shared."""
        people = len(one.shares)
        return cls(
            interpreters=people,
            with_nothing=one.with_nothing,
            nobody_left_out=rate(
                part=people - one.with_nothing, whole=people,
                counts="interpreters who had a session / active interpreters",
            ),
            median_hours_per_available_hour=one.median_share,
            gini=one.gini,
            shares=[
                ShareView(
                    interpreter_id=ids.show_id(ids.INTERPRETER, share.interpreter_id),
                    display_name=share.display_name,
                    hours=round(share.minutes / 60, 2),
                    hours_per_available_hour=round(value, 4),
                )
                for share, value in one.shares
            ],
        )  # fmt: skip


class ServiceReportView(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Raw counts first. `fairness` is null for institutions, and of one institution alone."""

    from_: date
    to: date
    institution_id: Id | None
    outcomes: Outcomes
    unfilled_by_reason: dict[str, int]
    rates: RatesView
    time_to_answer: TimesView
    bookings: BookingsView
    offers: OffersView | None
    fairness: FairnessView | None

    @classmethod
    def of(cls, one: ServiceReport, caller: Caller) -> "ServiceReportView":
        """Shape a report for its reader: how many were asked is the coordinators' business."""
        inside = caller.institution_id is None
        return cls(
            from_=one.question.from_,
            to=one.question.until,
            institution_id=ids.show_optional(
                ids.INSTITUTION, one.question.institution_id or caller.institution_id
            ),
            outcomes=one.outcomes,
            unfilled_by_reason=one.unfilled_by_reason,
            rates=RatesView(
                ministry_of_justice_success=success_rate(one.outcomes),
                served=honest_rate(one.outcomes),
            ),
            time_to_answer=TimesView(
                answered=one.answered,
                unanswered=one.unanswered,
                p50_minutes=one.p50_minutes,
                p90_minutes=one.p90_minutes,
            ),
            bookings=BookingsView(**one.bookings),
            offers=_offers(one) if inside else None,
            fairness=FairnessView.of(one.fairness) if inside and one.fairness else None,
        )


@door("GET", "/v1/reports/service", query=ServiceQuery, answer=ServiceReportView,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def show_service(call: NamedDependency[Call]) -> Response[bytes]:
    """What requests came to, how long people waited, and how the work was shared."""
    query = call.query(ServiceQuery)
    return await call.ask(
        lambda db, caller: report_service(
            db, caller, question=lambda: query().question(), now=call.now
        ),
        ServiceReportView.of,
    )


def _offers(one: ServiceReport) -> OffersView:
    made: dict[str, Any] = one.offers
    booked = one.bookings["bookings"]
    return OffersView(
        **made, offers_per_booking=round(made["offers"] / booked, 2) if booked else None
    )


ROUTES = (show_service,)
