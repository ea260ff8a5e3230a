"""`/v1/reports/fairness`: how the work of four weeks was shared, by each hour available."""

from datetime import date

import msgspec
from litestar import Response
from litestar.di import NamedDependency

from interpreters.application import fairness
from interpreters.application.fairness import FairnessReport, Hours
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden
from interpreters.http.booking_views import InterpreterView
from interpreters.http.doors import Call, door
from interpreters.http.fields import In
from interpreters.http.usage import Day

TAG = "Reports"


class FairnessQuery(In, frozen=True, kw_only=True):
    """The day after the last one, by the network's clock: today, if none is named."""

    to: Day | None = None


class HoursView(msgspec.Struct, frozen=True, kw_only=True):
    """One interpreter's hours. `share` is hours worked for each hour available."""

    interpreter: InterpreterView
    available_hours: float
    offered_hours: float
    worked_hours: float
    share: float | None

    @classmethod
    def of(cls, one: Hours) -> "HoursView":
        """Shape somebody's hours."""
        there = one.available_minutes
        return cls(
            interpreter=InterpreterView(
                id=ids.show_id(ids.INTERPRETER, one.interpreter_id), display_name=one.display_name
            ),
            available_hours=round(there / 60, 2),
            offered_hours=round(one.offered_minutes / 60, 2),
            worked_hours=round(one.worked_minutes / 60, 2),
            share=None if there <= 0 else round(one.worked_minutes / there, 4),
        )


class FairnessView(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """The hours of 28 days, `to` not included: who worked most first.

    `gini_offered` and `gini_worked` say how unequal hours for each hour available are: 0 all the
    same, towards 1 one has everything. `without_any` were available and worked nothing.
    """

    from_: date
    to: date
    gini_offered: float | None
    gini_worked: float | None
    without_any: int
    interpreters: list[HoursView]

    @classmethod
    def of(cls, one: FairnessReport, _: Caller) -> "FairnessView":
        """Shape the report."""
        return cls(
            from_=one.from_,
            to=one.until,
            gini_offered=one.gini_offered,
            gini_worked=one.gini_worked,
            without_any=one.without_any,
            interpreters=[HoursView.of(each) for each in one.people],
        )


@door("GET", "/v1/reports/fairness", query=FairnessQuery, answer=FairnessView,
      refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def report_fairness(call: NamedDependency[Call]) -> Response[bytes]:
    """How the work of four weeks was shared: offered and worked for each hour available."""
    query = call.query(FairnessQuery)
    return await call.ask(
        lambda db, caller: fairness.report_fairness(
            db, caller, until=lambda: query().to, now=call.now
        ),
        FairnessView.of,
    )


ROUTES = (report_fairness,)
